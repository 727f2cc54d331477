package org.jenkinsci.plugins.workflow.steps

/** Jenkins' own name for an aborted build. */
class FlowInterruptedException extends InterruptedException {

    FlowInterruptedException(String message) {
        super(message)
    }

}
