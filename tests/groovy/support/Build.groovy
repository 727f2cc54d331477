import java.nio.file.Files
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/**
 * A build on one agent: it runs pipeline scripts, and records what reaches the controller, that is all arguments of
 * steps and the console.
 */
abstract class Build implements Closeable {

    /** A step that was called: its name, and its arguments as the controller stores them. */
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
    /** The console before Jenkins masks anything. */
    final StringBuffer rawConsole = new StringBuffer()
    /** The console as Jenkins shows it. */
    final StringBuffer console = new StringBuffer()
    final StepContext agentContext
    /** The step under test. */
    protected final Script step
    private final ThreadLocal<StepContext> contexts = new ThreadLocal<>()
    /** Further agents, by their labels. */
    protected final Map<String, StepContext> agents = [:]

    /** Creates an agent that has a workspace of this name, and these variables in addition to the usual ones. */
    protected Build(Map<String, String> variables, String workspace) {
        File directory = new File(home, workspace)
        directory.mkdirs()
        agentContext = new StepContext(directory: directory, env: [
            PATH         : "${Programs.DIRECTORY}:${System.getenv('PATH')}".toString(),
            HOME         : new File(home, 'home').path,
            WORKSPACE    : directory.path,
            WORKSPACE_TMP: "${directory.path}@tmp".toString(),
        ] + variables)
        new File(home, 'home').mkdirs()
        step = parse(Programs.file('vars/withGenesysToken.groovy').text, 'withGenesysToken.groovy')
    }

    /** Adds an agent with a disk of its own, for `node(label)`. */
    void addAgent(String label) {
        File workspace = new File(home, "${label}/workspace")
        workspace.mkdirs()
        StepContext agent = agentContext.copy(HOME: new File(home, "${label}/home").path, WORKSPACE: workspace.path,
            WORKSPACE_TMP: "${workspace.path}@tmp".toString())
        new File(agent.env.HOME).mkdirs()
        agent.directory = workspace
        agents[label] = agent
    }

    /** Runs the text of a pipeline, as Jenkins runs a Jenkinsfile. */
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

    protected StepContext getContext() {
        return contexts.get() ?: agentContext
    }

    protected Object runIn(StepContext inner, Closure body) {
        StepContext outer = contexts.get()
        contexts.set(inner)
        try {
            return body.call()
        } finally {
            contexts.set(outer)
        }
    }

    protected void record(String step, Object arguments) {
        calls << new Call(step: step, arguments: arguments.toString())
    }

    protected void writeToConsole(String text) {
        rawConsole << text
        console << context.masked.inject(text) { shown, secret -> shown.replace(secret, '****') }
    }

    /** The file of this machine that a path of the agent names. */
    File file(String path) {
        return path.startsWith('/') ? new File(path) : new File(context.directory, path)
    }

    protected String getPathSeparator() {
        return ':'
    }

    /** How often a step was called. */
    int count(String step) {
        return calls.count { it.step == step }
    }

    /** All calls with their arguments: what the controller sees of them. */
    String getControllerState() {
        return calls.join('\n')
    }

    @Override
    void close() {
        Trees.delete(home)
    }

}
