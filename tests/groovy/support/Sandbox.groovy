import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.ArrayExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClassExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer
import org.codehaus.groovy.reflection.GeneratedMetaMethod
import org.codehaus.groovy.runtime.InvokerHelper
import org.codehaus.groovy.syntax.Types

/**
 * Simulates Jenkins' Groovy sandbox. Calls of methods on objects, calls of constructors and reads of properties fail
 * unless they are in the list in `sandbox.txt`.
 */
class Sandbox extends CompilationCustomizer {

    private static final Set<String> ALLOWED = []

    /** Creates a sandbox that allows only these calls. */
    Sandbox(List<String> allowed) {
        super(CompilePhase.CANONICALIZATION)
        ALLOWED.addAll(allowed)
    }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode node) {
        // Only the step must run in the sandbox. The pipelines of the tests need not.
        if (source.name == 'withGenesysToken.groovy') {
            new Transformer(source).visitClass(node)
        }
    }

    /** Calls a method if the list allows it. */
    static Object call(Object receiver, String name, Object[] arguments, boolean safe) {
        if (receiver == null && safe) {
            return null
        }
        check(receiver, name, arguments)
        return InvokerHelper.invokeMethod(receiver, name, arguments)
    }

    /** Calls a constructor if the list allows it. */
    static Object construct(Class type, Object[] arguments) {
        require("new ${type.name}${parameters(arguments*.getClass())}", "new ${type.name}")
        return InvokerHelper.invokeConstructorOf(type, arguments)
    }

    /** Reads a property if the list allows its getter. */
    static Object get(Object receiver, String name) {
        if (receiver instanceof Map) {
            check(receiver, 'get', name)
        } else if (!(receiver instanceof Expando)) {
            check(receiver, "get${name.capitalize()}".toString())
        }
        return InvokerHelper.getProperty(receiver, name)
    }

    private static void check(Object receiver, String name, Object... arguments) {
        MetaClass metaClass = InvokerHelper.getMetaClass(receiver)
        MetaMethod method = receiver instanceof Class ?
            metaClass.getStaticMetaMethod(name, arguments) : metaClass.getMetaMethod(name, arguments)
        if (method == null) {
            throw new MissingMethodException(name, receiver.getClass(), arguments)
        }
        String types = parameters(method.nativeParameterTypes)
        if (method instanceof GeneratedMetaMethod) {
            require("groovy ${name} ${method.declaringClass.name}${types}")
        } else if (receiver instanceof Class) {
            require("staticMethod ${receiver.name} ${name}${types}")
        } else {
            require(*supertypes(receiver.getClass()).collect { "method ${it.name} ${name}${types}" })
        }
    }

    private static String parameters(Object types) {
        return types.collect { " ${it.typeName}" }.join('')
    }

    private static Set<Class> supertypes(Class type) {
        Set<Class> all = [type] as Set
        (type.interfaces.toList() + type.superclass).findAll().each { all += supertypes(it) }
        return all
    }

    private static void require(Object... spellings) {
        if (!spellings.any { it.toString() in ALLOWED }) {
            throw new SecurityException("Scripts not permitted to use ${spellings.join(' or ')}")
        }
    }

    /** Replaces calls and property reads by the checked ones. */
    private static class Transformer extends ClassCodeExpressionTransformer {

        private static final ClassExpression CHECK = new ClassExpression(ClassHelper.make(Sandbox))

        final SourceUnit sourceUnit

        Transformer(SourceUnit sourceUnit) {
            this.sourceUnit = sourceUnit
        }

        @Override
        Expression transform(Expression expression) {
            if (expression instanceof ClosureExpression) {
                expression.code.visit(this)
                return expression
            }
            if (expression instanceof MethodCallExpression && !expression.implicitThis) {
                return checked('call', expression, transform(expression.objectExpression), expression.method,
                    arguments(expression.arguments), new ConstantExpression(expression.safe))
            }
            if (expression instanceof ConstructorCallExpression && !expression.specialCall) {
                return checked('construct', expression, new ClassExpression(expression.type),
                    arguments(expression.arguments))
            }
            if (expression instanceof PropertyExpression && !(expression.objectExpression instanceof ClassExpression)) {
                return checked('get', expression, transform(expression.objectExpression), expression.property)
            }
            if (expression instanceof BinaryExpression && operator(expression)) {
                return checked('call', expression, transform(expression.leftExpression),
                    new ConstantExpression(operator(expression)), array([transform(expression.rightExpression)]),
                    new ConstantExpression(false))
            }
            return super.transform(expression)
        }

        private static String operator(BinaryExpression expression) {
            return [(Types.PLUS): 'plus', (Types.MINUS): 'minus', (Types.LEFT_SQUARE_BRACKET): 'getAt']
                .get(expression.operation.type)
        }

        private Expression arguments(Expression list) {
            return array(((TupleExpression) list).expressions.collect { transform(it) })
        }

        private static Expression array(List<Expression> expressions) {
            return new ArrayExpression(ClassHelper.OBJECT_TYPE, expressions)
        }

        private static Expression checked(String method, Expression origin, Expression... arguments) {
            Expression call = new MethodCallExpression(CHECK, method, new ArgumentListExpression(arguments))
            call.sourcePosition = origin
            return call
        }

    }

}
