import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

import org.junit.Before
import org.junit.BeforeClass
import org.junit.Test

/** The pipelines of docs/windows.md, with test doubles of the tools, by Wine's cmd.exe. */
class WindowsRecipesTest extends StepTest {

    private static final String PAGE = 'docs/windows.md'
    private static final String RECIPES = 'Recipes'

    /** Test doubles on the agent's `PATH`. */
    private static final Map<String, String> TOOLS = [
        'gc.cmd'          : '@echo gc %*: %GENESYSCLOUD_REGION%, token %GENESYSCLOUD_ACCESS_TOKEN%',
        'terraform.cmd'   : '@echo terraform %*: %GENESYSCLOUD_REGION%, token %GENESYSCLOUD_ACCESS_TOKEN%',
        'export-users.cmd': '@echo export-users: token %PURECLOUD_TOKEN%',
        'archy.cmd'       : '''\
            @if not "%1 %2 %3 %4"=="publish --file flow.yaml --optionsFile" exit /b 1
            @for /f "usebackq tokens=1*" %%a in ("%~5") do @call :check %%a %%b
            @exit /b 5
            :check
            @if "%1"=="clientId:" if %2=="%GENESYSCLOUD_OAUTHCLIENT_ID%" echo archy: the client id is right
            @if "%1"=="clientSecret:" if %2=="%GENESYSCLOUD_OAUTHCLIENT_SECRET%" echo archy: the secret is right
            @if "%1"=="location:" echo archy: %2
        ''',
    ]

    @BeforeClass
    static void findWine() {
        WindowsPipeline.assumeThereIs('the recipes for Windows', WindowsPipeline.PROGRAM)
    }

    @Before
    void startOnWindows() {
        pipeline.close()
        pipeline = Agents.windows(server)
        File tools = new File(pipeline.home, 'tools')
        tools.mkdirs()
        TOOLS.each { name, text -> new File(tools, name).text = text.stripIndent().replace('\n', '\r\n') }
        pipeline.agentContext.env.PATH += ";${WindowsPipeline.windowsPath(tools)}"
    }

    private void assertPrinted(String text) {
        assertTrue("'${text}' is not in ${pipeline.rawConsole}", pipeline.rawConsole.contains(text))
    }

    @Test
    void thePipelineOfTheSetUpRunsABatchFile() {
        pipeline.run(Pages.pipelines(PAGE, 'Set it up').first())
        assertPrinted('gc routing queues list: eu-central-1, token ****')
    }

    @Test
    void theRecipesForTerraformCurlAndOtherToolsRun() {
        WindowsPipeline.assumeThereIs('the recipe for curl.exe', WindowsPipeline.system('curl.exe'))
        pipeline.run(Pages.pipelines(PAGE, RECIPES).first())
        assertPrinted('terraform plan "-input=false" "-out=plan.tfplan": eu-central-1, token ****')
        assertPrinted('"OAuthClient":')
        assertPrinted('export-users: token ****')
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void theRecipeForArchyWritesTheSecretToThePrivateFileAlone() {
        String failure = thrownBy(Pages.pipelines(PAGE, RECIPES)[1])?.message
        // For the cmd.exe of Wine each code of `exit /b` but 0 is 1.
        assertEquals("the double's exit code", 'script returned exit code 1', failure)
        assertPrinted('archy: the client id is right')
        assertPrinted('archy: the secret is right')
        assertPrinted('archy: mypurecloud.de')
        assertEquals([], blockDirs)
    }

}
