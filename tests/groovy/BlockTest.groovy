import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertSame
import static org.junit.Assert.assertTrue

import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.junit.Test

/** A block: what its body gets, and how it ends. */
class BlockTest extends StepTest {

    @Test
    void theBodyFindsTheFilesAndItsValueIsReturned() {
        Object value = pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-central-1') {
                sh 'test -s "$GENESYS_TOKEN_FILE" && test -s "$GENESYS_HEADERS_FILE" && test -s "$GENESYS_CURL_CONFIG"'
                sh(script: 'echo "$GENESYSCLOUD_REGION $GENESYS_TOKEN_EXPIRES_AT"', returnStdout: true).trim()
            }
        ''')
        assertTrue(value, value ==~ /eu-central-1 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
        assertEquals(1, server.tokenRequests)
        assertEquals([], blocks)
    }

    @Test
    void aBlockCostsOneSh() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals(1, pipeline.count('sh'))
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', refresh: true, carryHelper: true) { }")
        assertEquals(2, pipeline.count('sh'))
    }

    @Test
    void theScriptIsAlwaysTheSame() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        pipeline.run("withGenesysToken(credentialsId: 'genesys-secret', clientId: '${LoginServer.CLIENT_ID}', " +
            "region: 'eu-west-1', scope: ['a', 'b'], minTtl: 60, timeout: '30s', verify: false, carryHelper: true) { }")
        assertEquals(1, pipeline.calls.findAll { it.step == 'sh' }*.arguments.toSet().size())
    }

    @Test
    void theBodyDoesNotSeeTheCredential() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod') { sh 'env | grep -c OAUTHCLIENT || true' }
        ''')
        assertTrue(pipeline.raw.toString(), pipeline.raw.toString().endsWith('\n0\n+ true\n'))
    }

    @Test
    void withRefreshTheBodyKeepsTheCredentialAndCallsInItRenew() {
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
    void aSecretTextServesWithTheClientId() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-secret', clientId: '${LoginServer.CLIENT_ID}') { }")
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void argumentsReachTheProgram() {
        pipeline.run('''
            String cache = env.WORKSPACE + '/c'
            withGenesysToken(credentialsId: 'genesys-prod', scope: ['users', 'routing'], cacheDir: cache) { }
        ''')
        assertTrue(server.log.first().body, server.log.first().body.endsWith('scope=routing+users'))
        assertEquals(2, new File(pipeline.env.WORKSPACE, 'c').list().size())
    }

    @Test
    void nestedBlocksEachHaveTheirOwn() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-west-1') {
                String outer = env.GENESYS_TOKEN_FILE
                withGenesysToken(credentialsId: 'genesys-prod', region: 'us-west-2', scope: 'routing') {
                    assert env.GENESYS_TOKEN_FILE != outer
                    assert env.GENESYSCLOUD_REGION == 'us-west-2'
                    sh '! cmp -s "$GENESYS_TOKEN_FILE" ' + outer
                }
                assert env.GENESYS_TOKEN_FILE == outer
                assert env.GENESYSCLOUD_REGION == 'eu-west-1'
                sh 'genesys-token exec -- true'
            }
        ''')
        assertEquals([], blocks)
    }

    @Test
    void parallelBlocksDoNotMeetAndShareOneRequest() {
        pipeline.run('''
            parallel((1..6).collectEntries { number -> [number.toString(), {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh 'genesys-token exec -- test -n "$GENESYS_TOKEN_FILE"'
                }
            }] })
        ''')
        assertEquals(1, server.tokenRequests)
        assertEquals([], blocks)
    }

    @Test
    void insideAnotherDirectoryTheFilesAreWhereTheyWere() {
        pipeline.run('''
            sh 'mkdir -p "sub dir"'
            dir('sub dir') {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    dir('..') { sh 'test -s "$GENESYS_TOKEN_FILE"' }
                }
            }
        ''')
        assertEquals([], blocks)
    }

    @Test
    void aWorkspaceWithSpacesAndQuotesIsAPlaceLikeAnyOther() {
        pipeline.close()
        pipeline = Agents.pipeline(server, [:], "it's a \$(job) \"x\"")
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) {
                sh 'test -s "$GENESYS_TOKEN_FILE"; genesys-token exec -- true'
            }
        ''')
        assertEquals([], blocks)
    }

    @Test
    void aHelperByItsPathIsOnThePathOfTheBody() {
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
    void aCarriedHelperNeedsNoInstalledOneInTheBody() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) {
                // As in an image without home, user name and program.
                sh 'test "$(command -v genesys-token)" = "$(dirname "$GENESYS_TOKEN_FILE")/bin/genesys-token"'
                withEnv(['HOME=/']) { sh 'env -u WORKSPACE_TMP genesys-token exec -- true' }
            }
        ''')
        assertEquals([], blocks)
    }

    @Test
    void aDeadTokenIsReplacedBeforeTheBodyBegins() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        age(86_399 - 300)
        server.control(kill_all_tokens: true)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', verify: false) { }")
        assertEquals(1, server.tokenRequests)
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals(2, server.tokenRequests)
    }

    @Test
    void theBodysOwnErrorComesOutAsItIs() {
        Exception own = new IllegalStateException('the body’s own')
        pipeline.credentials.own = own
        assertSame(own, thrownBy("withGenesysToken(credentialsId: 'genesys-prod') { throw credentials.own }"))
        assertSame(own, thrownBy(
            "withGenesysToken(credentialsId: 'genesys-prod', refresh: true) { throw credentials.own }"))
        assertEquals([], blocks)
        Throwable failed = thrownBy("withGenesysToken(credentialsId: 'genesys-prod', refresh: true) { sh 'exit 3' }")
        assertEquals([AbortException, 'script returned exit code 3'], [failed.class, failed.message])
    }

    @Test
    void anAbortComesOutAsItIs() {
        Exception abort = new FlowInterruptedException('aborted')
        pipeline.credentials.own = abort
        for (more in ['', ', refresh: true', ", tokenVariable: 'TOKEN'"]) {
            tokenMayBeSeen = true
            String script = "withGenesysToken(credentialsId: 'genesys-prod'${more}) { throw credentials.own }"
            assertSame(abort, thrownBy(script))
            assertEquals([], blocks)
        }
    }

    @Test
    void aLostAgentAtTheEndHidesNoErrorAndMakesNone() {
        pipeline.deleting = { throw new IOException('agent is gone') }
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertTrue(pipeline.raw.contains('stays behind until a later block removes it: agent is gone'))
        Throwable failed = thrownBy("withGenesysToken(credentialsId: 'genesys-prod') { sh 'exit 3' }")
        assertEquals('script returned exit code 3', failed.message)
        tokenMayBeSeen = true
    }

    @Test
    void anAbortInTheEndIsAnAbortAndAnEarlierOneStays() {
        Exception abort = new FlowInterruptedException('aborted')
        pipeline.deleting = { throw abort }
        assertSame(abort, thrownBy("withGenesysToken(credentialsId: 'genesys-prod') { }"))
        assertSame(abort, thrownBy("withGenesysToken(credentialsId: 'genesys-prod') { sh 'exit 3' }"))
        pipeline.credentials.own = new FlowInterruptedException('before')
        assertSame(pipeline.credentials.own,
            thrownBy("withGenesysToken(credentialsId: 'genesys-prod') { throw credentials.own }"))
        tokenMayBeSeen = true
    }

    @Test
    void aPlainBlockInsideABoundCredentialUsesItsOwnToken() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', refresh: true, scope: 'outer', minTtl: '1h') {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh 'genesys-token get | cmp - "$GENESYS_TOKEN_FILE"; genesys-token exec -- true'
                    sh 'env | grep -c OAUTHCLIENT_SECRET || true'
                }
                sh 'env | grep -c OAUTHCLIENT_SECRET'
            }
        ''')
        assertTrue(pipeline.raw.contains('reused the bound token'))
        assertTrue(pipeline.raw.toString(), pipeline.raw.contains('\n0\n') && pipeline.raw.toString().endsWith('\n1\n'))
        List<String> bodies = server.log*.body
        assertTrue(bodies[0], bodies[0].endsWith('&scope=outer'))
        assertFalse(bodies[1], bodies[1].contains('scope'))
    }

    @Test
    void aBlockInsideAnotherFindsTheProgramWhereTheOuterOnesIsNot() {
        pipeline.run('''
            withEnv(['GENESYS_TOKEN_HELPER=/on/another/node/genesys-token']) {
                withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }
            }
        ''')
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void whatKilledBuildsLeftIsRemovedByALaterBlock() {
        pipeline.deleting = { throw new IOException('agent is gone') }
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) { }")
        pipeline.deleting = null
        assertEquals(1, blocks.size())
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals('its token is still good', 1, blocks.size())
        new File(pipeline.env.WORKSPACE_TMP, "${blocks[0]}/.genesys-token").text = '2026-01-01T00:00:00Z'
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod') { }")
        assertEquals([], blocks)
    }

    @Test
    void whenTheFilesAreGoneExecSaysSo() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod') {
                sh 'rm -r "$(dirname "$GENESYS_TOKEN_FILE")"; ! genesys-token exec -- true'
            }
        ''')
        assertTrue(pipeline.raw.contains('the block that bound it may be over, or its directory was cleaned'))
    }

    @Test
    void blankLinesAndCarriageReturnsInTheAnswerAreIgnored() {
        File noisy = Agents.program(new File(pipeline.home, 'noisy'), 'genesys-token',
            "printf 'Welcome to this machine\\r\\n\\n'; '${Programs.HELPER}' \"\$@\" | sed 's/\$/\\r/'")
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-prod', helper: '${noisy}') { sh 'test -s "\$GENESYS_TOKEN_FILE"' }
        """)
        assertFalse(pipeline.calls.any { it.step == 'withEnv' && it.arguments.contains('Welcome') })
    }

    @Test
    void theTokenVariableIsMaskedAndOnlyThere() {
        tokenMayBeSeen = true
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', tokenVariable: 'MY_TOKEN') {
                sh 'echo "it is $MY_TOKEN"; test "$MY_TOKEN" = "$(cat "$GENESYS_TOKEN_FILE")"'
            }
        ''')
        assertTrue(pipeline.console.toString(), pipeline.console.contains('it is ****'))
        assertFalse(pipeline.console.contains(server.tokens.first()))
        assertEquals([], blocks)
    }

    private Throwable thrownBy(String script) {
        try {
            pipeline.run(script)
        } catch (Throwable thrown) {
            return thrown
        }
        return null
    }

    private void age(int left) {
        Programs.ageToken(new File(pipeline.env.HOME, '.cache/genesys-token'), server, left)
    }

}
