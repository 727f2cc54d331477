import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertTrue

import org.junit.Test

/** Each wrong use is one clear line. */
class WrongUseTest extends StepTest {

    @Test
    void withoutACredentialsId() {
        assertSays('withGenesysToken { }', 'credentialsId: is missing')
        assertSays("withGenesysToken(credentialsId: '') { }", 'credentialsId: is missing')
        assertEquals(0, pipeline.count('sh'))
    }

    @Test
    void withAnUnknownArgument() {
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', regoin: 'x') { }",
            "unknown argument 'regoin'; there are credentialsId, clientId, region,")
    }

    @Test
    void withAnArgumentOfTheWrongType() {
        assertSays('withGenesysToken(credentialsId: 7) { }', 'credentialsId: must be a string')
        assertSays("withGenesysToken(credentialsId: 'x', verify: 'yes') { }", 'verify: must be a boolean')
        assertSays("withGenesysToken(credentialsId: 'x', scope: [1]) { }", 'scope: must be a string or list of strings')
        assertSays("withGenesysToken(credentialsId: 'x', minTtl: true) { }", 'minTtl: must be a string or number')
        assertSays("withGenesysToken(credentialsId: 'x', tokenVariable: 'A-B') { }",
            'tokenVariable: must be the name of an environment variable')
    }

    @Test
    void withoutAnAgent() {
        pipeline.close()
        pipeline = new Pipeline()
        pipeline.outermost.env.remove('WORKSPACE_TMP')
        assertSays("withGenesysToken(credentialsId: 'x') { }", 'there is no agent here')
    }

    @Test
    void onWindows() {
        pipeline.unix = false
        assertSays("withGenesysToken(credentialsId: 'genesys-prod') { }", 'this agent runs Windows')
    }

    @Test
    void withoutTheProgram() {
        String missing = 'there is no genesys-token on this agent; install it where PATH finds it'
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '/nowhere/genesys-token') { }", missing)
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '/usr/bin') { }", missing)
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '/etc/passwd') { }", missing)
        pipeline.close()
        pipeline = Agents.pipeline(server, [PATH: '/usr/bin:/bin'])
        assertSays("withGenesysToken(credentialsId: 'genesys-prod') { }", missing)
    }

    @Test
    void withAProgramThatIsTooOldOrForAnotherMachine() {
        File directory = new File(pipeline.home, 'old')
        File old = Agents.program(directory, 'genesys-token', 'echo "error: unexpected argument" >&2; exit 2')
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}') { }",
            'genesys-token gave no answer and ended with 2; it is too old')
        File silent = Agents.program(directory, 'silent', 'exit 0')
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '${silent}') { }",
            'genesys-token gave no answer')
        File foreign = new File(directory, 'foreign')
        foreign.bytes = [0x7f, 0x45, 0x4c, 0x46, 1, 2, 3] as byte[]
        foreign.executable = true
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', helper: '${foreign}') { }",
            'genesys-token gave no answer and ended with')
    }

    @Test
    void withACredentialThatIsMissingOrOfAnotherKind() {
        assertSays("withGenesysToken(credentialsId: 'nobody') { }",
            "Could not find credentials entry with ID 'nobody'; credentialsId: names a username and password")
        assertSays("withGenesysToken(credentialsId: 'genesys-secret') { }", 'with clientId: a Secret text')
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', clientId: 'x') { }", "is of type 'Username")
    }

    @Test
    void withACredentialThatIsRejected() {
        String message = assertSays("withGenesysToken(credentialsId: 'genesys-wrong', region: 'eu-west-1') { }",
            'refused client 1111…5555: invalid_client')
        assertTrue(message, message.contains('asked was eu-west-1, mypurecloud.ie'))
    }

    @Test
    void withAnUnknownRegion() {
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-cetnral-1') { }",
            'unknown region "eu-cetnral-1"; did you mean eu-central-1')
    }

    @Test
    void withALoginServerThatIsDown() {
        server.control(answer: 'status', status: 503, body: '')
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', timeout: '1s') { }", 'answered HTTP 503')
    }

    @Test
    void withALoginServerThatLimitsUs() {
        server.control(answer: 'too_many_requests', retry_after: '120')
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', timeout: 10) { }", 'is asked too often')
    }

    @Test
    void withTokensThatLiveTooShort() {
        server.control(expires_in: 300)
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', minTtl: '20m') { }",
            "the login server's tokens live 5m 0s, and --min-ttl asks for 20m 0s")
    }

    @Test
    void withoutThePluginForTheTokenVariable() {
        pipeline.hasMaskPasswords = false
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', tokenVariable: 'TOKEN') { }",
            'tokenVariable: needs the plugin Mask Passwords')
    }

    @Test
    void withWhatOnlyTheProgramKnowsToBeWrong() {
        assertSays("withGenesysToken(credentialsId: 'genesys-prod', minTtl: 'soon') { }", "'soon' is not a duration")
    }

    private String assertSays(String script, String what) {
        String message = assertFails(script)
        assertTrue(message, message.contains(what))
        return message
    }

}
