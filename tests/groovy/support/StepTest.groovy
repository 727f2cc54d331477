import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.After
import org.junit.Before

/** What all tests of the step begin and end with: nothing secret is left anywhere, and no directory. */
abstract class StepTest {

    LoginServer server
    Pipeline pipeline
    /** Set by the few tests that want a token to be seen. */
    boolean tokenMayBeSeen = false

    @Before
    void start() {
        server = new LoginServer()
        pipeline = Agents.pipeline(server)
    }

    @After
    void nothingIsLeft() {
        try {
            if (pipeline) {
                assertNothingSecretWasSeen()
            }
        } finally {
            pipeline?.close()
            server?.close()
        }
    }

    void assertNothingSecretWasSeen() {
        List<String> secrets = [LoginServer.CLIENT_SECRET, basic()]
        if (!tokenMayBeSeen) {
            secrets += server.tokens
        }
        Map<String, String> places = [
            'an argument of a step': pipeline.controllerState, 'the console': pipeline.raw.toString(),
        ]
        pipeline.home.eachFileRecurse { file ->
            if (file.file) {
                places[file.path] = file.getText('ISO-8859-1')
            }
        }
        for (secret in secrets) {
            spellings(secret).each { spelling ->
                places.each { place, text ->
                    assertFalse("${spelling} is in ${place}:\n${text}", text.contains(spelling))
                }
            }
        }
    }

    private static String basic() {
        return "${LoginServer.CLIENT_ID}:${LoginServer.CLIENT_SECRET}".bytes.encodeBase64().toString()
    }

    /** A value as it is, in base64 at all three alignments, in hexadecimal and URL-encoded. */
    private static List<String> spellings(String value) {
        List<String> aligned = (0..2).collect { before ->
            String text = (' ' * before + value).bytes.encodeBase64()
            text.substring([0, 2, 3][before], text.length() - 4)
        }
        return [value, value.bytes.encodeHex().toString(), URLEncoder.encode(value, 'UTF-8')] + aligned
    }

    /** The files of blocks that the workspace's temporary directory still holds. */
    List<String> getBlocks() {
        File temporary = new File("${pipeline.env.WORKSPACE_TMP}")
        return temporary.list()?.findAll { it.startsWith('genesys-token-') && it != 'genesys-token-cache' } ?: []
    }

    /** Fails unless the pipeline fails with this one line. */
    String assertFails(String script) {
        Exception failure = null
        try {
            pipeline.run(script)
        } catch (Exception thrown) {
            failure = thrown
        }
        assertTrue('it fails', failure != null)
        assertEquals(failure.toString(), 'hudson.AbortException', failure.class.name)
        assertTrue(failure.message, failure.message.startsWith('withGenesysToken: '))
        assertEquals(failure.message, 1, failure.message.readLines().size())
        assertEquals([], blocks)
        return failure.message
    }

}
