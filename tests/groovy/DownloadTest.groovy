import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue
import static org.junit.Assume.assumeTrue

import java.nio.file.Files
import org.junit.After
import org.junit.Before
import org.junit.Test

/** A program that the step downloads and checks. */
class DownloadTest extends DownloadingTest {

    private static final String PROGRAM = '/program'
    private static final String OTHER_SUM = '0' * 64

    final String program = PROGRAM
    private File tools

    @Before
    void startDownloads() {
        tools = Files.createTempDirectory('tools').toFile()
        downloads = new DownloadServer()
        downloads.files[PROGRAM] = "#!/bin/sh\nexec '${Programs.HELPER}' \"\$@\"\n".bytes
        downloads.files['/other'] = "#!/bin/sh\ntouch '${pipeline.home}/altered'\n".bytes
        // No program on the PATH.
        pipeline.agentContext.env += [PATH: '/usr/bin:/bin', CURL_CA_BUNDLE: DownloadServer.CERTIFICATE.path]
    }

    @After
    void removeTools() {
        Trees.delete(tools)
        assertFalse('an unchecked program ran', new File(pipeline.home, 'altered').exists())
    }

    private File getKept() {
        return new File(pipeline.home, "home/.cache/genesys-token/program-${sum}")
    }

    /** A PATH with links of these names to these programs. */
    private String pathTo(Map<String, String> programs) {
        programs.each { name, program ->
            Files.createSymbolicLink(new File(tools, name).toPath(), new File(program).toPath())
        }
        return tools.path
    }

