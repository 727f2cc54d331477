import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

import org.junit.Test

/** The text of Jenkinsfile.example itself, run over two workspaces with one cache. */
class ExampleTest extends StepTest {

    @Test
    void oneTokenPerClientAndScopeServesAWholePipelineAndTheNextBuild() {
        runIn('one')
        assertEquals(3, server.tokenRequests)
        runIn('two')
        assertEquals(3, server.tokenRequests)

        // The night passes for one of them.
        Programs.ageToken(cache, server, 240, 'routing:readonly', 'users:readonly')
        runIn('three')
        assertEquals(4, server.tokenRequests)
    }

    private File getCache() {
        return new File(pipeline.home, 'cache')
    }

    private void runIn(String workspace) {
        File tools = new File(pipeline.home, 'tools')
        // The real tools are not here; what matters is what they would see and print.
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
            assertTrue(build.raw.toString(), build.raw.contains('terraform apply -input=false plan.tfplan: token ****'))
            assertEquals([], blocks)
            assertNothingSecretWasSeen()
        } finally {
            pipeline = outer
            build.close()
        }
    }

}
