import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** The pipelines of the README and of docs/, but for the recipes, which have a test of their own. None is left out. */
class DocsTest extends PageTest {

    private static final String README = 'README.md'
    private static final String JENKINS = 'docs/jenkins.md'
    private static final String END = "sh 'genesys-token exec -- true' }"

    @Test
    void everyPipelineIsPlayed() {
        List<String> pages = [README] + Programs.file('docs').list().findAll { it.endsWith('.md') }
            .collect { "docs/${it}".toString() }
        Map<String, Map<String, Integer>> shown = (pages - 'docs/recipes.md').collectEntries { page ->
            [page, snippets(page).findAll { it.language == 'groovy' }.countBy { it.heading }]
        }
        assertEquals([
            (README)                 : ['Jenkins': 1],
            (JENKINS)                : [
                'As a Custom Tool'                       : 1,
                'As a download in the pipeline'          : 1,
                'helper and carryHelper'                 : 1,
                '5. The library'                         : 1,
                '6. The first pipeline'                  : 1,
                'Several agents, and where the cache is' : 1,
            ],
            'docs/how-it-works.md'   : ['300 requests a minute': 1],
            'docs/troubleshooting.md': ['Troubleshooting': 1],
        ], shown.findAll { page, headings -> headings })
    }

    @Test
    void theReadmeSPipeline() {
        // The loopback server has this path alone.
        List<String> texts = pipelines(README, 'Jenkins')*.replace('/api/v2/routing/queues', '/api/v2/tokens/me')
        play(texts*.replace('\n…\n', '\n'))
        assertShown('\ngc routing queues list: eu-central-1, token ****\n')
        assertShown('"OAuthClient":')
    }

    @Test
    void theProgramAsACustomTool() {
        play(pipelines(JENKINS, 'As a Custom Tool')) { Pipeline agent ->
            takeProgramAway(agent)
            agent.tools['genesys-token'] = release(agent).parent
        }
        assertShown('\ngc routing queues list: eu-central-1, token ****\n')
    }

    @Test
    void theProgramAsADownload() {
        String text = pipelines(JENKINS, 'As a download in the pipeline').first()
        play([text.replace('0' * 64, checksum(release(pipeline)))], this.&offerDownload)
        assertShown('\ncurl -fsSL --proto =https -o download https://releases.example.com/genesys-token/0.1.0/genesys-')
        assertShown('\ngc routing queues list: eu-central-1, token ****\n')
    }

    @Test
    void aDownloadWithAnotherChecksumIsNeverMadeExecutable() {
        String failure = ''
        try {
            play(pipelines(JENKINS, 'As a download in the pipeline'), this.&offerDownload)
        } catch (hudson.AbortException refused) {
            failure = refused.message
        }
        assertEquals('script returned exit code 1', failure)
        File directory = new File(pipeline.env.WORKSPACE_TMP, 'genesys-token/0.1.0')
        assertEquals(['download'], directory.list().toList())
        assertFalse(new File(directory, 'download').canExecute())
    }

    @Test
    void theCarriedProgram() {
        play(pipelines(JENKINS, 'helper and carryHelper'))
        assertShown('\nterraform plan: eu-central-1, token ****\n')
        assertEquals(1, pipeline.count('docker exec'))
    }

    @Test
    void theFirstLine() {
        String line = pipelines(JENKINS, '5. The library').first()
        play([line, "${line}\nwithGenesysToken(credentialsId: 'genesys-prod') { ${END}".toString()])
        assertShown('genesys-token: reused the bound token')
    }

    @Test
    void theFirstPipeline() {
        play(pipelines(JENKINS, '6. The first pipeline'))
        assertShown('"OAuthClient":')
        assertShown('genesys-token: reused the bound token')
        assertShown('\n****\n')
        assertEquals(1, server.tokenRequests)
    }

    /** The page shows the beginning of the block alone. */
    @Test
    void theCacheOfAWorkspace() {
        play(pipelines(JENKINS, 'Several agents, and where the cache is')*.concat(END))
        assertCacheIsInWorkspace()
    }

    @Test
    void aTokenOfItsOwn() {
        play(pipelines('docs/how-it-works.md', '300 requests a minute'))
        assertShown('\nexport-everything: eu-central-1, token ****\n')
        assertCacheIsInWorkspace()
    }

    @Test
    void theDoctor() {
        play(pipelines('docs/troubleshooting.md', 'Troubleshooting'))
        assertShown(' gave a token in ')
        assertShown('OAuth client loopback client')
    }

    private void assertCacheIsInWorkspace() {
        assertTrue(new File(pipeline.env.WORKSPACE_TMP, 'genesys-token-cache').directory)
        assertFalse(new File(pipeline.home, 'home/.cache').exists())
    }

    /** A release of the program: what is downloaded or installed. */
    private static File release(Pipeline agent) {
        return Agents.program(new File(agent.home, 'release'), 'genesys-token', "exec '${Programs.HELPER}' \"\$@\"")
    }

    /** So that it is not found by accident. */
    private static void takeProgramAway(Pipeline agent) {
        agent.outermost.env.PATH = "${toolsOf(agent)}:${System.getenv('PATH')}".toString()
    }

    /** The server with the releases, called as `curl … -o FILE URL`. */
    private static void offerDownload(Pipeline agent) {
        takeProgramAway(agent)
        Agents.program(toolsOf(agent), 'curl', "echo \"curl \$*\"; cat '${release(agent)}' >\"\$5\"")
    }

    private static String checksum(File file) {
        return java.security.MessageDigest.getInstance('SHA-256').digest(file.bytes).encodeHex()
    }

}
