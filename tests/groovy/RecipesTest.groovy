import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/**
 * The recipes of docs/recipes.md themselves, each in a fresh pipeline: it succeeds, and neither its console, before
 * Jenkins masks anything, nor any argument of a step has the token or the secret. None is left out.
 */
class RecipesTest extends StepTest {

    /** What the page shows: `[heading:, language:, text:]`. */
    private static final List<Map<String, String>> SNIPPETS = snippets(Programs.file('docs/recipes.md').text)

    private static final String SCRIPTED = 'A scripted pipeline'

    /** Says how it would log in, and encodes it as such tools do. */
    private static final String TOOL = '''
        who="token $GENESYSCLOUD_ACCESS_TOKEN"
        if [ -z "$GENESYSCLOUD_ACCESS_TOKEN" ]; then
            who="client $GENESYSCLOUD_OAUTHCLIENT_ID, secret $GENESYSCLOUD_OAUTHCLIENT_SECRET"
        fi
        echo "$(basename "$0")${*:+ $*}: $GENESYSCLOUD_REGION, $who"
        printf '%s' "Authorization: $who" | base64 -w 0 >&2
    '''

    /** The real tools are not here; these do what matters. */
    private static final Map<String, String> TOOLS = [
        terraform: TOOL,
        gc       : '''
            case "$GENESYSCLOUD_REGION" in
                me-central-1 | ap-northeast-3 | eu-central-2) echo "Invalid AWS region: $GENESYSCLOUD_REGION"; exit 1 ;;
            esac
        ''' + TOOL,
        archy    : '''
            set -e
            test "$1 $2 $3 $4" = 'publish --file flow.yaml --optionsFile'
            grep -qx "clientId: \\"$GENESYSCLOUD_OAUTHCLIENT_ID\\"" "$5"
            grep -qx "clientSecret: \\"$GENESYSCLOUD_OAUTHCLIENT_SECRET\\"" "$5"
            echo "archy: options of mode $(stat -c %a "$5"), $(grep location "$5")"
        ''',
    ]

    private static final Map<String, String> SCRIPTS = [
        'deploy-flows' : TOOL,
        'export-users' : 'echo "export-users: token $PURECLOUD_TOKEN"',
        'upload-prompt': TOOL,
    ]

    private final StringBuilder shown = new StringBuilder()

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
        ], SNIPPETS.findAll { it.language == 'groovy' }.countBy { it.heading })
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
        String scripted = SNIPPETS.find { it.heading == SCRIPTED }.text
        assertEquals(deeds(Programs.file('Jenkinsfile.example').text), deeds(scripted))
    }

    @Test
    void longLoopsGetANewTokenInTime() {
        // Hours pass in each turn.
        String age = "${Programs.DIRECTORY}/examples/age_token \"\$HOME/.cache/genesys-token\" ${server.loginUrl} 240"
        play('Long loops', ['upload-prompt': "${TOOL}\n${age}"])
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
        Map<String, String> mistake = SNIPPETS.find { it.language == 'sh' }
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

    private void play(String heading, Map<String, String> scripts = [:]) {
        List<Map<String, String>> recipes = SNIPPETS.findAll { it.heading == heading && it.language == 'groovy' }
        assertFalse("no recipe under ${heading}", recipes.empty)
        for (recipe in recipes) {
            pipeline.close()
            pipeline = agent(SCRIPTS + scripts)
            pipeline.run(recipe.text)
            shown << pipeline.raw
            assertEquals([], blocks)
            assertNothingSecretWasSeen()
        }
    }

    private Pipeline agent(Map<String, String> scripts) {
        Pipeline agent = Agents.pipeline(server)
        File tools = new File(agent.home, 'tools')
        TOOLS.each { name, script -> Agents.program(tools, name, script) }
        agent.outermost.env.PATH = "${tools}:${agent.env.PATH}".toString()
        agent.imagePath = "${tools}:${agent.imagePath}"
        File workspace = new File(agent.env.WORKSPACE)
        scripts.each { name, script -> Agents.program(workspace, name, script) }
        File prompts = new File(workspace, 'prompts')
        prompts.mkdirs()
        ['goodbye.wav', 'hello.wav'].each { new File(prompts, it).text = '' }
        return agent
    }

    private void assertShown(String text) {
        assertTrue("'${text}' is not in the console:\n${shown}", shown.contains(text))
    }

    private static List<Map<String, String>> snippets(String page) {
        return page.split('\n## ').toList().collectMany { section ->
            String heading = section.readLines().first()
            (section =~ /(?ms)^```(\w+)\n(.*?)^```$/).collect { all, language, text ->
                [heading: heading, language: language, text: text]
            }
        }
    }

    /** The lines that get tokens and run something. */
    private static List<String> deeds(String pipeline) {
        return pipeline.readLines()*.trim().findAll { it.startsWith('withGenesysToken(') || it.startsWith('sh ') }
    }

}
