// All rules of the recommended set apply, except these. Each has its reason.
const off = 'off';

module.exports = {
  extends: 'recommended',
  rules: {
    // The step cleans up after every failure, also after an abort, and rethrows it.
    'exceptions.CatchException': off,
    'exceptions.CatchRuntimeException': off,
    'exceptions.CatchThrowable': off,
    // Methods are in reading order: a caller comes before its helpers.
    'convention.StaticMethodsBeforeInstanceMethods': off,
    'convention.PublicMethodsBeforeNonPublicMethods': off,
    // Arguments of a step can have several types.
    'design.Instanceof': off,
    // `isUnix()` is a step.
    'unnecessary.UnnecessaryGetter': off,
    // It is not known whether the sandbox allows spread calls.
    'unnecessary.UnnecessaryCollectCall': off,
    // `it` is idiomatic Groovy.
    'convention.ImplicitClosureParameter': off,
    // A literal that is repeated a few times is easier to read than a constant.
    'dry.DuplicateStringLiteral': off,
    // The tests use files, threads and JUnit's own assertions. Their doubles of the Pipeline steps have the names and
    // arguments of the real steps, even if the tests do not need them.
    'design.AbstractClassWithoutAbstractMethod': off,
    'basic.EmptyMethod': off,
    'junit.JUnitPublicNonTestMethod': off,
    'junit.JUnitPublicProperty': off,
    'junit.JUnitStyleAssertions': off,
    'security.JavaIoPackageAccess': off,
    'security.SystemExit': off,
    'concurrency.ThreadLocalNotStaticFinal': off,
    'unnecessary.UnnecessarySetter': off,
    'unused.UnusedMethodParameter': off,
    // Pipelines are strings in the tests, and contain variables that a shell expands.
    'groovyism.GStringExpressionWithinString': off,
    // Steps are resolved at run time, so their callers can't be compiled statically.
    'convention.CompileStatic': off,
  },
};
