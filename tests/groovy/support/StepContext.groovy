/** What a step runs in. The steps around it set it, and each parallel branch has its own. */
class StepContext {

    Map<String, String> env
    File directory
    List<String> masked = []
    /** The variables that `env` shows and `sh` does not get. */
    Map<String, String> hidden = [:]

    /** A copy for the steps inside another one. */
    StepContext copy(Map<String, String> variables = [:]) {
        return new StepContext(env: env + variables, directory: directory, masked: masked, hidden: hidden)
    }

}
