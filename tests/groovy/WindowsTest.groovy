import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.junit.Before
import org.junit.BeforeClass
import org.junit.Test

/** Blocks on a Windows agent, by Wine's cmd.exe. */
class WindowsTest extends StepTest {

    private static final String BLOCK = "withGenesysToken(credentialsId: 'genesys-prod')"

    @BeforeClass
    static void findWine() {
        WindowsPipeline.assumeThereIs('the step on Windows', WindowsPipeline.PROGRAM)
    }

    @Before
    void startOnWindows() {
        pipeline.close()
        pipeline = Agents.windows(server)
    }

    @Test
    void theBodyGetsTheFilesTheProgramAndNoCredential() {
        Object value = pipeline.run("""
            ${BLOCK} {
                bat '''
                    @echo off
                    set /p token=<"%GENESYS_TOKEN_FILE%"
                    for /f %%t in ('genesys-token get -q') do if not "%%t"=="%token%" exit 1
                    if not defined token exit 1
                    if "%token:~40,1%"=="" exit 1
                '''
                bat '@set > variables.txt'
                bat(script: '@echo %GENESYSCLOUD_REGION% %GENESYS_TOKEN_EXPIRES_AT%', returnStdout: true).trim()
            }
        """)
        assertTrue(value, value ==~ /us-east-1 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
        String variables = pipeline.file('variables.txt').text
        assertFalse(variables, variables.contains('OAUTHCLIENT'))
        assertTrue(variables, variables.contains('GENESYS_CURL_CONFIG=Z:\\'))
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
        assertEquals(4, pipeline.count('bat'))
    }

    @Test
    void aBlockRunsOneBatWithTheSameScriptForAllArguments() {
        pipeline.run("${BLOCK} { }")
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-secret', clientId: '${LoginServer.CLIENT_ID}',
                region: 'eu-west-1', scope: ['a', 'b'], minTtl: 60, timeout: '30s', cacheDir: env.WORKSPACE + '/c',
                lane: 'one', expectOrg: 'Loopback', verify: false, refresh: true, share: false,
                helper: '${quoted(WindowsPipeline.windowsPath(WindowsPipeline.PROGRAM))}') {
                bat '@genesys-token get --force-refresh -q --output token.txt & del token.txt'
            }
        """)
        List<String> bats = pipeline.calls.findAll { it.step == 'bat' }*.arguments
        assertEquals(3, bats.size())
        assertEquals(bats[0], bats[1])
        assertEquals(3, server.tokenRequests)
        assertTrue(server.log.findAll { it.path == '/oauth/token' }.last().body.endsWith('scope=a+b'))
        assertEquals([], blockDirs)
    }

    @Test
    void thePathOfTheBodyIsThatOfTheAgentUnlessTheProgramIsNotOnIt() {
        // The address of all agents is for those of Linux.
        pipeline.agentContext.env.GENESYS_TOKEN_HELPER_URL = 'https://example.com/genesys-token'
        assertEquals(pipeline.agentContext.env.PATH, pipeline.run("${BLOCK} { env.PATH }"))
    }

    @Test
    void aHelperOfTheAgentThatIsNoPathIsNotLookedForInTheWorkspace() {
        pipeline.file('genesys-token.exe').bytes = new File(WindowsPipeline.WINE, 'command.exe').bytes
        pipeline.agentContext.env.GENESYS_TOKEN_HELPER = 'genesys-token.exe'
        assertTrue(pipeline.run("${BLOCK} { env.GENESYS_TOKEN_HELPER }").endsWith('debug\\genesys-token.exe'))
    }

    @Test
    void aVariableOfTheAgentWithANameOfTheScriptMeansNothing() {
        File file = pipeline.file('PRIVATE/file')
        file.parentFile.mkdirs()
        file.text = 'of the workspace'
        for (name in ['PRIVATE', 'PROGRAM', 'CARRY', 'CODE', 'CHECKED', 'IS_PROGRAM']) {
            pipeline.agentContext.env[name] = 'PRIVATE'
        }
        pipeline.run("${BLOCK} { }")
        pipeline.credentials['no-id'] = [type: 'Username with password', username: '', secret: 'x' * 43]
        assertFails("withGenesysToken(credentialsId: 'no-id') { }", 'the client id is empty; *')
        assertTrue(file.exists())
    }

    @Test
    void aWorkspaceMayBeNamedWithForwardSlashes() {
        pipeline.agentContext.env.WORKSPACE_TMP = pipeline.env.WORKSPACE_TMP.replace('\\', '/')
        String helper = quoted(WindowsPipeline.windowsPath(WindowsPipeline.PROGRAM))
        pipeline.run("${BLOCK[0..-2]}, helper: '${helper}') { bat '@genesys-token get -q >nul' }")
        assertEquals([], blockDirs)
    }

    @Test
    void oneTokenServesNestedBlocksAndParallelBranches() {
        pipeline.run("""
            ${BLOCK} {
                def outer = env.GENESYS_TOKEN_FILE
                ${BLOCK} { assert env.GENESYS_TOKEN_FILE != outer }
                assert env.GENESYS_TOKEN_FILE == outer
            }
            parallel((1..6).collectEntries { number ->
                ["branch \${number}".toString(), { ${BLOCK} { bat '@genesys-token whoami >nul 2>nul' } }]
            })
        """)
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
    }

    @Test
    void aWorkspaceMayHaveAnyNameAndTheHelperToo() {
        System.err << 'skipped: an exclamation mark in a path: the cmd.exe of Wine expands it twice\n'
        for (name in ['with spaces', 'ü € 名', 'a%TEMP%b', 'a & b', '^ (1)']) {
            pipeline.close()
            pipeline = Agents.windows(server, name)
            File helper = new File(pipeline.home, "${name}/tools/genesys-token-x86_64.exe")
            helper.parentFile.mkdirs()
            helper.bytes = WindowsPipeline.PROGRAM.bytes
            pipeline.agentContext.env.PATH = 'Z:\\nowhere'
            pipeline.run("""
                def helper = env.WORKSPACE + '\\\\tools\\\\genesys-token-x86_64.exe'
                withGenesysToken(credentialsId: 'genesys-prod', helper: helper) {
                    assert env.GENESYS_TOKEN_FILE.startsWith(env.WORKSPACE_TMP)
                    bat '@genesys-token get -q >nul'
                }
            """)
            assertEquals(name, [], blockDirs)
            helper.delete()
        }
    }

    @Test
    void eachWrongUseIsOneClearError() {
        assertFails("${BLOCK[0..-2]}, carryHelper: true) { }",
            'carryHelper: is for containers of Linux; on a Windows agent give the path of the program as helper:')
        assertFails("${BLOCK[0..-2]}, helper: [url: 'http://example.com/a.exe', sha256: '${'0' * 64}']) { }",
            'helper: the url must begin with https:// and have neither a password nor a query')
        assertFails("${BLOCK[0..-2]}, helper: 'genesys-token.exe') { }",
            'helper: on a Windows agent it is a path with a backslash, or a map of url and sha256')
        String missing =
            'there is no genesys-token on this agent; install it on the PATH, or give its path as helper:'
        for (helper in ['C:\\\\nowhere\\\\genesys-token.exe', 'C:\\\\windows']) {
            assertFails("${BLOCK[0..-2]}, helper: '${helper}') { }", missing)
        }
        pipeline.credentials['no-id'] = [type: 'Username with password', username: '', secret: 'x' * 43]
        assertFails("withGenesysToken(credentialsId: 'no-id') { }",
            'the client id is empty; it is the username of the Jenkins credential, or clientId:')
        pipeline.credentials['no-secret'] =
            [type: 'Username with password', username: LoginServer.CLIENT_ID, secret: '']
        assertFails("withGenesysToken(credentialsId: 'no-secret') { }",
            'the client secret is empty; it is the password of the Jenkins credential, or its secret text')
        assertFails("${BLOCK[0..-2]}, sharedCacheCredentialsId: 'genesys-prod') { }",
            'sharedCacheCredentialsId: there is no shared cache to log in to; give its address as sharedCache:, or ' +
            'to all pipelines in GENESYS_TOKEN_SHARED_CACHE')
        assertFails("withGenesysToken(credentialsId: 'genesys-wrong') { }", 'the login server *')
        assertFails("${BLOCK[0..-2]}, region: 'mars') { }", '*mars*')
        String another = quoted(WindowsPipeline.windowsPath(new File(WindowsPipeline.WINE, 'access_list.exe')))
        assertFails("${BLOCK[0..-2]}, helper: '${another}') { }",
            'genesys-token gave no answer and exited with code *; it is another program, or built for another ' +
            'machine, or forbidden here: the console has its messages')
        pipeline.agentContext.env.PATH = 'Z:\\nowhere'
        assertFails("${BLOCK} { }", missing)
        assertEquals('that of the wrong secret', 1, server.tokenRequests)
    }

    @Test
    void anAbortDuringTheFetchIsThrownAndTheSecretIsInNoArgument() {
        server.control(answer: 'swallow')
        assertAbortsWithoutSecretInArguments("${BLOCK} { echo 'the body runs' }", 'bind') { server.tokenRequests > 0 }
    }

    @Test
    void anAbortOfTheBodyIsThrownUnchanged() {
        File started = new File(pipeline.home, 'started')
        Throwable thrown = null
        String path = quoted(WindowsPipeline.windowsPath(started))
        Thread build = Thread.start {
            thrown = thrownBy("${BLOCK} { bat '@echo 1 >\"${path}\" & ping -n 600 127.0.0.1' }")
        }
        while (!started.exists() && build.alive) {
            Thread.onSpinWait()
        }
        pipeline.abort()
        build.join()
        assertEquals("${thrown}", FlowInterruptedException, thrown?.class)
        assertEquals([], blockDirs)
    }

    @Test
    void tokenVariableReadsTheTokenFromTheBlock() {
        tokenMayBeFound = true
        pipeline.run("""
            ${BLOCK[0..-2]}, tokenVariable: 'TOKEN') {
                bat '''
                    @if not defined TOKEN exit 1
                    @if "%TOKEN:~40,1%"=="" exit 1
                '''
            }
        """)
        assertEquals([], blockDirs)
    }

    @Test
    void theLoopOfThePageSetsTheVariablesInABatchFile() {
        String loop = Pages.snippets('docs/windows.md').find { it.language == 'bat' }.text
        String check = 'if not "%GENESYSCLOUD_ACCESS_TOKEN:~40,1%"=="" exit 7'
        assertEquals(7, pipeline.run("${BLOCK} { bat(script: '''@echo off\n${loop}${check}''', returnStatus: true) }"))
        pipeline.agentContext.env.GENESYSCLOUD_ACCESS_TOKEN = 'another-token'
        String wrong = "@echo off\nset GENESYS_TOKEN_FILE=nowhere\n${loop}exit 0"
        assertEquals(1, pipeline.run("${BLOCK} { bat(script: '''${wrong}''', returnStatus: true) }"))
    }

    /** Inside of single quotes of Groovy. */
    private static String quoted(String text) {
        return text.replace('\\', '\\\\')
    }

}
