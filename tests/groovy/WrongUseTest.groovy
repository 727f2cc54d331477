import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Test

/** Wrong calls and unusable surroundings. Each of them is one clear line. */
class WrongUseTest extends StepTest {

    @Test
    void aCallWithoutCredentialsIdFailsBeforeAnySh() {
        String missing = 'credentialsId: is missing; it names the Jenkins credential of the OAuth client'
        assertFails('withGenesysToken { }', missing)
        assertFails("withGenesysToken(credentialsId: '') { }", missing)
        assertEquals(0, pipeline.count('sh'))
    }

    @Test
    void aCallOfAnotherShapeFailsWithTheRightOne() {
        String usage = "write withGenesysToken(credentialsId: '…') { … }: named arguments, and then a body"
        assertFails("withGenesysToken('genesys-prod') { }", usage)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod')", usage)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', null)", usage)
        assertFails("withGenesysToken('genesys-prod')", usage)
        assertFails('withGenesysToken(null) { }', usage)
        assertFails('withGenesysToken(null)', usage)
        assertFails('withGenesysToken()', usage)
        assertEquals(0, pipeline.count('sh'))
    }

    @Test
    void anArgumentThatJenkinsCannotSaveFailsBeforeAnySh() {
        assertFails("withGenesysToken(new groovy.json.JsonSlurper().parseText('{\"credentialsId\": \"x\"}')) { }",
            'Jenkins cannot save the map of the arguments: write them out, or copy it into a new HashMap')
        assertFails("withGenesysToken(credentialsId: 'x', scope: ['a', 'b'].subList(0, 1)) { }",
            'scope: must be a value that Jenkins can save, such as a new ArrayList of it')
        assertEquals(0, pipeline.count('sh'))
    }

    @Test
    void anUnknownArgumentFailsWithTheListOfArguments() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', regoin: 'x') { }",
            "unknown argument 'regoin'; the arguments are credentialsId, clientId, region, scope, minTtl, timeout, " +
            'cacheDir, lane, expectOrg, sharedCache, sharedCacheCredentialsId, verify, refresh, helper, carryHelper, ' +
            'tokenVariable, share')
    }

    @Test
    void anArgumentOfTheWrongTypeFailsWithTheRightType() {
        assertFails('withGenesysToken(credentialsId: 7) { }', 'credentialsId: must be a string')
        assertFails("withGenesysToken(credentialsId: 'x', verify: 'yes') { }", 'verify: must be a boolean')
        assertFails("withGenesysToken(credentialsId: 'x', scope: [1]) { }",
            'scope: must be a string or list of strings')
        assertFails("withGenesysToken(credentialsId: 'x', minTtl: true) { }",
            'minTtl: must be a string or number of seconds')
        assertFails("withGenesysToken(credentialsId: 'x', tokenVariable: 'A-B') { }",
            'tokenVariable: must be the name of an environment variable')
    }

    @Test
    void aBlockWithoutAnAgentFails() {
        pipeline.close()
        pipeline = new Pipeline()
        pipeline.agentContext.env.remove('WORKSPACE_TMP')
        assertFails("withGenesysToken(credentialsId: 'x') { }",
            'there is no agent here: use the step inside a stage or node that has one')
    }

    @Test
    void aMissingProgramFailsWithTwoWaysToProvideIt() {
        String missing =
            'there is no genesys-token on this agent; install it on the PATH, or give its path as helper:'
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '/nowhere/genesys-token') { }", missing)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '/usr/bin') { }", missing)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '/etc/passwd') { }", missing)
        pipeline.close()
        pipeline = Agents.pipeline(server, [PATH: '/usr/bin:/bin'])
        assertFails("withGenesysToken(credentialsId: 'genesys-prod') { }", missing)
    }

    @Test
    void aProgramThatIsTooOldOrBuiltForAnotherMachineFailsWithItsExitCode() {
        String cause = 'it is too old for this library, or built for another machine: ' +
            "use the program of the library's release"
        File directory = new File(pipeline.home, 'old')
        File old = Agents.program(directory, 'genesys-token', 'echo "error: unexpected argument" >&2; exit 2')
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}') { }",
            "genesys-token gave no answer and exited with code 2; ${cause}")
        File foreign = new File(directory, 'foreign')
        foreign.bytes = [0x7f, 0x45, 0x4c, 0x46, 1, 2, 3] as byte[]
        foreign.executable = true
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${foreign}') { }",
            'the program cannot be run on this agent; its disk forbids programs (noexec), or it was built for ' +
            'another machine: what sh said stands above in the console')
    }

    @Test
    void anAnswerThatIsIncompleteFailsAndTheBodyDoesNotRunWithTheTokenOfAnOuterBlock() {
        Map<String, String> programs = [
            'exit 0': 'GENESYS_TOKEN_FILE, GENESYS_HEADERS_FILE, GENESYS_CURL_CONFIG, ' +
                'GENESYS_TOKEN_EXPIRES_AT, GENESYSCLOUD_REGION, GENESYSCLOUD_API_REGION',
            'echo GENESYS_TOKEN_FILE=/somewhere': 'GENESYS_HEADERS_FILE, GENESYS_CURL_CONFIG, ' +
                'GENESYS_TOKEN_EXPIRES_AT, GENESYSCLOUD_REGION, GENESYSCLOUD_API_REGION',
        ]
        programs.each { script, missing ->
            assertNestedFails(script,
                "the program's answer lacks ${missing}; its messages, if any, are above in the console")
        }
    }

    @Test
    void anyErrorLineFailsHoweverMalformed() {
        String wordless = 'the program failed without a message*; its own lines, if any, are above in the console'
        List<String> lines = ['', 'text', '[]', '["a"]', 'null', '"text"', '{', '7', '{"message":""}']
        for (json in lines + '{"category":"internal"}') {
            assertNestedFails("echo 'GENESYS_TOKEN_ERROR=${json}'; '${Programs.HELPER}' \"\$@\"", wordless)
        }
        assertNestedFails("echo 'GENESYS_TOKEN_ERROR={\"message\":\"a\",\"hint\":[1]}'", 'a; [1]')
    }

    /** The program runs in a block that is inside another one. */
    private void assertNestedFails(String program, String line) {
        File helper = Agents.program(new File(pipeline.home, 'helper'), 'genesys-token', program)
        assertFails("""
            withGenesysToken(credentialsId: 'genesys-prod') {
                withGenesysToken(credentialsId: 'genesys-prod', helper: '${helper}') { echo 'the body runs' }
            }
        """, line)
        assertFalse(pipeline.rawConsole.contains('the body runs'))
    }

    @Test
    void aPathOfTheHelperForgesNoLineOfTheAnswer() {
        // What `echo` of some shells prints as a line break.
        String lineBreak = "${(char) 92}n"
        File directory = new File(pipeline.home, "odd${lineBreak}GENESYS_TOKEN_FILE=forged${lineBreak}")
        File odd = Agents.program(directory, 'genesys-token', "exec '${Programs.HELPER}' \"\$@\"")
        pipeline.agentContext.env.ODD = odd.path
        pipeline.run("""
            withGenesysToken(credentialsId: 'genesys-prod', helper: env.ODD) {
                sh 'test -s "\$GENESYS_TOKEN_FILE" && genesys-token exec -- true'
            }
        """)
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void anEmptyCredentialFailsWithTheFieldThatIsEmpty() {
        pipeline.credentials['genesys-prod'].username = ''
        assertFails("withGenesysToken(credentialsId: 'genesys-prod') { }",
            'the client id is empty; it is the username of the Jenkins credential, or clientId:')
        pipeline.credentials['genesys-prod'].username = LoginServer.CLIENT_ID
        pipeline.credentials['genesys-prod'].secret = ''
        assertFails("withGenesysToken(credentialsId: 'genesys-prod') { }",
            'the client secret is empty; it is the password of the Jenkins credential, or its secret text')
    }

    @Test
    void aMissingCredentialOrOneOfAnotherTypeFailsWithTheRightTypes() {
        String types = 'credentialsId: must name a Username with password (client id and client secret), ' +
            'or with clientId: a Secret text'
        assertFails("withGenesysToken(credentialsId: 'nobody') { }",
            "Could not find credentials entry with ID 'nobody'; ${types}")
        assertFails("withGenesysToken(credentialsId: 'genesys-secret') { }",
            "Credentials 'genesys-secret' is of type 'Secret text' where 'Username with password' was expected; " +
            types)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', clientId: 'x') { }",
            "Credentials 'genesys-prod' is of type 'Username with password' where 'Secret text' was expected; " +
            types)
    }

    @Test
    void aRejectedCredentialFailsWithTheRegionOfTheCall() {
        assertFails("withGenesysToken(credentialsId: 'genesys-wrong', region: 'eu-west-1') { }",
            'the login server * refused client 1111…5555: invalid_client*; ' +
            '*this call asked eu-west-1, mypurecloud.ie*')
    }

    @Test
    void anErrorHasALineForEachCauseAndFixAndEndsWithAStageToPaste() {
        Throwable thrown = thrownBy('''
            withGenesysToken(credentialsId: "genesys-wrong", region: 'eu-west-1') { }
        ''')
        List<String> lines = thrown.message.readLines()
        assertTrue(thrown.message, lines[0].startsWith('withGenesysToken: the login server '))
        assertTrue(thrown.message, lines[1].startsWith("  cause: the client's secret was replaced"))
        int next = lines.indexOf('  next: a stage with')
        assertTrue(thrown.message, next > 0 && lines[2..<next].every { it ==~ '  (cause|fix): .*' })
        assertEquals([
            "    withCredentials([usernamePassword(credentialsId: 'genesys-wrong', " +
                "usernameVariable: 'GENESYSCLOUD_OAUTHCLIENT_ID', " +
                "passwordVariable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET')]) {",
            "        withEnv(['GENESYSCLOUD_REGION=eu-west-1']) { sh 'genesys-token doctor --find-region' }",
            '    }',
        ], lines.drop(next + 1))
    }

    @Test
    void theStageToPasteRunsTheDoctorWithTheCallsCredential() {
        server.control(answer: 'status', status: 404, body: '')
        String problem = thrownBy("withGenesysToken(credentialsId: 'genesys-secret', helper: '${Programs.HELPER}', " +
            "clientId: '${LoginServer.CLIENT_ID}') { }").message
        server.control(answer: 'token')
        pipeline.run(problem.substring(problem.indexOf('    withCredentials(')))
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.contains('all is well'))
    }

    @Test
    void anUnknownRegionFailsWithASuggestion() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-cetnral-1') { }",
            'unknown region "eu-cetnral-1"; did you mean eu-central-1*')
    }

    @Test
    void aLoginServerThatIsDownFailsTheBlock() {
        server.control(answer: 'status', status: 503, body: '')
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', timeout: '1s') { }",
            'the login server * answered HTTP 503*')
    }

    @Test
    void aLoginServerThatLimitsTokenRequestsFailsTheBlock() {
        server.control(answer: 'too_many_requests', retry_after: '120')
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', timeout: 10) { }",
            'the login server * limits token requests*; try again in * s')
    }

    @Test
    void tokensThatLiveShorterThanMinTtlFailTheBlock() {
        server.control(expires_in: 300)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', minTtl: '20m') { }",
            "the login server's tokens live 5m 0s, and minTtl requires 20m 0s; *")
    }

    @Test
    void aTokenOfAnotherOrganisationFailsTheBlockBeforeTheBody() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', expectOrg: 'Production') { echo 'the body runs' }",
            'the token is of the organisation Loopback (*), and not of Production; *use the credential of ' +
            'Production; or correct expectOrg')
        server.control(verify_answer: 503)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', expectOrg: '0a1b2c3d') { echo 'the body runs' }",
            'the token is of the organisation Loopback (*')
        assertFalse(pipeline.rawConsole.contains('the body runs'))
    }

    @Test
    void anApiHostThatDoesNotTellTheOrganisationFailsTheBlock() {
        server.control(verify_answer: 503)
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', expectOrg: 'Loopback') { }",
            'cannot tell which organisation the token is of: the API host answered HTTP 503; *')
    }

    @Test
    void aLaneThatIsNoNameFails() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', lane: 'a b') { }",
            'the value of lane is not the name of a lane; write 1 to 64 letters, *')
    }

    @Test
    void anOldProgramThatWouldPassOverTheOrganisationOrTheLaneFailsTheBlock() {
        File old = Agents.program(new File(pipeline.home, 'old'), 'genesys-token',
            "unset GENESYS_TOKEN_STEP GENESYS_TOKEN_EXPECT_ORG GENESYS_TOKEN_LANE; exec '${Programs.HELPER}' \"\$@\"")
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}') { }")
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}', expectOrg: 'Loopback') { }",
            "expectOrg: the program on this agent is too old for it; use the program of the library's release")
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}', lane: 'export') { }",
            "lane: the program on this agent is too old for it; use the program of the library's release")
        assertEquals([], blockDirs)
    }

    @Test
    void aTokenVariableWithoutThePluginMaskPasswordsFails() {
        pipeline.hasMaskPasswords = false
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', tokenVariable: 'TOKEN') { }",
            'tokenVariable: needs the plugin Mask Passwords; install it, or use genesys-token exec instead')
    }

    @Test
    void aPluginThatFailsOnItsFirstRealUseIsFoundBeforeTheTokenIsRead() {
        pipeline.maskPasswordsFailsWithValues = true
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', tokenVariable: 'TOKEN') { }",
            'tokenVariable: needs the plugin Mask Passwords; install it, or use genesys-token exec instead')
        assertEquals(0, pipeline.count('readFile'))
    }

    @Test
    void aDurationThatTheProgramCannotParseFails() {
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', minTtl: 'soon') { }",
            "minTtl: 'soon' is not a duration; write 90, 90s, 20m, 2h or 1h30m; correct the argument, or leave it out*")
    }

    @Test
    void aTimeoutOfZeroFailsAsANumberAndAsText() {
        for (timeout in ['0', "'0'"]) {
            assertFails("withGenesysToken(credentialsId: 'genesys-prod', timeout: ${timeout}) { }",
                'no token within 0s; *a longer timeout waits longer')
        }
    }

}
