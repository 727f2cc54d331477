import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** Blocks inside other blocks, and blocks that run at the same time. */
class NestingTest extends StepTest {

    @Test
    void nestedBlocksHaveTheirOwnFilesRegionsAndTokens() {
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
        assertEquals([], blockDirs)
    }

    @Test
    void aLaneIsOfItsOwnBlockAlone() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', lane: 'export') {
                String outer = env.GENESYS_TOKEN_FILE
                sh 'genesys-token exec -- true'
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh '! cmp -s "$GENESYS_TOKEN_FILE" ' + outer
                    sh 'genesys-token exec -- true'
                }
            }
            withEnv(['GENESYS_TOKEN_LANE=export']) {
                withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }
            }
            withGenesysToken(credentialsId: 'genesys-prod', lane: 'export', refresh: true) {
                sh 'genesys-token get >/dev/null'
                withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }
            }
        ''')
        assertEquals(2, server.tokenRequests)
        assertEquals([], blockDirs)
    }

    @Test
    void parallelBlocksHaveTheirOwnFilesAndShareOneTokenRequest() {
        pipeline.run('''
            parallel((1..6).collectEntries { number -> [number.toString(), {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh 'genesys-token exec -- test -n "$GENESYS_TOKEN_FILE"'
                    echo "token file: ${env.GENESYS_TOKEN_FILE}"
                }
            }] })
        ''')
        assertEquals(6, pipeline.calls.findAll { it.arguments.startsWith('token file: /') }*.arguments.toSet().size())
        assertEquals(1, server.tokenRequests)
        assertEquals([], blockDirs)
    }

    @Test
    void aBlockInsideOneWithRefreshUsesItsOwnTokenAndDoesNotGetTheCredential() {
        pipeline.run('''
            withGenesysToken(credentialsId: 'genesys-prod', refresh: true, scope: 'outer', minTtl: '1h') {
                withGenesysToken(credentialsId: 'genesys-prod') {
                    sh 'genesys-token get | cmp - "$GENESYS_TOKEN_FILE"; genesys-token exec -- true'
                    sh 'env | grep -c OAUTHCLIENT_SECRET || true'
                }
                sh 'env | grep -c OAUTHCLIENT_SECRET'
            }
        ''')
        String console = pipeline.rawConsole
        assertTrue(console, console.contains('reused the bound token'))
        assertTrue(console, console.contains('\n0\n') && console.endsWith('\n1\n'))
        List<String> requests = server.log*.body
        assertTrue(requests[0], requests[0].endsWith('&scope=outer'))
        assertFalse(requests[1], requests[1].contains('scope'))
    }

    @Test
    void theProgramOnThePathIsUsedWhereTheHelperOfTheOuterBlockIsMissing() {
        pipeline.run('''
            withEnv(['GENESYS_TOKEN_HELPER=/on/another/node/genesys-token']) {
                withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }
            }
        ''')
        assertEquals(1, server.tokenRequests)
    }

}
