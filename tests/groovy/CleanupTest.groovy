import static org.junit.Assert.assertEquals
import static org.junit.Assert.assertSame
import static org.junit.Assert.assertTrue

import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.junit.Test

/** How a block ends: what it throws, and what it leaves on the agent. */
class CleanupTest extends StepTest {

    private static final String EMPTY_BLOCK = "withGenesysToken(credentialsId: 'genesys-prod') { }"
    private static final String FAILING_BLOCK = "withGenesysToken(credentialsId: 'genesys-prod') { sh 'exit 3' }"
    private static final String THROWING_BLOCK =
        "withGenesysToken(credentialsId: 'genesys-prod') { throw bodyException }"

    @Test
    void anExceptionOfTheBodyIsThrownUnchanged() {
        pipeline.bodyException = new IllegalStateException('thrown by the body')
        assertSame(pipeline.bodyException, thrownBy(THROWING_BLOCK))
        assertSame(pipeline.bodyException,
            thrownBy("withGenesysToken(credentialsId: 'genesys-prod', refresh: true) { throw bodyException }"))
        assertEquals([], blockDirs)
        Throwable failed = thrownBy("withGenesysToken(credentialsId: 'genesys-prod', refresh: true) { sh 'exit 3' }")
        assertEquals([AbortException, 'script returned exit code 3'], [failed.class, failed.message])
    }

    @Test
    void anAbortOfTheBodyIsThrownUnchanged() {
        pipeline.bodyException = new FlowInterruptedException('aborted')
        for (argument in ['', ', refresh: true', ", tokenVariable: 'TOKEN'"]) {
            tokenMayBeFound = true
            String script = "withGenesysToken(credentialsId: 'genesys-prod'${argument}) { throw bodyException }"
            assertSame(pipeline.bodyException, thrownBy(script))
            assertEquals([], blockDirs)
        }
    }

    @Test
    void anAbortDuringTheFetchIsThrownAndTheBodyDoesNotRun() {
        server.control(answer: 'swallow')
        assertAborts("withGenesysToken(credentialsId: 'genesys-prod') { echo 'the body runs' }") {
            server.tokenRequests > 0
        }
    }

    @Test
    void aProgramThatIsKilledFailsTheBlock() {
        File killed = Agents.program(new File(pipeline.home, 'killed'), 'genesys-token', 'kill -9 $$')
        assertFails("withGenesysToken(credentialsId: 'genesys-prod', helper: '${killed}') { }",
            'the program was killed, or its script failed: script returned exit code 137')
    }

    @Test
    void aFailedCleanupIsReportedAndDoesNotReplaceTheResultOfTheBody() {
        tokenMayBeFound = true
        pipeline.onDeleteDir = { throw new IOException('agent is gone') }
        pipeline.run(EMPTY_BLOCK)
        String directory = "${pipeline.env.WORKSPACE_TMP}/${blockDirs.first()}"
        assertTrue(pipeline.rawConsole.toString(), pipeline.rawConsole.toString().endsWith(
            "\nwithGenesysToken: cannot remove ${directory}: agent is gone; a later block removes what is left\n"))
        assertEquals('script returned exit code 3', thrownBy(FAILING_BLOCK).message)
    }

    @Test
    void anAbortDuringTheCleanupReplacesAFailureButNotAnEarlierAbort() {
        tokenMayBeFound = true
        Exception abort = new FlowInterruptedException('aborted')
        pipeline.onDeleteDir = { throw abort }
        assertSame(abort, thrownBy(EMPTY_BLOCK))
        assertSame(abort, thrownBy(FAILING_BLOCK))
        pipeline.bodyException = new FlowInterruptedException('aborted earlier')
        assertSame(pipeline.bodyException, thrownBy(THROWING_BLOCK))
    }

    @Test
    void aDirectoryThatStayedIsRemovedByALaterBlockAfterItsTokenHasExpired() {
        pipeline.onDeleteDir = { throw new IOException('agent is gone') }
        pipeline.run("withGenesysToken(credentialsId: 'genesys-prod', carryHelper: true) { }")
        pipeline.onDeleteDir = null
        assertEquals(1, blockDirs.size())
        pipeline.run(EMPTY_BLOCK)
        assertEquals('the token is still valid', 1, blockDirs.size())
        new File(pipeline.env.WORKSPACE_TMP, "${blockDirs[0]}/.genesys-token").text = '2026-01-01T00:00:00Z'
        pipeline.run(EMPTY_BLOCK)
        assertEquals([], blockDirs)
    }

}
