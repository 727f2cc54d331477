import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** The recipes of docs/recipes.md. */
class RecipesTest extends PageTest {

    private static final String PAGE = 'docs/recipes.md'

    private static final String SCRIPTED = 'A scripted pipeline'

    @Test
    void everyRecipeIsTested() {
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
        ], Pages.snippets(PAGE).findAll { it.language == 'groovy' }.countBy { it.heading })
    }

    @Test
    void theRecipeForAnyToolRuns() {
        runRecipe('Any tool')
        assertPrinted('\ndeploy-flows: eu-central-1, token ****\n')
        assertPrinted('\nexport-users: token ****\n')
    }

    @Test
    void theRecipeForCurlWithAConfigFileRuns() {
        runRecipe('curl with a config file')
        assertPrinted('"OAuthClient":')
        assertPrinted('\n> Authorization: Bearer ****')
    }

    @Test
    void theRecipeForCurlWithAHeadersFileRuns() {
        runRecipe('curl with a headers file')
        assertPrinted('"OAuthClient":')
    }

    @Test
    void theRecipeForTheGcCliRuns() {
        runRecipe('The gc CLI')
        assertPrinted('\ngc routing queues list: eu-central-1, token ****\n')
        assertPrinted('\ngc routing queues list: mec1.pure.cloud, token ****\n')
    }

    @Test
    void theRecipeForTerraformRuns() {
        runRecipe('Terraform (CX as Code)')
        assertPrinted('\nterraform plan -input=false -out=plan.tfplan: eu-central-1, token ****\n')
        assertPrinted("\nterraform apply plan.tfplan: eu-central-1, client ${LoginServer.CLIENT_ID}, secret ****\n")
    }

    @Test
    void theRecipeForArchyRuns() {
        runRecipe('Archy, and whatever wants the secret itself')
        assertPrinted('archy: private of mode 600, location: mypurecloud.de\n')
    }

    @Test
    void theSecretOfTheRecipeForArchyIsRemovedByALaterBlockIfTheAgentDies() {
        String recipe = Pages.pipelines(PAGE, 'Archy, and whatever wants the secret itself').first()
        // Neither the trap nor the step removes anything.
        String killed = recipe.replaceAll('(?m)^trap .*$', '').replaceAll('(?m)^archy .*$', '')
        pipeline.onDeleteDir = { throw new IOException('agent is gone') }
        pipeline.run(killed)
        pipeline.onDeleteDir = null
        File block = new File(pipeline.env.WORKSPACE_TMP, blockDirs[0])
        assertTrue(new File(block, 'private').text.contains(LoginServer.CLIENT_SECRET))
        new File(block, '.genesys-token').text = '2026-01-01T00:00:00Z'
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals([], blockDirs)
    }

    @Test
    void theScriptedPipelineRuns() {
        runRecipe(SCRIPTED)
        assertPrinted('\nterraform apply -input=false plan.tfplan: eu-central-1, token ****\n')
        assertPrinted('\nupload-prompt prompts/hello.wav: eu-central-1, token ****\n')
        assertFalse(new File(pipeline.env.WORKSPACE).exists())
    }

    @Test
    void theScriptedPipelineHasTheSameStepsAsTheExample() {
        String example = Programs.file('Jenkinsfile.example').text
        assertEquals(stepsOf(example), stepsOf(Pages.pipelines(PAGE, SCRIPTED).first()))
    }

    @Test
    void theRecipeForLongLoopsGetsANewTokenInTime() {
        // The token ages by hours in each iteration.
        String age = "${Programs.DIRECTORY}/examples/age_token \"\$HOME/.cache/genesys-token\" ${server.loginUrl} 240"
        runRecipe('Long loops') { Pipeline agent ->
            Agents.program(new File(agent.env.WORKSPACE), 'upload-prompt', "${TOOL}\n${age}")
        }
        assertPrinted('\nupload-prompt prompts/goodbye.wav: eu-central-1, token ****\n')
        assertPrinted('\nupload-prompt prompts/hello.wav: eu-central-1, token ****\n')
        assertPrinted('"OAuthClient":')
        assertEquals(3, server.tokenRequests)
    }

    @Test
    void theRecipeForContainersRuns() {
        runRecipe('Containers')
        assertPrinted('\nterraform plan -input=false: eu-central-1, token ****\n')
        assertEquals(1, pipeline.count('docker exec'))
    }

    @Test
    void theRecipeForAStepThatIsNotShRunsAndTheTokenIsMasked() {
        // The controller gets the token, as the page says.
        tokenMayBeFound = true
        runRecipe('A step that is not sh')
        assertTrue(pipeline.console.toString(), pipeline.console.contains('value:Bearer ****'))
        assertFalse(pipeline.console.toString(), pipeline.console.contains(server.tokens.first()))
    }

    @Test
    void theMistakeToAvoidShowsTheTokenAndTheSearchForSecretsFindsIt() {
        Map<String, String> mistake = Pages.snippets(PAGE).find { it.language == 'sh' }
        assertEquals('What is masked and what is not', mistake.heading)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { sh '''${mistake.text}''' }")
        assertTrue(pipeline.console.contains("Authorization: Bearer ${server.tokens.first()}"))
        String found = ''
        try {
            assertNoSecretIsFound()
        } catch (AssertionError leak) {
            found = leak.message
        }
        assertTrue(found, found.contains(' is in the console'))
        tokenMayBeFound = true
    }

    private void runRecipe(String heading, Closure prepare = { }) {
        runAll(Pages.pipelines(PAGE, heading), prepare)
    }

    /** The lines that get a token or run a command. */
    private static List<String> stepsOf(String pipeline) {
        return pipeline.readLines()*.trim().findAll { it.startsWith('withGenesysToken(') || it.startsWith('sh ') }
    }

}
