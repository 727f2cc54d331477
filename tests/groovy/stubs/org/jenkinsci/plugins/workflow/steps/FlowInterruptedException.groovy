package org.jenkinsci.plugins.workflow.steps

/** Stands in for the exception that Jenkins throws when a build is aborted. */
class FlowInterruptedException extends InterruptedException {

    FlowInterruptedException(String message) {
        super(message)
    }

}
