import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.After
import org.junit.Before
import org.junit.Test

/** The cache that agents share: how its address and its password reach the program, and nothing else. */
class SharedCacheTest extends StepTest {

    private static final String PASSWORD = 'redis-pa55/word'
    private static final String ARGUMENTS = "sharedCache: 'redis://cache.example', sharedCacheCredentialsId:"

    /** A program that writes down what it gets, and then is the program. */
    private File helper
    private Process redis

    @Before
    void addCredentials() {
        pipeline.credentials['redis'] = [type: 'Username with password', username: 'fleet', secret: PASSWORD]
        pipeline.credentials['redis-secret'] = [type: 'Secret text', secret: PASSWORD]
        pipeline.credentials['redis-key'] = [type: 'SSH Username with private key', username: 'x', secret: 'x']
        helper = Agents.program(new File(pipeline.home, 'helper'), 'genesys-token', """
            env | grep ^GENESYS_TOKEN_SHARED_CACHE | sort >'${pipeline.home}/seen'
            exec '${Programs.HELPER}' "\$@"
        """)
    }

    @After
    void endRedis() {
        redis?.destroy()
        redis?.waitFor()
    }

    @After
    void searchForThePassword() {
        assertFalse(pipeline.controllerState, pipeline.controllerState.contains(PASSWORD))
        assertFalse(pipeline.console.toString(), pipeline.console.contains(PASSWORD))
    }

    /** The variables that the program got in the last block. */
    private List<String> getSeen() {
        File file = new File(pipeline.home, 'seen')
        List<String> lines = file.readLines()
        file.delete()
        return lines
    }

    /** Starts a server with the user of the credentials, and returns its port. */
    private int startRedis() {
        int port = new ServerSocket(0).withCloseable { it.localPort }
        String acl = "user default off\nuser fleet on >${PASSWORD} ~* &* +@all"
        File config = new File(pipeline.home, 'redis.conf')
        config.text = "bind 127.0.0.1\nport ${port}\nsave \"\"\n${acl}\n"
        redis = ['redis-server', config.path].execute()
        BufferedReader output = redis.inputStream.newReader()
        String line = output.readLine()
        while (!line.contains('Ready to accept connections')) {
            line = output.readLine()
        }
        config.delete()
        return port
    }

    private void run(String arguments, String body = '') {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', helper: '${helper}', ${arguments}) { ${body} }")
    }

    @Test
    void theAddressReachesTheProgramAndNotTheBody() {
        run("sharedCache: 'redis://cache.example'", "sh 'env | grep -c SHARED_CACHE= || true'")
        assertEquals(['GENESYS_TOKEN_SHARED_CACHE=redis://cache.example'], seen)
        assertTrue(pipeline.rawConsole.contains('\n0\n'))
    }

