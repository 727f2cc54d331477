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

    /** A call of the step with the program at this path, and with this checksum. */
    String block(String path = program, String wanted = sum, String body = '') {
        return "withGenesysToken(credentialsId: 'genesys-prod', helper: [url: '${url(path)}', " +
            "sha256: '${wanted}']) { ${body} }"
    }

}
