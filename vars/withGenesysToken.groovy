import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurper
import groovy.transform.Field
import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/*
 * withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-central-1') { sh 'genesys-token exec -- …' }
 *
 * Runs its body with a Genesys Cloud access token. The help page, withGenesysToken.txt, describes the arguments and
 * the variables that the body gets.
 *
 * Jenkins writes the values of a pipeline to the controller's disk. So the program writes the token into a private
 * directory on the agent and returns only paths. Only with tokenVariable does this script read the token itself.
 *
 * The script must run in the Groovy sandbox. Methods that iterate over lists or maps are @NonCPS, because Jenkins
 * can't save an iterator when a step is called in the middle of the iteration. Methods that call a step are never
 * @NonCPS.
 */

/** The arguments and their types. The types also appear in error messages. */
@Field static final Map<String, String> ARGUMENTS = [
    credentialsId: 'string',
    clientId     : 'string',
    region       : 'string',
    scope        : 'string or list of strings',
    minTtl       : 'string or number of seconds',
    timeout      : 'string or number of seconds',
    cacheDir     : 'string',
    verify       : 'boolean',
    refresh      : 'boolean',
    helper       : 'string',
    carryHelper  : 'boolean',
    tokenVariable: 'string',
]

/** The variables that the body gets. All other lines of the answer are ignored: a shell may print lines of its own. */
@Field static final List<String> BODY_VARIABLES = [
    'GENESYS_TOKEN_FILE', 'GENESYS_HEADERS_FILE', 'GENESYS_CURL_CONFIG', 'GENESYS_TOKEN_EXPIRES_AT',
    'GENESYSCLOUD_REGION', 'GENESYSCLOUD_API_REGION', 'GENESYS_TOKEN_HELPER', 'PATH+GENESYS_TOKEN',
]

/** Unsets a credential that is bound around this block. `exec` would use it instead of the token of this block. */
@Field static final List<String> UNSET_CREDENTIAL = [
    'GENESYSCLOUD_OAUTHCLIENT_ID=', 'GENESYSCLOUD_OAUTHCLIENT_SECRET=',
]

/** The beginning of an answer line that holds an error as JSON. */
@Field static final String ERROR_PREFIX = 'GENESYS_TOKEN_ERROR='

/**
 * Runs `genesys-token bind`. The script is constant, and values reach it only as environment variables. Because it has
 * a `#!` line, Jenkins does not trace it. It exits with 0 after an error as well: the error is a line of the answer.
 */
@Field static final String BIND_SCRIPT = '''\
#!/bin/sh
program=$(command -v "$GENESYS_TOKEN_HELPER") && [ -f "$program" ] && [ -x "$program" ] ||
program=$(command -v "$GENESYS_TOKEN_OR_ELSE") && [ -f "$program" ] && [ -x "$program" ] || {
    echo 'GENESYS_TOKEN_ERROR={"message":"there is no genesys-token on this agent","hint":"install it on the PATH, \
or give its path as helper:"}'
    exit 0
}
program=$(CDPATH= cd -- "$(dirname -- "$program")" && pwd)/$(basename -- "$program")
helper=$program
set -- bind --for-step 1 --dir "$GENESYS_TOKEN_BLOCK"
if [ -n "$GENESYS_TOKEN_CARRY" ]; then
    helper=$GENESYS_TOKEN_BLOCK/bin/genesys-token
    set -- "$@" --carry-helper
fi
"$program" "$@" || {
    echo "GENESYS_TOKEN_ERROR={\\"message\\":\\"genesys-token gave no answer and exited with code $?\\",\\"hint\\":\
\\"it is too old for this library, or built for another machine: use the program of the library's release\\"}"
    exit 0
}
echo "GENESYS_TOKEN_HELPER=$helper"
if [ -n "$GENESYS_TOKEN_ON_PATH" ]; then
    echo "PATH+GENESYS_TOKEN=$(dirname "$helper")"
fi
'''

/**
 * Runs the body with a Genesys Cloud access token.
 *
 * @return what the body returns
 */
