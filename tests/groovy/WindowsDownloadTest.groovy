import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import java.nio.file.Files
import org.junit.Before
import org.junit.BeforeClass
import org.junit.Test

/** A program that the step downloads and checks on a Windows agent, with a real curl.exe. */
class WindowsDownloadTest extends DownloadingTest {

    private static final String PROGRAM = '/genesys-token.exe'
    private static final File CURL = WindowsPipeline.system('curl.exe')

    final String program = PROGRAM
    private File cache

    @BeforeClass
    static void findWine() {
        WindowsPipeline.assumeThereIs("the step's download on Windows", WindowsPipeline.PROGRAM, CURL)
    }

    @Before
    void startOnWindows() {
        downloads = new DownloadServer(PROGRAM)
        downloads.files[PROGRAM] = WindowsPipeline.PROGRAM.bytes
        downloads.files['/other'] = new File(WindowsPipeline.WINE, 'command.exe').bytes
        startIn('workspace')
    }

    private void startIn(String workspace) {
        pipeline.close()
        pipeline = Agents.windows(server, workspace)
        cache = new File(pipeline.home, 'cache')
        // No program on the PATH.
        pipeline.agentContext.env +=
            [PATH: 'Z:\\nowhere', GENESYS_TOKEN_CACHE_DIR: WindowsPipeline.windowsPath(cache)]
    }

    /** Schannel knows no address in a certificate. */
    @Override
    String url(String path) {
        return downloads.url(path).replace('127.0.0.1', 'localhost')
    }

    private File getKept() {
        return new File(cache, "program-${sum}")
    }

    private List<String> getKeptNames() {
        return cache.list().findAll { it =~ 'program|writing' }
    }

    @Test
    void theFirstBlockDownloadsTheProgramAndLaterOnesNeedNoNetwork() {
        startIn('a & b ^ (ü)')
        pipeline.run(block(PROGRAM, sum, "bat '@genesys-token exec -- cmd /c set GENESYSCLOUD_ACCESS'"))
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('GENESYSCLOUD_ACCESS_TOKEN=****'))
        assertEquals([PROGRAM], downloads.requests)
        assertEquals([kept.name], keptNames)
        assertEquals(sum, sumOf(kept.bytes))
        downloads.close()
        String helper = pipeline.run(block(PROGRAM, sum, 'env.GENESYS_TOKEN_HELPER'))
        assertTrue(helper, helper.endsWith('\\bin\\genesys-token.exe'))
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
        assertEquals(['withCredentials', 'withEnv', 'bat', 'withEnv', 'bat', 'dir', 'deleteDir',
            'withCredentials', 'withEnv', 'bat', 'withEnv', 'dir', 'deleteDir'], pipeline.calls*.step)
    }

    @Test
    void sixBranchesAtOnceAllRun() {
        pipeline.run("parallel((1..6).collectEntries { number -> [\"\${number}\".toString(), { ${block()} }] })")
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
        assertEquals([kept.name], keptNames)
    }

    @Test
    void theVariablesOfTheAgentCountIfTheyNameAProgramForWindows() {
        pipeline.agentContext.env += [GENESYS_TOKEN_HELPER_URL: url(PROGRAM), GENESYS_TOKEN_HELPER_SHA256: sum]
        String body = "withGenesysToken(credentialsId: 'genesys-prod', scope: 'a') { bat '@genesys-token status' }"
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { ${body} }")
        assertEquals([PROGRAM], downloads.requests)
        assertEquals(2, server.tokenRequests)
        pipeline.agentContext.env.GENESYS_TOKEN_HELPER_URL = url('/genesys-token')
        assertFails("withGenesysToken(credentialsId: 'genesys-prod') { }", 'there is no genesys-token on this agent; *')
        assertEquals([PROGRAM], downloads.requests)
    }

    @Test
    void whatCannotBeFetchedOrIsNotTheRightFileFailsAndNothingStays() {
        String said = 'what curl said stands above in the console; look at the URL, the proxy and the CA'
        assertFails(block('/missing'), "the program could not be fetched (exit 22); ${said}")
        assertFails(block('/to-http'), "the program could not be fetched (exit 1); ${said}")
        assertFails(block('/truncated'), "the program could not be fetched (exit *); ${said}")
        assertFails(block('/other'), "the file at the URL has the SHA-256 ${sumOf(downloads.files['/other'])}, and " +
            'not the one that was given; compare both with SHA256SUMS *')
        assertFalse(cache.exists())
        assertEquals(0, server.tokenRequests)
    }

    @Test
    void aRedirectIsFollowedOverHttps() {
        pipeline.run(block('/redirect'))
        assertEquals(['/redirect', PROGRAM], downloads.requests)
    }

    @Test
    void aKeptFileThatWasAlteredIsNotRunButFetchedAgain() {
        pipeline.run(block())
        kept.bytes = downloads.files['/other']
        pipeline.run(block())
        assertEquals([PROGRAM, PROGRAM], downloads.requests)
        assertEquals(sum, sumOf(kept.bytes))
    }

    @Test
    void anEmptyKeptFileIsFetchedAgain() {
        pipeline.run(block())
        kept.bytes = [] as byte[]
        pipeline.run(block())
        assertEquals(sum, sumOf(kept.bytes))
    }

    @Test
    void withoutCurlOrCertutilItIsAnError() {
        without('curl.exe') {
            assertFails(block(), 'there is no curl.exe in System32 of this agent to fetch the program; *')
        }
        without('certutil.exe') {
            assertFails(block(), 'certutil.exe told no checksum of the program (exit *); what it said stands above *')
        }
    }

    private void without(String name, Closure work) {
        File program = WindowsPipeline.system(name)
        File away = new File(pipeline.home, name)
        Files.move(program.toPath(), away.toPath())
        try {
            work()
        } finally {
            Files.move(away.toPath(), program.toPath())
        }
    }

    @Test
    void curlGetsNoSecret() {
        without('curl.exe') {
            Files.copy(new File(WindowsPipeline.WINE, 'command.exe').toPath(), CURL.toPath())
            assertFails(block(), 'the program could not be fetched (exit 22); *')
            CURL.delete()
        }
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('\nGENESYS_TOKEN_FETCH_URL\r\n'))
        assertFalse(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('OAUTHCLIENT'))
    }

    @Test
    void anAbortDuringTheDownloadIsThrownAndNothingStays() {
        assertAbortsWithoutSecretInArguments(block('/silent', sum, "echo 'the body runs'"), '--proto') {
            downloads.requests
        }
    }

    /** An agent that was lost during its fetch leaves what a later block removes. */
    @Test
    void theCopyOfALostAgentIsRemovedByALaterBlock() {
        leaveBehind('bin/genesys-token.exe', 'bin/private')
        pipeline.run(block())
        assertEquals([], blockDirs)
    }

    @Test
    void theStageToPasteFetchesAndChecksTheProgramToo() {
        server.control(answer: 'status', status: 404, body: '')
        String problem = thrownBy(block()).message
        server.control(answer: 'token')
        pipeline.run(problem.substring(problem.indexOf("    bat '")))
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('all is well'))
    }

}
