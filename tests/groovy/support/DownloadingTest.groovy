import static org.junit.Assert.assertEquals

import java.security.MessageDigest
import org.junit.After

/** A test in which the step downloads a program. */
abstract class DownloadingTest extends StepTest {

    /** Its start serves the program at `program`. */
    DownloadServer downloads

    @After
    void stopDownloads() {
        downloads?.close()
    }

    /** The path of the program. */
    abstract String getProgram()

    String url(String path) {
        return downloads.url(path)
    }

    static String sumOf(byte[] bytes) {
        return MessageDigest.getInstance('SHA-256').digest(bytes).encodeHex()
    }

    String getSum() {
        return sumOf(downloads.files[program])
    }

    /** What a killed build or a lost agent leaves of its download, with these files. */
    void leaveBehind(String... names) {
        File left = new File(pipeline.file("${pipeline.env.WORKSPACE_TMP}"), 'genesys-token-killed.helper')
        new File(left, 'bin').mkdirs()
        names.each { new File(left, it).text = 'a program, or half of one' }
        // cmd.exe ends its lines so.
        new File(left, '.genesys-token').text = '2026-01-01T00:00:00Z \r\n'
        assertEquals(0, ['chmod', '-R', 'go=', left.path].execute().waitFor())
    }

    /** A call of the step with the program at this path, and with this checksum. */
    String block(String path = program, String wanted = sum, String body = '') {
        return "withGenesysToken(credentialsId: 'genesys-prod', helper: [url: '${url(path)}', " +
            "sha256: '${wanted}']) { ${body} }"
    }

}
