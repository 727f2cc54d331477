import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** The pipelines of all pages except the recipes, which have a test of their own. */
class DocsTest extends PageTest {

    private static final String README = 'README.md'
    private static final String JENKINS = 'docs/jenkins.md'
    private static final String END_OF_BLOCK = "sh 'genesys-token exec -- true' }"

    @Test
    void everyPipelineOnThePagesIsTested() {
        Map<String, Map<String, Integer>> found = (pages() - 'docs/recipes.md').collectEntries { page ->
            [page, Pages.snippets(page).findAll { it.language == 'groovy' }.countBy { it.heading }]
        }
        assertEquals([
            (README)                 : ['In Jenkins': 1],
            (JENKINS)                : [
                'As a Custom Tool'                       : 1,
                'By the step'                            : 1,
                'helper and carryHelper'                 : 1,
                '5. The library'                         : 1,
                '6. The first pipeline'                  : 1,
                'Several agents, and where the cache is' : 1,
            ],
            'docs/fleet.md'          : ['With the build': 1, 'Setting it up': 1],
            'docs/how-it-works.md'   : ['300 requests a minute': 1],
            'docs/troubleshooting.md': ['Troubleshooting': 1],
            // WindowsRecipesTest runs them.
            'docs/windows.md'        : ['Set it up': 1, Recipes: 2],
        ], found.findAll { page, headings -> headings })
    }

    @Test
    void thePipelineOfTheReadmeRuns() {
        // The loopback server has only this path of the API.
        List<String> texts = Pages.pipelines(README, 'In Jenkins')
        texts = texts*.replace('/api/v2/routing/queues', '/api/v2/tokens/me')
        runAll(texts*.replace('\n…\n', '\n'))
        assertPrinted('\ngc routing queues list: eu-central-1, token ****\n')
        assertPrinted('"OAuthClient":')
    }

    @Test
    void thePipelineWithACustomToolRuns() {
        runAll(Pages.pipelines(JENKINS, 'As a Custom Tool')) { Pipeline agent ->
            removeProgram(agent)
            agent.tools['genesys-token'] = release(agent).parent
        }
        assertPrinted('\ngc routing queues list: eu-central-1, token ****\n')
    }

    @Test
    void thePipelineThatDownloadsTheProgramRuns() {
        new DownloadServer().withCloseable { downloads ->
            downloads.files['/program'] = release(pipeline).bytes
            String text = Pages.pipelines(JENKINS, 'By the step').first()
            text = text.replaceAll('https://releases.example.com[^\']*', downloads.url('/program'))
            runAll([text.replace('0' * 64, checksum(release(pipeline)))]) { Pipeline agent ->
                removeProgram(agent)
                agent.agentContext.env.CURL_CA_BUNDLE = DownloadServer.CERTIFICATE.path
            }
        }
        assertPrinted('\ngc routing queues list: eu-central-1, token ****\n')
    }

    @Test
    void thePipelineThatCarriesTheProgramIntoAContainerRuns() {
        runAll(Pages.pipelines(JENKINS, 'helper and carryHelper'))
        assertPrinted('\nterraform plan: eu-central-1, token ****\n')
        assertEquals(1, pipeline.count('docker exec'))
    }

    @Test
    void theLineThatLoadsTheLibraryRuns() {
        String line = Pages.pipelines(JENKINS, '5. The library').first()
        runAll([line, "${line}\nwithGenesysToken(credentialsId: 'genesys-prod') { ${END_OF_BLOCK}".toString()])
        assertPrinted('genesys-token: reused the bound token')
    }

    @Test
    void theFirstPipelineRunsWithOneTokenRequest() {
        runAll(Pages.pipelines(JENKINS, '6. The first pipeline'))
        assertPrinted('"OAuthClient":')
        assertPrinted('genesys-token: reused the bound token')
        assertPrinted('\n****\n')
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void thePipelineWithACacheInTheWorkspaceRuns() {
        // The page shows only the beginning of the block.
        runAll(Pages.pipelines(JENKINS, 'Several agents, and where the cache is')*.concat(END_OF_BLOCK))
        assertCacheIsInWorkspace()
    }

    @Test
    void thePipelineWithATokenOfItsOwnRuns() {
        runAll(Pages.pipelines('docs/how-it-works.md', '300 requests a minute'))
        assertPrinted('\nexport-everything: eu-central-1, token ****\n')
        assertPrinted(', lane export, ')
    }

    @Test
    void thePipelineThatFetchesForTheBranchesAfterItRuns() {
        runAll(Pages.pipelines('docs/fleet.md', 'With the build'))
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void thePipelineWithASharedCacheRunsAlsoWhenNobodyIsThere() {
        List<String> texts = Pages.pipelines('docs/fleet.md', 'Setting it up')
        runAll(texts*.replace('rediss://cache.example.com:6379', 'redis://127.0.0.1:1')) { Pipeline agent ->
            agent.credentials['redis'] = [type: 'Secret text', secret: 'x' * 20]
        }
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void thePipelineWithTheDoctorRuns() {
        runAll(Pages.pipelines('docs/troubleshooting.md', 'Troubleshooting'))
        assertPrinted(' gave a token in ')
        assertPrinted('OAuth client loopback client')
    }

    /** The pages in the root of the repository and below docs/. */
    private static List<String> pages() {
        List<String> pages = Programs.ROOT.list().findAll { it.endsWith('.md') }
        Programs.file('docs').eachFileRecurse { file ->
            if (file.name.endsWith('.md')) {
                pages << Programs.ROOT.toPath().relativize(file.toPath()).toString()
            }
        }
        return pages
    }

    private void assertCacheIsInWorkspace() {
        assertTrue(new File(pipeline.env.WORKSPACE_TMP, 'genesys-token-cache').directory)
        assertFalse(new File(pipeline.home, 'home/.cache').exists())
    }

    /** A file that takes the place of a released program. */
    private static File release(Pipeline agent) {
        return Agents.program(new File(agent.home, 'release'), 'genesys-token', "exec '${Programs.HELPER}' \"\$@\"")
    }

    /** Takes the directory of the program off the agent's `PATH`. */
    private static void removeProgram(Pipeline agent) {
        agent.agentContext.env.PATH = "${toolsDir(agent)}:${System.getenv('PATH')}".toString()
    }

    private static String checksum(File file) {
        return java.security.MessageDigest.getInstance('SHA-256').digest(file.bytes).encodeHex()
    }

}
