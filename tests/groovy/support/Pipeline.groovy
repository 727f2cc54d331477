import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * Test doubles of the Pipeline steps. `sh` is real: it runs `sh -xe` as a Jenkins agent does, and the compiled program.
 */
class Pipeline extends Build {

    /** What `withCredentials` binds, by the ID of the credential. */
    final Map<String, Map<String, String>> credentials = [:]
    boolean hasMaskPasswords = true
    /** A broken plugin that accepts an empty list. */
    boolean maskPasswordsFailsWithValues = false
    /** The `PATH` in containers, which has nothing of the agent's. */
    String imagePath = '/usr/bin:/bin'
    /** What evaluates a script with a `#!` line, or null for what that line says. */
    List<String> shell
    /** The scripts of `sh` that run now, and those that were aborted. */
    private final Set<Process> running = Collections.synchronizedSet([] as Set)
    private final Set<Process> aborted = Collections.synchronizedSet([] as Set)
    /** Runs before a directory is removed. A test can throw from it. */
    Closure onDeleteDir
    /** An exception that a test lets its script throw. */
    Exception bodyException
    /** Where the tools are installed, by name. */
    final Map<String, String> tools = [:]
    /** The variable `scm` of a job whose Jenkinsfile comes from a repository. */
    final Object scm = 'scm'

    /** Creates an agent that has these variables in its environment, and a workspace of its own. */
    Pipeline(Map<String, String> variables = [:], String workspace = 'workspace') {
        super(variables, workspace)
    }

    /** Aborts the build, as Jenkins does: TERM ends the processes of a script first, and then the script. */
    void abort() {
        for (process in running.toList()) {
            aborted << process
            long script = process.pid()
            terminate(childrenOf(script))
            while (childrenOf(script)) {
                Thread.onSpinWait()
            }
            terminate([script])
        }
    }

    private static void terminate(List<Long> processes) {
        (['sh', '-c', 'kill -TERM "$@"', 'sh'] + processes*.toString()).execute().waitFor()
    }

    private static List<Long> childrenOf(long parent) {
        try {
            return new File("/proc/${parent}/task/${parent}/children").text.tokenize()*.toLong()
        } catch (IOException ended) {
            return []
        }
    }

    // The step under test.

    Object withGenesysToken(Object... arguments) {
        return step.invokeMethod('call', arguments == null ? [null] as Object[] : arguments)
    }

    // The Pipeline steps that the step and the pages use.

    Object getEnv() {
        StepContext here = context
        return new Expando() {

            @Override
            Object getProperty(String name) {
                return here.env[name]
            }

        }
    }

    void echo(String text) {
        record('echo', text)
        writeToConsole("${text}\n")
    }

    void error(String text) {
        record('error', text)
        throw new AbortException(text)
    }

    Object sh(String text) {
        return sh(script: text)
    }

    Object sh(Map arguments) {
        record('sh', arguments)
        File file = new File(home, "script-${UUID.randomUUID()}.sh")
        file.text = arguments.script
        file.setExecutable(true, true)
        // A `#!` line is evaluated here. The kernel refuses to execute a file that is still open for writing, and a
        // process that another branch is starting may have inherited this file open.
        List<String> command = arguments.script.startsWith('#!') ?
            shell ?: arguments.script.readLines().first().substring(2).tokenize() : ['sh', '-xe']
        ProcessBuilder builder = new ProcessBuilder(command + file.path).directory(context.directory)
        builder.environment().clear()
        builder.environment().putAll(context.env - context.hidden)
        builder.redirectErrorStream(!arguments.returnStdout)
        Process process = builder.start()
        running << process
        process.outputStream.close()
        StringBuffer out = new StringBuffer()
        StringBuffer err = new StringBuffer()
        process.waitForProcessOutput(out, err)
        running.remove(process)
        file.delete()
        writeToConsole(arguments.returnStdout ? err.toString() : out.toString())
        return resultOf(arguments, process.exitValue(), out.toString()) { aborted.remove(process) }
    }

    /** What a script comes to. As in Jenkins, one that exits with 0 after an abort hides it. */
    protected static Object resultOf(Map arguments, int code, String printed, Closure<Boolean> wasAborted) {
        boolean failed = code != 0
        if (failed && wasAborted()) {
            throw new FlowInterruptedException("script returned exit code ${code}")
        }
        if (failed && !arguments.returnStatus) {
            throw new AbortException("script returned exit code ${code}")
        }
        return arguments.returnStdout ? printed : arguments.returnStatus ? code : null
    }

