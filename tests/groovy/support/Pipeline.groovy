import hudson.AbortException
import java.nio.file.Files
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/**
 * A double of the Pipeline steps in which `sh` is real: it runs `sh -xe` as an agent does, with the compiled program.
 *
 * What a build leaves behind is kept for the tests: every argument that reached the controller, and the console, raw
 * and as Jenkins shows it.
 */
@SuppressWarnings('MethodCount')
class Pipeline implements Closeable {

    /** What surrounds a step: set by the steps around it, and each parallel branch has its own. */
    static class Context {

        Map<String, String> env
        File directory
        List<String> masked = []

        Context with(Map<String, String> more) {
            return new Context(env: env + more, directory: directory, masked: masked)
        }

    }

    /** One step that was called: its name, and its arguments as the controller stores them. */
    static class Call {

        String step
        String arguments

        @Override
        String toString() {
            return "${step}(${arguments})"
        }

    }

    final File home = Files.createTempDirectory('pipeline').toFile()
    final List<Call> calls = Collections.synchronizedList([])
    final StringBuffer raw = new StringBuffer()
    final StringBuffer console = new StringBuffer()
    /** By id: what `withCredentials` binds. */
    final Map<String, Map<String, String>> credentials = [:]
    boolean unix = true
    boolean hasMaskPasswords = true
    /** What is on the `PATH` in containers: nothing of the agent's own. */
    String imagePath = '/usr/bin:/bin'
    /** Called instead of removing a directory, when a test wants trouble there. */
    Closure deleting
    /** By name: where a tool is installed. */
    final Map<String, String> tools = [:]
    /** The variable of a job whose Jenkinsfile comes from a repository. */
    final Object scm = 'scm'
    private final ThreadLocal<Context> contexts = new ThreadLocal<>()
    final Context outermost
    private final Script step

    /** An agent with this in its environment, in a workspace of its own. */
    Pipeline(Map<String, String> environment = [:], String workspace = 'workspace') {
        File directory = new File(home, workspace)
        directory.mkdirs()
        outermost = new Context(directory: directory, env: [
            PATH         : "${Programs.DIRECTORY}:${System.getenv('PATH')}".toString(),
            HOME         : new File(home, 'home').path,
            WORKSPACE    : directory.path,
            WORKSPACE_TMP: "${directory.path}@tmp".toString(),
        ] + environment)
        new File(home, 'home').mkdirs()
        step = parse(Programs.file('vars/withGenesysToken.groovy').text, 'withGenesysToken.groovy')
    }

    /** Runs a pipeline script, as Jenkins runs a Jenkinsfile. */
    Object run(String text) {
        return parse(text, 'Jenkinsfile').run()
    }

