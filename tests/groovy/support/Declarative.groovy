/** The part of declarative pipelines that the pages use: sections, and sequential and parallel stages. */
class Declarative {

    private final Pipeline pipeline
    /** From the section `environment` of the pipeline or stage. */
    private final Map<String, String> variables = [:]
    /** From the section `post`, by condition. */
    private final Map<String, Closure> postActions = [:]
    private Closure work = { }
    /** Values of the section `agent`, which is ignored. */
    final Object any = 'any'
    final Object none = 'none'

    Declarative(Pipeline pipeline) {
        this.pipeline = pipeline
    }

    /** Reads the definition of a pipeline or stage, and then runs it. */
    Object run(Closure definition) {
        read(definition)
        return pipeline.withEnv(variables.collect { name, value -> "${name}=${value}" }) {
            boolean succeeded = false
            try {
                work()
                succeeded = true
            } finally {
                ['always', succeeded ? 'success' : 'failure', 'cleanup'].each { postActions[it]?.call() }
            }
        }
    }

    private void read(Closure definition) {
        definition.delegate = this
        definition.resolveStrategy = Closure.DELEGATE_FIRST
        definition.call()
    }

    void agent(Object ignored) { }

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
            [(name): { Closure body -> postActions[name] = body }]
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

    /** Collects the stages of `stage('Name') { … }`. */
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

    /** Collects variables of the form `NAME = 'value'`. A value can refer to earlier variables. */
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