    Object withEnv(List variables, Closure body) {
        record('withEnv', variables)
        Map<String, String> env = context.env
        for (variable in variables*.toString()) {
            def (String name, String value) = variable.split('=', 2) as List
            // `PATH+ANYTHING` prepends to PATH.
            env += name.startsWith('PATH+') ? [PATH: "${value}${pathSeparator}${env.PATH}".toString()] : [(name): value]
        }
        // `NAME=` unsets NAME.
        StepContext inner = context.copy()
        inner.env = env.findAll { it.value }
        return runIn(inner, body)
    }

    Map usernamePassword(Map arguments) {
        return arguments + [type: 'Username with password']
    }

    Map string(Map arguments) {
        return arguments + [type: 'Secret text']
    }

    Object withCredentials(List bindings, Closure body) {
        record('withCredentials', bindings)
        StepContext inner = context.copy()
        for (binding in bindings) {
            String id = binding.credentialsId
            Map credential = credentials[id]
            if (credential == null) {
                throw new AbortException("Could not find credentials entry with ID '${id}'")
            }
            if (credential.type != binding.type) {
                throw new AbortException("Credentials '${id}' is of type '${credential.type}' where " +
                    "'${binding.type}' was expected")
            }
            inner.env += binding.variable ? [(binding.variable): credential.secret] :
                [(binding.usernameVariable): credential.username, (binding.passwordVariable): credential.secret]
            inner.masked += credential.secret
        }
        return runIn(inner, body)
    }

    Object dir(String path, Closure body) {
        record('dir', path)
        StepContext inner = context.copy()
        inner.directory = file(path)
        return runIn(inner, body)
    }

    void deleteDir() {
        record('deleteDir', [])
        onDeleteDir?.call()
        Trees.delete(context.directory)
    }

    String readFile(Map arguments) {
        record('readFile', arguments)
        return file(arguments.file).getText('UTF-8')
    }

    Object wrap(Map arguments, Closure body) {
        record('wrap', arguments)
        if (!hasMaskPasswords || maskPasswordsFailsWithValues && arguments.varPasswordPairs) {
            // Jenkins' own message, which quotes all arguments.
            throw new IllegalArgumentException("Could not instantiate ${arguments} for CoreWrapperStep")
        }
        StepContext inner = context.copy()
        inner.masked += arguments.varPasswordPairs*.password
        return runIn(inner, body)
    }

    Object parallel(Map branches) {
        StepContext here = context
        List<Throwable> failures = Collections.synchronizedList([])
        branches.findAll { it.key != 'failFast' }.collect { name, branch ->
            Thread.start {
                try {
                    runIn(here, branch)
                } catch (Throwable failure) {
                    failures << failure
                }
            }
        }*.join()
        if (failures) {
            throw failures.first()
        }
        return null
    }

    Object stage(String name, Closure body) {
        return body.call()
    }

    Object node(String label = null, Closure body) {
        StepContext agent = agents[label]
        if (!agent) {
            return body.call()
        }
        // Variables of the steps around it are inherited, those of the agent are not.
        List<String> ofAgent = ['HOME', 'WORKSPACE', 'WORKSPACE_TMP']
        StepContext inner = context.copy(agent.env.subMap(ofAgent))
        inner.directory = agent.directory
        return runIn(inner, body)
    }

    Object script(Closure body) {
        return body.call()
    }

    void checkout(Object source) {
        record('checkout', source)
    }

    void properties(List properties) {
        record('properties', properties)
    }

    Object disableConcurrentBuilds() {
        return 'disableConcurrentBuilds'
    }

    // Steps of the plugins custom-tools-plugin, docker-workflow and http_request.

    String tool(String name) {
        record('tool', name)
        return tools[name]
    }

    Object getDocker() {
        return new Expando(image: { String name -> new Expando(inside: { Closure body -> insideImage(body) }) })
    }

    private Object insideImage(Closure body) {
        StepContext inner = context.copy(PATH: imagePath, HOME: '/')
        // The plugin takes away what the agent has in its own environment, as that of Kubernetes does.
        inner.hidden = agentContext.env.findAll { name, value -> name.startsWith('GENESYS_TOKEN_HELPER_') }
        // The plugin writes the whole environment into the command line of `docker exec`, which every user can read.
        record('docker exec', inner.env)
        return runIn(inner, body)
    }

    void httpRequest(Map arguments) {
        record('httpRequest', arguments)
        // The plugin prints less.
        writeToConsole("${arguments}\n")
        HttpURLConnection connection = (HttpURLConnection) new URL(arguments.url.toString()).openConnection()
        arguments.customHeaders.each { connection.setRequestProperty(it.name, it.value.toString()) }
        if (connection.responseCode != 200) {
            throw new AbortException("Fail: status code ${connection.responseCode}")
        }
    }

    // Declarative pipelines.

    Object pipeline(Closure definition) {
        return new Declarative(this).run(definition)
    }

}