    private Script parse(String text, String name) {
        CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: DelegatingScript.name)
        configuration.addCompilationCustomizers(new ImportCustomizer().addImports('Library'),
            new Sandbox(Programs.file('tests/groovy/sandbox.txt').readLines()))
        GroovyShell shell = new GroovyShell(getClass().classLoader, new Binding(), configuration)
        DelegatingScript script = (DelegatingScript) shell.parse(text, name)
        script.setDelegate(this)
        return script
    }

    private Context getContext() {
        return contexts.get() ?: outermost
    }

    private Object within(Context inner, Closure body) {
        Context outer = contexts.get()
        contexts.set(inner)
        try {
            return body.call()
        } finally {
            contexts.set(outer)
        }
    }

    private void record(String step, Object arguments) {
        calls << new Call(step: step, arguments: arguments.toString())
    }

    private void say(String text) {
        raw << text
        console << context.masked.inject(text) { shown, secret -> shown.replace(secret, '****') }
    }

    /** How often a step was called. */
    int count(String step) {
        return calls.count { it.step == step }
    }

    /** Everything that the controller got to see of the calls. */
    String getControllerState() {
        return calls.join('\n')
    }

    @Override
    void close() {
        home.deleteDir()
    }

    // The step under test.

    Object withGenesysToken(Map config = [:], Closure body) {
        return step.invokeMethod('call', [config, body] as Object[])
    }

    // The steps of Pipeline, as far as they are used here.

    Object getEnv() {
        Context here = context
        return new Expando() {

            @Override
            Object getProperty(String name) {
                return here.env[name]
            }

        }
    }

    boolean isUnix() {
        record('isUnix', [])
        return unix
    }

    void echo(String text) {
        record('echo', text)
        say("${text}\n")
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
        // As the kernel would run it, which refuses a file that a fork in a parallel branch still holds open.
        List<String> shell = arguments.script.startsWith('#!') ?
            arguments.script.readLines().first().substring(2).tokenize() : ['sh', '-xe']
        ProcessBuilder builder = new ProcessBuilder(shell + file.path).directory(context.directory)
        builder.environment().clear()
        builder.environment().putAll(context.env)
        builder.redirectErrorStream(!arguments.returnStdout)
        Process process = builder.start()
        process.outputStream.close()
        StringBuffer out = new StringBuffer()
        StringBuffer err = new StringBuffer()
        process.waitForProcessOutput(out, err)
        file.delete()
        say(arguments.returnStdout ? err.toString() : out.toString())
        int code = process.exitValue()
        if (code != 0 && !arguments.returnStatus) {
            throw new AbortException("script returned exit code ${code}")
        }
        return arguments.returnStdout ? out.toString() : arguments.returnStatus ? code : null
    }

    Object withEnv(List variables, Closure body) {
        record('withEnv', variables)
        Map<String, String> env = context.env
        for (variable in variables*.toString()) {
            def (String name, String value) = variable.split('=', 2) as List
            // `PATH+ANYTHING` goes in front of PATH.
            env += name.startsWith('PATH+') ? [PATH: "${value}:${env.PATH}".toString()] : [(name): value]
        }
        // `NAME=` takes NAME away.
        Context inner = context.with([:])
        inner.env = env.findAll { it.value }
        return within(inner, body)
    }

    Map usernamePassword(Map arguments) {
        return arguments + [kind: 'Username with password']
    }

    Map string(Map arguments) {
        return arguments + [kind: 'Secret text']
    }

    Object withCredentials(List bindings, Closure body) {
        record('withCredentials', bindings)
        Context inner = context.with([:])
        for (binding in bindings) {
            String id = binding.credentialsId
            Map credential = credentials[id]
            if (credential == null) {
                throw new AbortException("Could not find credentials entry with ID '${id}'")
            }
            if (credential.kind != binding.kind) {
                throw new AbortException("Credentials '${id}' is of type '${credential.kind}' where " +
                    "'${binding.kind}' was expected")
            }
            inner.env += binding.variable ? [(binding.variable): credential.secret] :
                [(binding.usernameVariable): credential.username, (binding.passwordVariable): credential.secret]
            inner.masked += credential.secret
        }
        return within(inner, body)
    }

    Object dir(String path, Closure body) {
        record('dir', path)
        File directory = path.startsWith('/') ? new File(path) : new File(context.directory, path)
        Context inner = context.with([:])
        inner.directory = directory
        return within(inner, body)
    }

    void deleteDir() {
        record('deleteDir', [])
        deleting?.call()
        context.directory.deleteDir()
    }

    String readFile(Map arguments) {
        record('readFile', arguments)
        return new File(arguments.file).getText('UTF-8')
    }

    Object wrap(Map arguments, Closure body) {
        record('wrap', arguments)
        if (!hasMaskPasswords) {
            // In Jenkins' words, which quote every argument.
            throw new IllegalArgumentException("Could not instantiate ${arguments} for CoreWrapperStep")
        }
        Context inner = context.with([:])
        inner.masked += arguments.varPasswordPairs*.password
        return within(inner, body)
    }

    Object parallel(Map branches) {
        Context here = context
        List<Throwable> failures = Collections.synchronizedList([])
        branches.findAll { it.key != 'failFast' }.collect { name, branch ->
            Thread.start {
                try {
                    within(here, branch)
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
        return body.call()
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

    // Steps of plugins: custom-tools-plugin, docker-workflow, http_request.

    String tool(String name) {
        record('tool', name)
        return tools[name]
    }

    Object getDocker() {
        return new Expando(image: { String name -> new Expando(inside: { Closure body -> insideImage(body) }) })
    }

    private Object insideImage(Closure body) {
        Context inner = context.with(PATH: imagePath, HOME: '/')
        // All of it stands in the command line of `docker exec`, for every user of the machine to read.
        record('docker exec', inner.env)
        return within(inner, body)
    }

    void httpRequest(Map arguments) {
        record('httpRequest', arguments)
        // More than the plugin says.
        say("${arguments}\n")
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