    @Test
    void theFirstBlockDownloadsTheProgramAndLaterOnesUseTheKeptCopy() {
        pipeline.run(block(PROGRAM, sum, "sh 'genesys-token exec -- printenv GENESYSCLOUD_ACCESS_TOKEN'"))
        assertEquals([PROGRAM], downloads.requests)
        assertEquals(sum, sumOf(kept.bytes))
        assertFalse('only a checked copy can be run', kept.canExecute())
        pipeline.run(block(PROGRAM, sum, "sh 'ls -l \"\$GENESYS_TOKEN_HELPER\"'"))
        assertEquals(1, downloads.requests.size())
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('-rwx------'))
        assertEquals(1, server.tokenRequests)
        List<String> steps = ['withCredentials', 'withEnv', 'sh', 'withEnv', 'sh', 'dir', 'deleteDir']
        assertEquals(steps + steps, pipeline.calls*.step)
    }

    @Test
    void theKeptCopyNeedsNoNetwork() {
        pipeline.run(block())
        downloads.close()
        pipeline.run(block())
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void twentyBranchesAtOnceAllRun() {
        pipeline.run("parallel((1..20).collectEntries { number -> [\"\${number}\", { ${block()} }] })")
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
        assertEquals(['program-'], kept.parentFile.list().findAll { it =~ 'program|writing' }*.substring(0, 8))
    }

    @Test
    void theVariablesOfTheAgentDoTheSame() {
        pipeline.agentContext.env +=
            [GENESYS_TOKEN_HELPER_URL: downloads.url(PROGRAM), GENESYS_TOKEN_HELPER_SHA256: sum]
        String block = "withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token status' }"
        2.times { pipeline.run(block) }
        assertEquals([PROGRAM], downloads.requests)
        // A path is not overridden.
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', helper: '${Programs.HELPER}') { }")
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '/nowhere/genesys-token') { }",
            'there is no genesys-token on this agent; install it on the PATH, or give its path as helper:')
        pipeline.agentContext.env.GENESYS_TOKEN_HELPER_SHA256 = ''
        assertFails(block, 'GENESYS_TOKEN_HELPER_SHA256 must have 64 hexadecimal digits in lower case, *')
        pipeline.agentContext.env.GENESYS_TOKEN_HELPER_SHA256 = sum
        List<String> unusable = ['', 'http://a.example/program', 'https://user:xyzzy@a.example/program',
            'https://a.example', 'https://a.example/program?signature=xyzzy', 'https://a.example/program\n']
        for (url in unusable) {
            pipeline.agentContext.env.GENESYS_TOKEN_HELPER_URL = url
            assertFails(block,
                'GENESYS_TOKEN_HELPER_URL must begin with https:// and have neither a password nor a query')
        }
    }

    @Test
    void theVariablesOfTheAgentCountInItsContainersToo() {
        pipeline.agentContext.env +=
            [GENESYS_TOKEN_HELPER_URL: downloads.url(PROGRAM), GENESYS_TOKEN_HELPER_SHA256: sum]
        pipeline.run("docker.image('a').inside { withGenesysToken(credentialsId: 'genesys-prod') { } }")
        assertEquals([PROGRAM], downloads.requests)
    }

    @Test
    void aNestedBlockUsesTheProgramOfTheOuterOne() {
        pipeline.run(block(PROGRAM, sum, "withGenesysToken(credentialsId: 'genesys-prod', scope: 'a') { }"))
        assertEquals([PROGRAM], downloads.requests)
        assertEquals(2, server.tokenRequests)
    }

    @Test
    void aRedirectIsFollowedOverHttpsOnly() {
        pipeline.run(block('/redirect'))
        kept.delete()
        assertFails(block('/to-http'), 'the program could not be fetched (exit 1); *')
    }

    @Test
    void whatCannotBeFetchedOrIsNotTheRightFileFailsAndNothingStays() {
        assertFails(block('/missing'), 'the program could not be fetched (exit 22); what curl or wget said *')
        assertFails(block('/truncated'), 'the program could not be fetched (exit 18); *')
        pipeline.agentContext.env.CURL_CA_BUNDLE = '/dev/null'
        assertFails(block(), 'the program could not be fetched (exit *); *')
        pipeline.agentContext.env.CURL_CA_BUNDLE = DownloadServer.CERTIFICATE.path
        assertFails(block('/other'), "the file at the URL has the SHA-256 ${sumOf(downloads.files['/other'])}, and " +
            'not the one that was given; compare both with SHA256SUMS *')
        assertFails(block(PROGRAM, OTHER_SUM), "the file at the URL has the SHA-256 ${sum}, and not *")
        assertEquals([], kept.parentFile.list().toList())
        assertEquals(0, server.tokenRequests)
    }

    @Test
    void aKeptFileThatWasAlteredIsNotRunButFetchedAgain() {
        pipeline.run(block())
        kept.bytes = downloads.files['/other']
        pipeline.run(block())
        assertEquals([PROGRAM, PROGRAM], downloads.requests)
        assertEquals(sum, sumOf(kept.bytes))
        kept.delete()
        kept.mkdir()
        pipeline.run(block())
        assertEquals(3, downloads.requests.size())
    }

    @Test
    void withoutCurlItIsWgetAndWithoutBothAnError() {
        File settings = new File(pipeline.home, 'wgetrc')
        settings.text = "ca_certificate = ${DownloadServer.CERTIFICATE}\n"
        List<String> needed = ['sh', 'wget', 'basename', 'chmod', 'cp', 'date', 'dirname', 'grep', 'mkdir', 'mv', 'rm',
            'sha256sum', 'tr']
        pipeline.agentContext.env += [PATH: pathTo(needed.collectEntries { [(it): "/usr/bin/${it}"] }),
            WGETRC: settings.path]
        pipeline.run(block())
        assertEquals([PROGRAM], downloads.requests)
        kept.delete()
        assertFails(block('/missing'), 'the program could not be fetched (exit 8); *')
        new File(tools, 'wget').delete()
        assertFails(block(), 'there is neither curl nor wget on this agent to fetch the program; *')
        new File(tools, 'sha256sum').delete()
        assertFails(block(), 'there is no sha256sum on this agent to check the program; *')
    }

    @Test
    void theToolsOfBusyboxAreEnough() {
        List<String> applets = ['busybox', '--list'].execute().text.readLines() - 'wget'
        pipeline.agentContext.env.PATH =
            pathTo(applets.collectEntries { [(it): '/usr/bin/busybox'] } + [curl: '/usr/bin/curl'])
        pipeline.shell = ['/usr/bin/busybox', 'sh']
        2.times { pipeline.run(block(PROGRAM, sum, "sh 'genesys-token status'")) }
        assertEquals([PROGRAM], downloads.requests)
    }

    @Test
    void withoutAHomeItIsKeptBesideTheWorkspace() {
        for (home in ['/proc/nowhere', '/', '']) {
            pipeline.agentContext.env.HOME = home
            2.times { pipeline.run(block()) }
            File cache = new File("${pipeline.env.WORKSPACE_TMP}/genesys-token-cache")
            assertTrue(home, new File(cache, "program-${sum}").delete())
        }
        assertEquals(3, downloads.requests.size())
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', cacheDir: '${pipeline.home}/given', helper: " +
            "[url: '${downloads.url(PROGRAM)}', sha256: '${sum}']) { }")
        assertTrue(new File(pipeline.home, "given/program-${sum}").file)
    }

    @Test
    void aDiskThatForbidsProgramsIsNamed() {
        File temporary = new File("${pipeline.env.WORKSPACE_TMP}")
        temporary.mkdirs()
        assumeTrue('mounting a disk needs root', mount('mount', '-t', 'tmpfs', '-o', 'noexec', 'tmpfs', temporary.path))
        try {
            assertFails(block(), 'the program cannot be run on this agent; its disk forbids programs (noexec), *')
        } finally {
            mount('umount', temporary.path)
        }
    }

    private static boolean mount(String... command) {
        return command.execute().waitFor() == 0
    }

    @Test
    void anAbortDuringTheDownloadIsThrownAndNothingStays() {
        assertAborts(block('/silent', sum, "echo 'the body runs'")) { downloads.requests }
        assertNothingIsHalfWritten()
    }

    @Test
    void anAbortDuringTheCheckIsThrownAndNothingStays() {
        pipeline.run(block())
        File started = new File(pipeline.home, 'started')
        Agents.program(tools, 'sha256sum', "echo >'${started}'; exec sleep 60")
        pipeline.agentContext.env.PATH = "${tools}:/usr/bin:/bin".toString()
        assertAborts(block(PROGRAM, sum, "echo 'the body runs'")) { started.exists() }
        assertEquals('nothing is downloaded after the abort', 1, downloads.requests.size())
        assertNothingIsHalfWritten()
    }

    private void assertNothingIsHalfWritten() {
        assertFalse(kept.parentFile.list().any { it.startsWith('.writing') })
    }

    /** A build that was killed during its fetch leaves what a later block removes. */
    @Test
    void theCopyOfAKilledBuildIsRemovedByALaterBlock() {
        leaveBehind('bin/genesys-token', 'private')
        pipeline.run(block())
        assertEquals([], blockDirs)
    }

    @Test
    void wrongArgumentsFailBeforeAnythingIsDone() {
        String shape = "helper: as a map it has url and sha256, and nothing else: [url: 'https://…', sha256: '…']"
        String url = 'helper: the url must begin with https:// and have neither a password nor a query'
        String sum = 'helper: the sha256 must have 64 hexadecimal digits in lower case, as SHA256SUMS of the release ' +
            'has them'
        List<List<String>> problems = [
            ["[url: 'https://a.example/program']", sum],
            ["[sha256: '${OTHER_SUM}']", url],
            ['[:]', url],
            ["[url: 'https://a.example/program', sha256: '${OTHER_SUM}', sha512: '']", shape],
            ["[url: 'http://a.example/program', sha256: '${OTHER_SUM}']", url],
            ["[url: 'https://me:xyzzy@a.example/program', sha256: '${OTHER_SUM}']", url],
            ["[url: 'https://a.example/program?key=xyzzy', sha256: '${OTHER_SUM}']", url],
            ["[url: 'https://a.example/program', sha256: '${OTHER_SUM}0']", sum],
            ["[url: 'https://a.example/program', sha256: '${'A' * 64}']", sum],
            ["['https://a.example/program', '${OTHER_SUM}']", 'helper: must be a string, or a map of url and sha256'],
        ]
        problems.each { helper, problem ->
            assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: ${helper}) { }", problem)
        }
        assertEquals(['error'] * problems.size(), pipeline.calls*.step)
    }

    @Test
    void theStageToPasteFetchesAndChecksTheProgramToo() {
        server.control(answer: 'status', status: 404, body: '')
        String problem = thrownBy(block()).message
        server.control(answer: 'token')
        pipeline.run(problem.substring(problem.indexOf('    withCredentials(')))
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('all is well'))
    }

}
