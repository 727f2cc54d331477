import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** What the body of a block gets. */
class BodyTest extends StepTest {

    @Test
    void theBodyGetsTheFilesAndTheStepReturnsItsValue() {
        Object value = pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-central-1') {
                sh 'test -s "$GENESYS_TOKEN_FILE" && test -s "$GENESYS_HEADERS_FILE" && test -s "$GENESYS_CURL_CONFIG"'
                sh(script: 'echo "$GENESYSCLOUD_REGION $GENESYS_TOKEN_EXPIRES_AT"', returnStdout: true).trim()
            }
        ''')
        assertTrue(value, value ==~ /eu-central-1 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
    }

    @Test
    void aBlockRunsOneSh() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals(1, pipeline.count('sh'))
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', refresh: true, carryHelper: true) { }")
        assertEquals(2, pipeline.count('sh'))
    }

    @Test
    void theScriptIsTheSameForAllArguments() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        pipeline.run("withGenesysToken(credentialsId: 'genesys-secret', clientId: '${LoginServer.CLIENT_ID}', " +
            "region: 'eu-west-1', scope: ['a', 'b'], minTtl: 60, timeout: '30s', verify: false, carryHelper: true) { }")
        assertEquals(2, pipeline.count('sh'))
        assertEquals(1, pipeline.calls.findAll { it.step == 'sh' }*.arguments.toSet().size())
    }

    @Test
    void theBodyDoesNotGetTheCredential() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod') { sh 'env | grep -c OAUTHCLIENT || true' }
        ''')
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.toString().endsWith('\n0\n+ true\n'))
    }

    @Test
    void refreshKeepsTheCredentialBoundSoThatTheBodyCanFetchAnotherToken() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', refresh: true, scope: 'routing') {
                sh 'genesys-token get --force-refresh --output "$WORKSPACE/one"'
                sh 'genesys-token get | cmp - "$WORKSPACE/one"; rm "$WORKSPACE/one"'
            }
        ''')
        assertEquals(2, server.tokenRequests)
        assertTrue(server.log.every { it.body.endsWith('scope=routing') })
    }

    @Test
    void aSecretTextIsUsedTogetherWithClientId() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-secret', clientId: '${LoginServer.CLIENT_ID}') { }")
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void scopeAndCacheDirReachTheProgram() {
        pipeline.run('''
            String cache = env.WORKSPACE + '/c'
            withGenesysToken(credentialsId: 'genesys-prod', scope: ['users', 'routing'], cacheDir: cache) { }
        ''')
        assertTrue(server.log.first().body, server.log.first().body.endsWith('scope=routing+users'))
        assertEquals(2, new File(pipeline.env.WORKSPACE, 'c').list().size())
    }

    @Test
    void theBodyRunsWithATokenOfTheExpectedOrganisation() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', expectOrg: 'Loopback') { sh 'touch ran' }")
        assertTrue(new File(pipeline.env.WORKSPACE, 'ran').exists())
    }

    @Test
    void theFilesAreFoundFromEveryDirectory() {
        pipeline.run('''
            sh 'mkdir -p "sub dir"'
            dir('sub dir') {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh 'test -s "$GENESYS_TOKEN_FILE"'
                    dir('..') { sh 'test -s "$GENESYS_TOKEN_FILE"' }
                }
            }
        ''')
        assertEquals([], blockDirs)
    }

    @Test
    void aWorkspacePathWithSpacesAndQuotesWorks() {
        pipeline.close()
        pipeline = Agents.pipeline(server, [:], "it's a \$(job) \"x\"")
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) {
                sh 'test -s "$GENESYS_TOKEN_FILE"; genesys-token exec -- true'
            }
        ''')
        assertEquals([], blockDirs)
    }

    @Test
    void theDirectoryOfTheHelperIsOnThePathOfTheBody() {
        pipeline.close()
        pipeline = Agents.pipeline(server, [PATH: '/usr/bin:/bin'])
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-prod', helper: '${Programs.HELPER}') {
                sh 'genesys-token exec -- true; "\$GENESYS_TOKEN_HELPER" exec -- true'
            }
        """)
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void aHelperOfAnyNameIsFoundAsGenesysTokenInTheBody() {
        pipeline.close()
        pipeline = Agents.pipeline(server, [PATH: '/usr/bin:/bin'])
        File directory = new File(pipeline.home, 'downloads')
        File helper = Agents.program(directory, 'genesys-token-x86_64', "exec '${Programs.HELPER}' \"\$@\"")
        for (given in [helper.path, helper.name]) {
            pipeline.agentContext.env.PATH = "${given == helper.name ? "${directory}:" : ''}/usr/bin:/bin".toString()
            pipeline.run("""
                withGenesysToken(credentialsId: 'genesys-prod', helper: '${given}') {
                    sh 'genesys-token exec -- true; "\$GENESYS_TOKEN_HELPER" exec -- true'
                    withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }
                }
            """)
        }
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
    }

    @Test
    void theCarriedHelperIsOnThePathOfTheBodyAndNeedsNoHome() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) {
                sh 'test "$(command -v genesys-token)" = "$(dirname "$GENESYS_TOKEN_FILE")/bin/genesys-token"'
                // The environment of a container without a home directory.
                withEnv(['HOME=/']) { sh 'env -u WORKSPACE_TMP genesys-token exec -- true' }
            }
        ''')
        assertEquals([], blockDirs)
    }

    @Test
    void aTokenThatHasEndedEarlyIsReplacedUnlessVerifyIsFalse() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        Programs.ageToken(new File(pipeline.env.HOME, '.cache/genesys-token'), server, 86_399 - 300)
        server.control(kill_all_tokens: true)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', verify: false) { }")
        assertEquals(1, server.tokenRequests)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals(2, server.tokenRequests)
    }

    @Test
    void execReportsThatTheFilesOfTheBlockAreGone() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod') {
                sh 'rm -r "$(dirname "$GENESYS_TOKEN_FILE")"; ! genesys-token exec -- true'
            }
        ''')
        assertTrue(pipeline.rawConsole.contains('the block that bound it may be over, or its directory was cleaned'))
    }

    @Test
    void otherLinesAndCarriageReturnsInTheAnswerAreIgnored() {
        File noisy = Agents.program(new File(pipeline.home, 'noisy'), 'genesys-token',
            "printf 'Welcome to this machine\\r\\n\\n'; '${Programs.HELPER}' \"\$@\" | sed 's/\$/\\r/'")
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-prod', helper: '${noisy}') { sh 'test -s "\$GENESYS_TOKEN_FILE"' }
        """)
        assertFalse(pipeline.calls.any { it.step == 'withEnv' && it.arguments.contains('Welcome') })
    }

    @Test
    void theTokenVariableHoldsTheTokenAndIsMaskedInTheConsole() {
        tokenMayBeFound = true
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', tokenVariable: 'MY_TOKEN') {
                sh 'echo "it is $MY_TOKEN"; test "$MY_TOKEN" = "$(cat "$GENESYS_TOKEN_FILE")"'
            }
        ''')
        assertTrue(pipeline.console.toString(), pipeline.console.contains('it is ****'))
        assertFalse(pipeline.console.contains(server.tokens.first()))
        assertEquals([], blockDirs)
    }

}
