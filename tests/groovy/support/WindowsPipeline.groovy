import org.junit.Assume

/**
 * A build on a Windows agent: `bat` runs its script by Wine's cmd.exe, with the program that tests/wine has compiled.
 * The agent has the paths of this machine on drive Z.
 */
class WindowsPipeline extends Pipeline {

    /** Where tests/wine works. */
    static final File WINE = new File(System.getenv('WINE_TESTS') ?: "${Programs.ROOT}/target/wine")
    static final File PROGRAM = new File(WINE, 'build/x86_64-pc-windows-gnu/debug/genesys-token.exe')

    /** The scripts that run now, and those that were aborted. */
    private final Set<File> running = Collections.synchronizedSet([] as Set)
    private final Set<File> aborted = Collections.synchronizedSet([] as Set)

    /** An agent with these variables, and a workspace of this name. */
    WindowsPipeline(Map<String, String> variables, String workspace) {
        super(variables, workspace)
        String path = windowsPath(agentContext.directory)
        // Without what Linux has there.
        agentContext.env = variables + [
            PATH         : windowsPath(PROGRAM.parentFile),
            WORKSPACE    : path,
            WORKSPACE_TMP: "${path}@tmp".toString(),
        ]
    }

    /** Skips a test, and says so, where tests/wine has not made one of these programs. */
    static void assumeThereIs(String what, File... programs) {
        File missing = programs.find { !it.exists() }
        if (missing) {
            System.err << "SKIPPED: ${what}: tests/wine has made no ${missing}\n"
        }
        Assume.assumeTrue("${missing} is missing", missing == null)
    }

    /** A program of this Windows. */
    static File system(String name) {
        return new File(WINE, "prefix/drive_c/windows/system32/${name}")
    }

    static String windowsPath(File file) {
        return "Z:${file.path.replace('/', '\\')}"
    }

    /** The file of this machine that a path of the agent names. */
    @Override
    File file(String path) {
        String unix = path.replace('\\', '/')
        return unix.startsWith('Z:') ? new File(unix.substring('Z:'.length())) : new File(context.directory, unix)
    }

    @Override
    protected String getPathSeparator() {
        return ';'
    }

    @Override
    Object sh(Map arguments) {
        throw new IllegalStateException("there is no sh: ${arguments}")
    }

    Object bat(String text) {
        return bat(script: text)
    }

    Object bat(Map arguments) {
        record('bat', arguments)
        if (arguments.script =~ /(?m)^:\w/ && arguments.script =~ /[^\r]\n/) {
            throw new IllegalArgumentException('cmd.exe overlooks some labels where lines end by a line feed alone')
        }
        File script = new File(home, "jenkins-main-${UUID.randomUUID()}.bat")
        script.text = arguments.script
        ProcessBuilder builder = inWine(context.directory, context.env - [PATH: context.env.PATH] +
            // What Wine puts on the PATH before its own directories.
            [WINEPATH: context.env.PATH], '/usr/bin/wine', 'cmd', '/c', 'call', windowsPath(script))
        builder.redirectErrorStream(!arguments.returnStdout)
        running << script
        Process process = builder.start()
        process.outputStream.close()
        ByteArrayOutputStream out = new ByteArrayOutputStream()
        ByteArrayOutputStream err = new ByteArrayOutputStream()
        process.waitForProcessOutput(out, err)
        running.remove(script)
        script.delete()
        String printed = out.toString(arguments.encoding ?: 'ISO-8859-1')
        writeToConsole(arguments.returnStdout ? err.toString('ISO-8859-1') : printed)
        return resultOf(arguments, process.exitValue(), printed) { aborted.remove(script) }
    }

    /** Ends all processes of the scripts, as Jenkins does: those that a script has started come first. */
    @Override
    void abort() {
        aborted.addAll(running)
        inWine(home, [:], '/usr/bin/wine', new File(WINE, 'command.exe').path, 'terminate',
            'genesys-token.exe', 'curl.exe', 'ping.exe', 'cmd.exe').start().waitForProcessOutput()
    }

    private static ProcessBuilder inWine(File directory, Map<String, String> variables, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory)
        builder.environment().clear()
        builder.environment().putAll(variables + [
            PATH      : '/usr/bin:/bin',
            HOME      : directory.path,
            WINEPREFIX: new File(WINE, 'prefix').path,
            WINEDEBUG : '-all',
            LC_ALL    : 'C.UTF-8',
            // Not Wine's own, which says nothing.
            WINEDLLOVERRIDES: 'certutil.exe=n',
        ])
        return builder
    }

}
