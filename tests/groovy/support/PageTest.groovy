import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

/**
 * Runs the pipelines of the pages, each on a fresh agent with test doubles of the tools. A pipeline must succeed, and
 * neither the token nor the secret may be in an argument of a step or in the console before Jenkins masks anything.
 */
abstract class PageTest extends StepTest {

    /** Prints the credential with which it would log in, as text and in base64. */
    protected static final String TOOL = '''
        login="token $GENESYSCLOUD_ACCESS_TOKEN"
        if [ -z "$GENESYSCLOUD_ACCESS_TOKEN" ]; then
            login="client $GENESYSCLOUD_OAUTHCLIENT_ID, secret $GENESYSCLOUD_OAUTHCLIENT_SECRET"
        fi
        echo "$(basename "$0")${*:+ $*}: $GENESYSCLOUD_REGION, $login"
        printf '%s' "Authorization: $login" | base64 -w 0 >&2
    '''

    /** Test doubles of the tools on the agent's `PATH`. */
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
            echo "archy: $(basename "$5") of mode $(stat -c %a "$5"), $(grep location "$5")"
        ''',
    ]

    /** Test doubles of the scripts in the workspace. */
    private static final Map<String, String> SCRIPTS = [
        'deploy-flows'     : TOOL,
        'export-everything': TOOL,
        'export-users'     : 'echo "export-users: token $PURECLOUD_TOKEN"',
        'upload-prompt'    : TOOL,
    ]

    /** The consoles of all pipelines that a test has run. */
    private final StringBuilder consoles = new StringBuilder()

    /** Runs each pipeline on a fresh agent, which `prepare` can change. */
    void runAll(List<String> texts, Closure prepare = { }) {
        for (text in texts) {
            pipeline.close()
            pipeline = freshAgent()
            prepare(pipeline)
            pipeline.run(text)
            consoles << pipeline.rawConsole
            assertEquals([], blockDirs)
            assertNoSecretIsFound()
        }
    }

    /** Fails unless this text is in one of the consoles. */
    void assertPrinted(String text) {
        assertTrue("'${text}' is not in the console:\n${consoles}", consoles.contains(text))
    }

    /** The directory of the tools on an agent's `PATH`. */
    static File toolsDir(Pipeline agent) {
        return new File(agent.home, 'tools')
    }

    private Pipeline freshAgent() {
        Pipeline agent = Agents.pipeline(server)
        File tools = toolsDir(agent)
        TOOLS.each { name, script -> Agents.program(tools, name, script) }
        agent.agentContext.env.PATH = "${tools}:${agent.env.PATH}".toString()
        agent.imagePath = "${tools}:${agent.imagePath}"
        File workspace = new File(agent.env.WORKSPACE)
        SCRIPTS.each { name, script -> Agents.program(workspace, name, script) }
        File prompts = new File(workspace, 'prompts')
        prompts.mkdirs()
        ['goodbye.wav', 'hello.wav'].each { new File(prompts, it).text = '' }
        return agent
    }

}