    @Test
    void aUsernameWithPasswordIsBoundTogetherWithTheCredential() {
        run("${ARGUMENTS} 'redis'", "sh 'env | grep -c SHARED_CACHE || true'")
        assertEquals(['GENESYS_TOKEN_SHARED_CACHE=redis://cache.example',
            "GENESYS_TOKEN_SHARED_CACHE_PASSWORD=${PASSWORD}".toString(),
            'GENESYS_TOKEN_SHARED_CACHE_USERNAME=fleet'], seen)
        assertEquals(['withCredentials', 'withEnv', 'sh', 'withEnv', 'sh', 'dir', 'deleteDir'], pipeline.calls*.step)
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('\n0\n'))
    }

    @Test
    void aPasswordThatIsBoundAroundTheBlockReachesTheProgramAndTheProgramOfANestedBlock() {
        pipeline.run("""
            withCredentials([string(credentialsId: 'redis-secret', variable: 'GENESYS_TOKEN_SHARED_CACHE_PASSWORD')]) {
                withGenesysToken(credentialsId: 'genesys-prod', sharedCache: 'redis://127.0.0.1:1') {
                    withGenesysToken(credentialsId: 'genesys-prod', helper: '${helper}', sharedCache: 'a.example') { }
                }
            }
        """)
        assertEquals("GENESYS_TOKEN_SHARED_CACHE_PASSWORD=${PASSWORD}".toString(), seen.last())
    }

    @Test
    void aSecretTextIsBoundAndOnlyTheFirstBlockOfABuildPaysForFindingThatOut() {
        for (expected in [2, 1, 1]) {
            int before = pipeline.count('withCredentials')
            run("${ARGUMENTS} 'redis-secret'")
            assertEquals(['GENESYS_TOKEN_SHARED_CACHE=redis://cache.example',
                "GENESYS_TOKEN_SHARED_CACHE_PASSWORD=${PASSWORD}".toString()], seen)
            assertEquals(before + expected, pipeline.count('withCredentials'))
        }
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void branchesThatFindOutAtOnceThatItIsASecretTextAllGoOn() {
        pipeline.run("""
            parallel((1..6).collectEntries { number -> ["\${number}", {
                withGenesysToken(credentialsId: 'genesys-prod', sharedCache: 'redis://127.0.0.1:1',
                    sharedCacheCredentialsId: 'redis-secret') { }
            }] })
        """)
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void aFailedBodyIsNotRunAgain() {
        pipeline.bodyException = new hudson.AbortException("Credentials 'redis' is of type 'x' where 'y' was expected")
        Throwable thrown = thrownBy("withGenesysToken(credentialsId: 'genesys-prod', refresh: true, " +
            "${ARGUMENTS} 'redis') { echo 'the body runs'; throw bodyException }")
        assertEquals(pipeline.bodyException, thrown)
        assertEquals(1, pipeline.count('echo'))
        assertEquals(1, pipeline.count('withCredentials'))
    }

    @Test
    void aMissingCredentialOrOneOfAnotherTypeNamesItsArgument() {
        String types = 'sharedCacheCredentialsId: must name a Username with password, ' +
            'or a Secret text with the password'
        String call = "withGenesysToken(credentialsId: 'genesys-prod', ${ARGUMENTS}"
        assertFails("${call} 'nobody') { }", "Could not find credentials entry with ID 'nobody'; ${types}")
        for (attempt in 1..2) {
            assertFails("${call} 'redis-key') { }",
                "Credentials 'redis-key' is of type 'SSH Username with private key' where 'Secret text' was " +
                "expected; ${types}")
        }
        assertFails("withGenesysToken(credentialsId: 'nobody', ${ARGUMENTS} 'redis') { }",
            "Could not find credentials entry with ID 'nobody'; credentialsId: must name *")
    }

    @Test
    void aCredentialWithoutASharedCacheFailsUnlessTheAgentHasOne() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', sharedCacheCredentialsId: 'redis') { }",
            'sharedCacheCredentialsId: there is no shared cache to log in to; give its address as sharedCache:, ' +
            'or to all pipelines in GENESYS_TOKEN_SHARED_CACHE')
        pipeline.agentContext.env.GENESYS_TOKEN_SHARED_CACHE = 'redis://of-the-agent.example'
        run("sharedCacheCredentialsId: 'redis'")
        assertEquals('GENESYS_TOKEN_SHARED_CACHE=redis://of-the-agent.example', seen.first())
    }

    @Test
    void anAddressThatIsNoneOrHasAPasswordFailsAndThePasswordIsNotShown() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', sharedCache: 'http://cache.example') { }",
            'the value of sharedCache has another scheme than redis, rediss and unix; *')
        int before = pipeline.calls.size()
        for (user in ['redis://fleet:xyzzy', 'redis://:xyzzy', 'fleet:xyzzy']) {
            assertFails("withGenesysToken(credentialsId: 'genesys-prod', sharedCache: '${user}@cache.example') { }",
                'sharedCache: must not have a password; give the id of a credential with it as ' +
                'sharedCacheCredentialsId:')
        }
        assertEquals(['error'] * 3, pipeline.calls.drop(before)*.step)
        assertFalse(pipeline.controllerState.contains('xyzzy'))
        for (address in ['redis://fleet@cache.example:6379/1', 'cache.example:6379']) {
            run("sharedCache: '${address}'")
            assertEquals(["GENESYS_TOKEN_SHARED_CACHE=${address}".toString()], seen)
        }
    }

    @Test
    void anOldProgramThatWouldPassOverTheSharedCacheFailsTheBlock() {
        File old = Agents.program(new File(pipeline.home, 'old'), 'genesys-token',
            "unset GENESYS_TOKEN_STEP; exec '${Programs.HELPER}' \"\$@\"")
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}', sharedCache: 'a.example') { }",
            "sharedCache: the program on this agent is too old for it; use the program of the library's release")
    }

    @Test
    void aBodyWithRefreshLogsInToARealOneAndItsCommandsGetNoPassword() {
        int port = startRedis()
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-prod', refresh: true, sharedCache: 'redis://127.0.0.1:${port}',
                    sharedCacheCredentialsId: 'redis') {
                sh 'genesys-token doctor | grep shared'
                sh 'genesys-token exec -- env | grep -c SHARED_CACHE_PASSWORD || true'
            }
        """)
        String console = pipeline.rawConsole
        assertTrue(console, console.contains('✓ shared cache   127.0.0.1:' + port + ', without TLS, as user fleet'))
        assertTrue(console, console.contains('✓ shared lease   holds between two connections'))
        assertTrue(console, console.contains('\n0\n'))
    }

    @Test
    void newAgentsWithoutAnythingElseInCommonRequestOneToken() {
        int port = startRedis()
        pipeline.run(['first', 'second', 'third'].collect { agent ->
            pipeline.addAgent(agent)
            """
                node('${agent}') {
                    withGenesysToken(credentialsId: 'genesys-prod', share: false,
                            sharedCache: 'redis://127.0.0.1:${port}', sharedCacheCredentialsId: 'redis') {
                        sh 'genesys-token exec -- true'
                    }
                }
            """
        }.join('\n'))
        assertEquals(1, server.tokenRequests)
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('(from the shared cache)'))
        assertFalse(pipeline.rawConsole.contains('not shared'))
    }

}
