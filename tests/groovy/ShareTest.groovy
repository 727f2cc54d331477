import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertFalse
import static org.junit.Assert.assertTrue

import org.junit.Before
import org.junit.Test

/** One token over the agents of a build, each of which has a disk of its own. */
class ShareTest extends StepTest {

    private static final String BLOCK =
        "withGenesysToken(credentialsId: 'genesys-prod') { sh 'genesys-token exec -- true' }"

    @Before
    void addAgents() {
        ['first', 'second', 'third'].each { pipeline.addAgent(it) }
    }

    /** A block on each of three agents, one after the other. */
    private static String onThreeAgents(String block = BLOCK) {
        return ['first', 'second', 'third'].collect { onAgent(it, block) }.join('\n')
    }

    private static String onAgent(String agent, String block = BLOCK) {
        return "node('${agent}') { ${block} }"
    }

    @Test
    void threeStagesOnThreeAgentsRequestOneToken() {
        pipeline.run(onThreeAgents())
        assertEquals(1, server.tokenRequests)
        assertEquals(['HEAD'], server.log*.method - 'POST')
        assertTrue(pipeline.rawConsole.contains('(from another agent of the build)'))
        assertEquals([], blockDirs)
    }

    @Test
    void whoDoesNotWantItSharesNothing() {
        for (argument in ['share: false', 'verify: false']) {
            pipeline.run(onThreeAgents("withGenesysToken(credentialsId: 'genesys-prod', ${argument}) { }"))
        }
        assertEquals(3, server.tokenRequests)
        pipeline.addAgent('fourth')
        pipeline.run("withEnv(['GENESYS_TOKEN_SHARE=false']) { ${onAgent('fourth')} }")
        assertEquals(4, server.tokenRequests)
        assertFalse(pipeline.controllerState.contains('GENESYS_TOKEN_OFFERED'))
    }

    @Test
    void parallelBranchesOnFreshAgentsTakeTheTokenOfTheStageBefore() {
        pipeline.run("""
            ${BLOCK}
            parallel(['first', 'second', 'third'].collectEntries { agent -> [agent, { node(agent) { ${BLOCK} } }] })
        """)
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void aBlockInsideAnotherOnAnotherAgentTakesTheTokenOfTheOuterOne() {
        pipeline.run(onAgent('first', """
            withGenesysToken(credentialsId: 'genesys-prod', refresh: true) {
                ${onAgent('second')}
                sh 'genesys-token exec -- true'
            }
        """))
        assertEquals(1, server.tokenRequests)
    }

    @Test
    void theTokensOfTwoClientsAndOfALaneAreKeptApart() {
        server.control(add_client: [id: 'b' * 36, secret: 's' * 43])
        pipeline.credentials['genesys-other'] = [type: 'Username with password', username: 'b' * 36, secret: 's' * 43]
        pipeline.run(onThreeAgents("""
            ${BLOCK}
            withGenesysToken(credentialsId: 'genesys-other') { }
            withGenesysToken(credentialsId: 'genesys-prod', lane: 'export') { }
        """))
        assertEquals(3, server.tokenRequests)
        assertEquals(3, server.tokens.toSet().size())
    }

    @Test
    void aDeadTokenIsReplacedOnceForAllAgents() {
        pipeline.run(onAgent('first'))
        server.control(kill_all_tokens: true)
        pipeline.run(onAgent('second') + '\n' + onAgent('third'))
        assertEquals(2, server.tokenRequests)
    }

    @Test
    void aDeadTokenIsForgottenAlsoWhenThereIsNoOther() {
        pipeline.run(onAgent('first'))
        server.control(kill_all_tokens: true, answer: 'status', status: 404)
        assertFails(onAgent('second'), 'the login server * answered HTTP 404*')
        server.control(reset: true)
        int tests = server.log.count { it.method == 'HEAD' }
        pipeline.run(onAgent('third'))
        assertEquals(tests, server.log.count { it.method == 'HEAD' })
    }

    @Test
    void whatAnAgentHasDroppedIsNotOfferedToTheNextOne() {
        for (verb in ['invalidate', 'revoke']) {
            pipeline.run(onThreeAgents())
            int before = server.tokenRequests
            pipeline.run("""
                node('first') {
                    withGenesysToken(credentialsId: 'genesys-prod', refresh: true) { sh 'genesys-token ${verb}' }
                }
            """)
            pipeline.addAgent("after ${verb}")
            pipeline.run(onAgent('first') + '\n' + onAgent("after ${verb}"))
            assertEquals(verb, before + 1, server.tokenRequests)
        }
    }

    @Test
    void anOldProgramWorksUnsharedAndIsToldOnce() {
        File old = Agents.program(new File(pipeline.home, 'old'), 'genesys-token',
            "unset GENESYS_TOKEN_STEP; exec '${Programs.HELPER}' \"\$@\"")
        pipeline.run(onThreeAgents("withGenesysToken(credentialsId: 'genesys-prod', helper: '${old}') { }"))
        assertEquals(3, server.tokenRequests)
        assertEquals(['withGenesysToken: the program on this agent is too old to share its token with the next agents'],
            pipeline.calls.findAll { it.step == 'echo' }*.arguments)
    }

    @Test
    void aBlockTakesSixSteps() {
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', lane: 'a') { }")
        assertEquals(['withCredentials', 'withEnv', 'sh', 'withEnv', 'dir', 'deleteDir'], pipeline.calls*.step)
    }

    @Test
    void theControllerKeepsOneEntryPerNameAndOffersWhatTheProgramTakes() {
        pipeline.run((1..12).collect { BLOCK }.join('\n'))
        List<String> offers = pipeline.calls.collect { it.arguments =~ /GENESYS_TOKEN_OFFERED=([^,\]]*)/ }
            .findAll { it.find() }*.group(1)
        assertEquals(12, offers.size())
        assertEquals('', offers.first())
        assertTrue(offers.last(), offers.last() ==~ /[0-9a-f]{64}-[0-9a-f]{16}:[A-Za-z0-9+\/]{300,700}/)
    }

    @Test
    void aBuildOfAThousandBlocksOffersNoMoreThanOneOfThree() {
        pipeline.run("for (int i = 0; i < 1000; i++) { withGenesysToken(credentialsId: 'genesys-prod') { } }")
        assertEquals(1000, pipeline.count('deleteDir'))
        assertEquals(1, server.tokenRequests)
        int longest = pipeline.calls*.arguments*.length().max()
        assertTrue("${longest}", longest < 4000)
    }

}