Object call(Map config = [:], Closure body) {
    String problem = argumentProblem(config)
    if (problem) {
        fail(problem)
    }
    if (!env.WORKSPACE_TMP) {
        fail('there is no agent here: use the step inside a stage or node that has one')
    }
    if (!isUnix()) {
        fail('this agent runs Windows, and the step needs sh: run genesys-token itself inside withCredentials')
    }
    String blockDir = "${env.WORKSPACE_TMP}/genesys-token-${UUID.randomUUID()}"
    Object result
    try {
        result = bindAndRun(config, blockDir, body)
    } catch (Throwable failure) {
        remove(blockDir, failure)
        throw failure
    }
    remove(blockDir, null)
    return result
}

/** Without `refresh`, no credential is bound in the body, not even the credential of an outer block. */
private Object bindAndRun(Map config, String blockDir, Closure body) {
    if (config.refresh) {
        return withCredential(config) {
            runBody(config, blockDir, programVariables(config, isNested()) + bind(config, blockDir), body)
        }
    }
    List<String> variables = withCredential(config) { bind(config, blockDir) }
    return runBody(config, blockDir, variables + UNSET_CREDENTIAL, body)
}

private Object withCredential(Map config, Closure work) {
    String id = config.credentialsId
    Object credential = config.clientId ?
        string(credentialsId: id, variable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET') :
        usernamePassword(credentialsId: id, usernameVariable: 'GENESYSCLOUD_OAUTHCLIENT_ID',
            passwordVariable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET')
    boolean bound = false
    try {
        return withCredentials([credential]) {
            bound = true
            work()
        }
    } catch (AbortException failure) {
        if (bound) {
            throw failure
        }
        fail("${failure.message}; credentialsId: must name a Username with password (client id and client secret), " +
            'or with clientId: a Secret text')
    }
}

/** Makes the program write the private directory, and returns the variables of its answer as NAME=value. */
private List<String> bind(Map config, String blockDir) {
    String answer = withEnv(programVariables(config, isNested()) + bindVariables(config, blockDir)) {
        sh(script: BIND_SCRIPT, returnStdout: true, label: 'Genesys Cloud token')
    }
    String problem = answerProblem(answer)
    if (problem) {
        fail(problem)
    }
    return bodyVariables(answer)
}

private Object runBody(Map config, String blockDir, List<String> variables, Closure body) {
    return withEnv(variables) {
        config.tokenVariable ? withTokenVariable(config.tokenVariable.toString(), blockDir, body) : body()
    }
}

/** Sends the token through the controller, which stores it in plain text for as long as it keeps the build. */
private Object withTokenVariable(String name, String blockDir, Closure body) {
    try {
        // Without the plugin, `wrap` quotes its arguments in the error, so try it before the token is read.
        wrap([$class: 'MaskPasswordsBuildWrapper', varPasswordPairs: []]) { }
    } catch (RuntimeException missing) {
        fail('tokenVariable: needs the plugin Mask Passwords; install it, or use genesys-token exec instead')
    }
    String token = readFile(file: "${blockDir}/token".toString(), encoding: 'UTF-8').trim()
    return wrap([$class: 'MaskPasswordsBuildWrapper', varPasswordPairs: [[var: name, password: token]]]) {
        withEnv(["${name}=${token}".toString()]) {
            body()
        }
    }
}

/**
 * Removes the private directory. A failure to do so is only printed, so that it does not hide how the body ended. An
 * abort is thrown, unless the body was aborted already.
 */
private void remove(String blockDir, Throwable failure) {
    try {
        dir(blockDir) {
            deleteDir()
        }
    } catch (Exception problem) {
        // `retry` repeats a failed body, but not an aborted one.
        if (problem instanceof FlowInterruptedException && !(failure instanceof FlowInterruptedException)) {
            throw problem
        }
        echo "withGenesysToken: cannot remove ${blockDir}: ${problem.message}; a later block removes it"
    }
}

private void fail(String problem) {
    error("withGenesysToken: ${problem}")
}

/** What is wrong with the arguments, or null. */
@NonCPS
private static String argumentProblem(Map config) {
    for (argument in config) {
        String type = ARGUMENTS.get(argument.key.toString())
        if (!type) {
            return "unknown argument '${argument.key}'; the arguments are ${ARGUMENTS.keySet().join(', ')}"
        }
        if (argument.value != null && !hasType(argument.value, type)) {
            return "${argument.key}: must be a ${type}"
        }
    }
    if (!config.credentialsId) {
        return 'credentialsId: is missing; it names the Jenkins credential of the OAuth client'
    }
    boolean valid = !config.tokenVariable || config.tokenVariable.toString().matches('[A-Za-z_][A-Za-z0-9_]*')
    return valid ? null : 'tokenVariable: must be the name of an environment variable'
}

@NonCPS
private static boolean hasType(Object value, String type) {
    if (type == 'boolean') {
        return value instanceof Boolean
    }
    return value instanceof CharSequence ||
        type.contains('number') && value instanceof Number ||
        type.contains('list') && value instanceof List && value.every { it instanceof CharSequence }
}

/** Whether this block is inside another one. */
private boolean isNested() {
    return env.GENESYS_TOKEN_FILE != null
}

/** The arguments as variables that the program reads. A nested block does not inherit scope and lifetime. */
@NonCPS
private static List<String> programVariables(Map config, boolean nested) {
    List<String> scopes = config.scope instanceof List ? config.scope : [config.scope]
    Map<String, Object> values = [
        GENESYSCLOUD_OAUTHCLIENT_ID: config.clientId,
        GENESYSCLOUD_REGION        : config.region,
        GENESYS_TOKEN_SCOPE        : config.scope ? scopes.join(' ') : null,
        GENESYS_TOKEN_MIN_TTL      : config.minTtl,
        GENESYS_TOKEN_TIMEOUT      : config.timeout,
        GENESYS_TOKEN_CACHE_DIR    : config.cacheDir,
    ]
    List<String> notInherited = nested ? ['GENESYS_TOKEN_SCOPE', 'GENESYS_TOKEN_MIN_TTL'] : []
    return values.findAll { name, value -> value || notInherited.any { it == name } }
        .collect { name, value -> "${name}=${value ?: ''}".toString() }
}

/** The variables that the script needs in addition. */
private List<String> bindVariables(Map config, String blockDir) {
    String given = config.helper ?: ''
    // The helper of an outer block may be on another node or outside of this container: then PATH is searched.
    String helper = given ?: env.GENESYS_TOKEN_HELPER ?: 'genesys-token'
    return [
        "GENESYS_TOKEN_BLOCK=${blockDir}".toString(),
        "GENESYS_TOKEN_HELPER=${helper}".toString(),
        "GENESYS_TOKEN_OR_ELSE=${given ?: 'genesys-token'}".toString(),
        "GENESYS_TOKEN_CARRY=${config.carryHelper ? 'yes' : ''}".toString(),
        "GENESYS_TOKEN_ON_PATH=${given.contains('/') || config.carryHelper ? 'yes' : ''}".toString(),
        // An organisation's idle timeout, which is five minutes or more, can end a token before it expires.
        "GENESYS_TOKEN_VERIFY=${config.verify == false ? 'false' : '4m'}".toString(),
    ]
}

/** The error in the answer as one line, or null. */
@NonCPS
private static String answerProblem(String answer) {
    List<String> lines = linesOf(answer)
    String line = lines.find { it.startsWith(ERROR_PREFIX) }
    if (line) {
        Map problem = (Map) new JsonSlurper().parseText(line.substring(ERROR_PREFIX.length()))
        String retry = problem.retry_after ? "try again in ${problem.retry_after} s" : ''
        return [problem.message, problem.hint, retry].findAll { it }.join('; ')
    }
    return lines.any { it.startsWith('GENESYS_TOKEN_FILE=') } ? null :
        'genesys-token gave no answer; its messages, if any, are above in the console'
}

@NonCPS
private static List<String> bodyVariables(String answer) {
    return linesOf(answer).findAll { line -> BODY_VARIABLES.any { line.startsWith("${it}=") } }
}

@NonCPS
private static List<String> linesOf(String answer) {
    return answer.readLines().collect { it.trim() }.findAll { it }
}
