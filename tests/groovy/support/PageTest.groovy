import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

/**
 * Plays what pages show, each snippet in a fresh pipeline with stand-ins for the tools: it succeeds, and neither its
 * console, before Jenkins masks anything, nor any argument of a step has the token or the secret.
 */
abstract class PageTest extends StepTest {

    /** Says how it would log in, and encodes it as such tools do. */
    protected static final String TOOL = '''
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
        'deploy-flows'     : TOOL,
        'export-everything': TOOL,
        'export-users'     : 'echo "export-users: token $PURECLOUD_TOKEN"',
        'upload-prompt'    : TOOL,
    ]

    private final StringBuilder shown = new StringBuilder()

    /** What a page shows: `[heading:, language:, text:]`. */
    static List<Map<String, String>> snippets(String page) {
        List<Map<String, String>> snippets = []
        String heading = ''
        Map<String, String> open = null
        for (line in Programs.file(page).readLines('UTF-8')) {
            if (open && line.trim() == '```') {
                snippets << open
                open = null
            } else if (open) {
                open.text += "${line}\n"
            } else if (line.trim().startsWith('```')) {
                open = [heading: heading, language: line.trim().substring(3), text: '']
            } else if (line.startsWith('#')) {
                heading = line.replaceFirst('#+ ', '')
            }
        }
        return snippets
    }

    /** The pipelines under one heading of a page. */
    static List<String> pipelines(String page, String heading) {
        List<String> texts = snippets(page).findAll { it.heading == heading && it.language == 'groovy' }*.text
        assertTrue("no pipeline under ${heading} in ${page}", texts.size() > 0)
        return texts
    }

    /** Plays them, each on an agent with everything, and with what `prepare` adds to it. */
    void play(List<String> texts, Closure prepare = { }) {
        for (text in texts) {
            pipeline.close()
            pipeline = agent()
            prepare(pipeline)
            pipeline.run(text)
            shown << pipeline.raw
            assertEquals([], blocks)
            assertNothingSecretWasSeen()
        }
    }

    /** Fails unless one of the consoles has this. */
    void assertShown(String text) {
        assertTrue("'${text}' is not in the console:\n${shown}", shown.contains(text))
    }

    /** Where an agent has its tools. */
    static File toolsOf(Pipeline agent) {
        return new File(agent.home, 'tools')
    }

    private Pipeline agent() {
        Pipeline agent = Agents.pipeline(server)
        File tools = toolsOf(agent)
        TOOLS.each { name, script -> Agents.program(tools, name, script) }
        agent.outermost.env.PATH = "${tools}:${agent.env.PATH}".toString()
        agent.imagePath = "${tools}:${agent.imagePath}"
        File workspace = new File(agent.env.WORKSPACE)
        SCRIPTS.each { name, script -> Agents.program(workspace, name, script) }
        File prompts = new File(workspace, 'prompts')
        prompts.mkdirs()
        ['goodbye.wav', 'hello.wav'].each { new File(prompts, it).text = '' }
        return agent
    }

}
