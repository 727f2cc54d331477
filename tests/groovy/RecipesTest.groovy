import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** The recipes of docs/recipes.md themselves. None is left out. */
class RecipesTest extends PageTest {

    private static final String PAGE = 'docs/recipes.md'

    private static final String SCRIPTED = 'A scripted pipeline'

    @Test
    void everyRecipeIsPlayed() {
        assertEquals([
            'Any tool'                                   : 1,
            'curl with a config file'                    : 1,
            'curl with a headers file'                   : 1,
            'The gc CLI'                                 : 2,
            'Terraform (CX as Code)'                     : 2,
            'Archy, and whatever wants the secret itself': 1,
            'A scripted pipeline'                        : 1,
            'Long loops'                                 : 1,
            'Containers'                                 : 1,
            'A step that is not sh'                      : 1,
        ], snippets(PAGE).findAll { it.language == 'groovy' }.countBy { it.heading })
    }

    @Test
    void anyTool() {
        play('Any tool')
        assertShown('\ndeploy-flows: eu-central-1, token ****\n')
        assertShown('\nexport-users: token ****\n')
    }

    @Test
    void curlWithAConfigFile() {
        play('curl with a config file')
        assertShown('"OAuthClient":')
        assertShown('\n> Authorization: Bearer ****')
    }

    @Test
    void curlWithAHeadersFile() {
        play('curl with a headers file')
        assertShown('"OAuthClient":')
    }

    @Test
    void theGcCli() {
        play('The gc CLI')
        assertShown('\ngc routing queues list: eu-central-1, token ****\n')
        assertShown('\ngc routing queues list: mec1.pure.cloud, token ****\n')
    }

    @Test
    void terraform() {
        play('Terraform (CX as Code)')
        assertShown('\nterraform plan -input=false -out=plan.tfplan: eu-central-1, token ****\n')
        assertShown("\nterraform apply plan.tfplan: eu-central-1, client ${LoginServer.CLIENT_ID}, secret ****\n")
    }

    @Test
    void archy() {
        play('Archy, and whatever wants the secret itself')
        assertShown('archy: options of mode 600, location: mypurecloud.de\n')
    }

    @Test
    void aScriptedPipeline() {
        play(SCRIPTED)
        assertShown('\nterraform apply -input=false plan.tfplan: eu-central-1, token ****\n')
        assertShown('\nupload-prompt prompts/hello.wav: eu-central-1, token ****\n')
        assertFalse(new File(pipeline.env.WORKSPACE).exists())
    }

    @Test
    void theScriptedPipelineDoesWhatTheExampleDoes() {
        assertEquals(deeds(Programs.file('Jenkinsfile.example').text), deeds(pipelines(PAGE, SCRIPTED).first()))
    }

    @Test
    void longLoopsGetANewTokenInTime() {
        // Hours pass in each turn.
        String age = "${Programs.DIRECTORY}/examples/age_token \"\$HOME/.cache/genesys-token\" ${server.loginUrl} 240"
        play('Long loops') { Pipeline agent ->
            Agents.program(new File(agent.env.WORKSPACE), 'upload-prompt', "${TOOL}\n${age}")
        }
        assertShown('\nupload-prompt prompts/goodbye.wav: eu-central-1, token ****\n')
        assertShown('\nupload-prompt prompts/hello.wav: eu-central-1, token ****\n')
        assertShown('"OAuthClient":')
        assertEquals(3, server.tokenRequests)
    }

    @Test
    void containers() {
        play('Containers')
        assertShown('\nterraform plan -input=false: eu-central-1, token ****\n')
        assertEquals(1, pipeline.count('docker exec'))
    }

    /** Here the controller gets the token, as the page says. */
    @Test
    void aStepThatIsNotSh() {
        tokenMayBeSeen = true
        play('A step that is not sh')
        assertTrue(pipeline.console.toString(), pipeline.console.contains('value:Bearer ****'))
        assertFalse(pipeline.console.toString(), pipeline.console.contains(server.tokens.first()))
    }

    /** Were it not so, the check of all others would find nothing either. */
    @Test
    void theMistakeToAvoidShowsTheToken() {
        Map<String, String> mistake = snippets(PAGE).find { it.language == 'sh' }
        assertEquals('What is masked and what is not', mistake.heading)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { sh '''${mistake.text}''' }")
        assertTrue(pipeline.console.contains("Authorization: Bearer ${server.tokens.first()}"))
        String found = ''
        try {
            assertNothingSecretWasSeen()
        } catch (AssertionError leak) {
            found = leak.message
        }
        assertTrue(found, found.contains(' is in the console'))
        tokenMayBeSeen = true
    }

    private void play(String heading, Closure prepare = { }) {
        play(pipelines(PAGE, heading), prepare)
    }

    /** The lines that get tokens and run something. */
    private static List<String> deeds(String pipeline) {
        return pipeline.readLines()*.trim().findAll { it.startsWith('withGenesysToken(') || it.startsWith('sh ') }
    }

}
