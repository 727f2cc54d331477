import org.junit.internal.TextListener
import org.junit.runner.JUnitCore
import org.junit.runner.Result

/** Runs all tests. The exit code is 0 if they pass. */
List<Class> tests = new File('.').listFiles().findAll { it.name.endsWith('Test.groovy') }.sort()
    .collect { getClass().classLoader.loadClass(it.name - '.groovy') }
JUnitCore core = new JUnitCore()
core.addListener(new TextListener(System.out))
Result result = core.run(tests as Class[])
println "groovy: ${result.runCount - result.failureCount} passed, ${result.failureCount} failed"
System.exit(result.wasSuccessful() && result.runCount > 0 ? 0 : 1)
