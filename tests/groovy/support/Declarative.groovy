/** A declarative pipeline, as far as the examples use it: sections, stages one after the other and in parallel. */
class Declarative {

    private final Pipeline pipeline
    /** Of the `environment` of a pipeline or stage. */
    private final Map<String, String> variables = [:]
    private final Map<String, Closure> afterwards = [:]
    private Closure work = { }
    /** The agent's label is of no interest here. */
    final Object any = 'any'
    final Object none = 'none'

    Declarative(Pipeline pipeline) {
        this.pipeline = pipeline
    }

    /** Reads a section and then does what it says. */
    Object run(Closure definition) {
        read(definition)
        return pipeline.withEnv(variables.collect { name, value -> "${name}=${value}" }) {
            boolean succeeded = false
            try {
                work()
                succeeded = true
            } finally {
                ['always', succeeded ? 'success' : 'failure', 'cleanup'].each { afterwards[it]?.call() }
            }
        }
    }

    private void read(Closure definition) {
        definition.delegate = this
        definition.resolveStrategy = Closure.DELEGATE_FIRST
        definition.call()
    }

    void agent(Object where) { }

    void options(Closure ignored) { }

    void environment(Closure assignments) {
        assignments.delegate = new Assignments(variables)
        assignments.resolveStrategy = Closure.DELEGATE_ONLY
        assignments.call()
    }

    void stages(Closure definition) {
        List<Closure> stages = stagesIn(definition).values() as List
        work = { stages.each { it.call() } }
    }

    void parallel(Closure definition) {
        Map<String, Closure> stages = stagesIn(definition)
        work = { pipeline.parallel(stages) }
    }

    void steps(Closure body) {
        work = body
    }

    void post(Closure definition) {
        definition.delegate = new Expando(['always', 'success', 'failure', 'cleanup'].collectEntries { name ->
            [(name): { Closure body -> afterwards[name] = body }]
        })
        definition.resolveStrategy = Closure.DELEGATE_FIRST
        definition.call()
    }

    private Map<String, Closure> stagesIn(Closure definition) {
        Map<String, Closure> stages = [:]
        definition.delegate = new Stages(pipeline, stages)
        definition.resolveStrategy = Closure.DELEGATE_FIRST
        definition.call()
        return stages
    }

    /** `stage('Name') { … }`; all else is for whoever is around it. */
    static class Stages {

        private final Pipeline pipeline
        private final Map<String, Closure> stages

        Stages(Pipeline pipeline, Map<String, Closure> stages) {
            this.pipeline = pipeline
            this.stages = stages
        }

        void stage(String name, Closure body) {
            stages[name] = { new Declarative(pipeline).run(body) }
        }

    }

    /** `NAME = 'value'`, which may have an earlier one in it. */
    static class Assignments {

        private final Map<String, String> variables

        Assignments(Map<String, String> variables) {
            this.variables = variables
        }

        Object getProperty(String name) {
            return variables[name]
        }

        void setProperty(String name, Object value) {
            variables[name] = value.toString()
        }

    }

}
