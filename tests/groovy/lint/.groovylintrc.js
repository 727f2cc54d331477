// The rules that are off, each with its reason; everything else of the recommended set holds.
const off = 'off';

module.exports = {
  extends: 'recommended',
  rules: {
    // A step cleans up after anything, an abort included, and hands it on.
    'exceptions.CatchException': off,
    'exceptions.CatchRuntimeException': off,
    'exceptions.CatchThrowable': off,
    'exceptions.ThrowRuntimeException': off,
    // Reading order: what is called first, its helpers after it.
    'convention.StaticMethodsBeforeInstanceMethods': off,
    'convention.StaticFieldsBeforeInstanceFields': off,
    'convention.PublicMethodsBeforeNonPublicMethods': off,
    // Arguments of a step may be of several types.
    'design.Instanceof': off,
    // `isUnix()` is a step.
    'unnecessary.UnnecessaryGetter': off,
    // A spread call is not what the sandbox is known to take.
    'unnecessary.UnnecessaryCollectCall': off,
    // `it` is what Groovy calls it.
    'convention.ImplicitClosureParameter': off,
    // Names that belong together are told apart where they stand.
    'dry.DuplicateStringLiteral': off,
    'dry.DuplicateNumberLiteral': off,
    'dry.DuplicateListLiteral': off,
    'dry.DuplicateMapLiteral': off,
    // Of the tests. They use files, threads and JUnit's own assertions, and their double of the Pipeline steps has the
    // steps' names and arguments, needed or not.
    'basic.ConstantAssertExpression': off,
    'design.AbstractClassWithoutAbstractMethod': off,
    'design.BuilderMethodWithSideEffects': off,
    'basic.EmptyMethod': off,
    'junit.JUnitPublicNonTestMethod': off,
    'junit.JUnitPublicProperty': off,
    'junit.JUnitStyleAssertions': off,
    'naming.ConfusingMethodName': off,
    'security.JavaIoPackageAccess': off,
    'security.SystemExit': off,
    'concurrency.ThreadLocalNotStaticFinal': off,
    'unnecessary.UnnecessarySetter': off,
    'unused.UnusedMethodParameter': off,
    // Pipelines are texts in the tests, and what a shell expands stands in them.
    'groovyism.GStringExpressionWithinString': off,
    // Files are found by their names; a comment says what a class is for.
    'convention.CompileStatic': off,
    'formatting.ClassEndsWithBlankLine': off,
    'formatting.ClassStartsWithBlankLine': off,
  },
};
