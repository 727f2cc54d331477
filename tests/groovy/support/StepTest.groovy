import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import hudson.AbortException
import java.util.regex.Pattern
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.junit.After
import org.junit.Before

/** Gives each test a login server and a pipeline. A test fails if a secret or a token can be found after it. */
abstract class StepTest {

    LoginServer server
    Pipeline pipeline
    /** Set by the few tests in which the controller gets a token, or in which a token stays on the agent. */
    boolean tokenMayBeFound = false

    @Before
    void start() {
        server = new LoginServer()
        pipeline = Agents.pipeline(server)
    }

    @After
    void stop() {
        try {
            if (pipeline) {
                assertNoSecretIsFound()
            }
        } finally {
            pipeline?.close()
            server?.close()
        }
    }

    /** Searches the arguments of the steps, the console and all files of the agent. */
    void assertNoSecretIsFound() {
        List<String> secrets = [LoginServer.CLIENT_SECRET, basicCredentials()]
        if (!tokenMayBeFound) {
            secrets += server.tokens
        }
        Map<String, String> places = [
            'an argument of a step': pipeline.controllerState, 'the console': pipeline.rawConsole.toString(),
        ]
        pipeline.home.eachFileRecurse { file ->
            if (file.file) {
                places[file.path] = file.getText('ISO-8859-1')
            }
        }
        for (secret in secrets) {
            encodings(secret).each { encoded ->
                places.each { place, text ->
                    assertFalse("${encoded} is in ${place}:\n${text}", text.contains(encoded))
                }
            }
        }
    }

    private static String basicCredentials() {
        return "${LoginServer.CLIENT_ID}:${LoginServer.CLIENT_SECRET}".bytes.encodeBase64().toString()
    }

    /** The value itself, in base64 at all three alignments, in hexadecimal and URL-encoded. */
    private static List<String> encodings(String value) {
        List<String> aligned = (0..2).collect { offset ->
            String text = (' ' * offset + value).bytes.encodeBase64()
            text.substring([0, 2, 3][offset], text.length() - 4)
        }
        return [value, value.bytes.encodeHex().toString(), URLEncoder.encode(value, 'UTF-8')] + aligned
    }

    /** The names of the private directories that still exist. */
    List<String> getBlockDirs() {
        File temporary = pipeline.file("${pipeline.env.WORKSPACE_TMP}")
        return temporary.list()?.findAll { it.startsWith('genesys-token-') && it != 'genesys-token-cache' } ?: []
    }

    /** Runs a script, and returns what it throws. */
    Throwable thrownBy(String script) {
        try {
            pipeline.run(script)
        } catch (Throwable thrown) {
            return thrown
        }
        return null
    }

    /** Aborts the build when it has begun what is to be aborted. Fails unless it ends as aborted, without its body. */
    void assertAborts(String script, Closure hasBegun) {
        Throwable thrown = null
        Thread build = Thread.start { thrown = thrownBy(script) }
        while (!hasBegun() && build.alive) {
            Thread.onSpinWait()
        }
        pipeline.abort()
        build.join()
        assertEquals("${thrown}", FlowInterruptedException, thrown?.class)
        assertFalse(pipeline.rawConsole.contains('the body runs'))
        assertEquals([], blockDirs)
    }

    /** Fails, besides, unless one process had this text in its arguments at that time, and none had the secret. */
    void assertAbortsWithoutSecretInArguments(String script, String argument, Closure hasBegun) {
        String commands = ''
        assertAborts(script) {
            if (hasBegun()) {
                commands = commandLines()
            }
            return commands
        }
        assertTrue(commands, commands.contains(argument))
        assertFalse(commands, commands.contains(LoginServer.CLIENT_SECRET))
    }

    /** The command lines of all processes, as every user may read them. */
    static String commandLines() {
        return new File('/proc').listFiles().findAll { it.name.number }.collect { process ->
            try {
                new File(process, 'cmdline').text.replace('\0', ' ')
            } catch (IOException ended) {
                ''
            }
        }.join('\n')
    }

    /** Fails unless the script fails with exactly this line. `*` stands for any text. */
    void assertFails(String script, String line) {
        Throwable thrown = thrownBy(script)
        assertEquals("${thrown}", AbortException, thrown?.class)
        // What follows the message has a line for each cause, fix and next command.
        String message = thrown.message.split('\n  next: ', 2)[0].replaceAll('\n  (cause|fix): ', '; ')
        String pattern = line.split('\\*', -1).collect { Pattern.quote(it) }.join('.*')
        assertTrue(thrown.message, message ==~ "withGenesysToken: ${pattern}")
        assertEquals([], blockDirs)
    }

}
