import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

import org.junit.Test

/** Jenkinsfile.example, run in three workspaces that share one cache. */
class ExampleTest extends StepTest {

    @Test
    void oneTokenPerClientAndScopeServesAllStagesAndTheNextBuild() {
        runIn('one')
        assertEquals(3, server.tokenRequests)
        runIn('two')
        assertEquals(3, server.tokenRequests)

        // One of the three tokens is close to its end.
        Programs.ageToken(cache, server, 240, 'routing:readonly', 'users:readonly')
        runIn('three')
        assertEquals(4, server.tokenRequests)
    }

    private File getCache() {
        return new File(pipeline.home, 'cache')
    }

    private void runIn(String workspace) {
        File tools = new File(pipeline.home, 'tools')
        // A test double that prints its token.
        Agents.program(tools, 'terraform', 'echo "terraform $*: token $GENESYSCLOUD_ACCESS_TOKEN"')
        Pipeline build = Agents.pipeline(server, [
            GENESYS_TOKEN_CACHE_DIR: cache.path,
            PATH                   : "${Programs.DIRECTORY}:${tools}:${System.getenv('PATH')}".toString(),
        ], workspace)
        Agents.program(new File(build.env.WORKSPACE), 'upload-prompt', 'test -n "$GENESYSCLOUD_ACCESS_TOKEN"')
        File prompts = new File(build.env.WORKSPACE, 'prompts')
        prompts.mkdirs()
        new File(prompts, 'hello.wav').text = ''
        Pipeline outer = pipeline
        pipeline = build
        try {
            build.run(Programs.file('Jenkinsfile.example').text)
            String console = build.rawConsole
            assertTrue(console, console.contains('\nterraform apply -input=false plan.tfplan: token ****\n'))
            assertEquals([], blockDirs)
            assertNoSecretIsFound()
        } finally {
            pipeline = outer
            build.close()
        }
    }

}
