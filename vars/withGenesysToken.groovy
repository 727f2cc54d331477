import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurper
import groovy.transform.Field
import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/*
 * withGenesysToken(credentialsId: 'genesys-prod', region: 'eu-central-1') { sh 'genesys-token exec -- …' }
 *
 * What it does and what each argument means: withGenesysToken.txt, the help page of this step.
 *
 * The token itself never passes through here, since whatever does is written to the controller's disk: the
 * program puts it into a private directory on the agent, and only the paths come back.
 *
 * Written for the Groovy sandbox. Whatever looks at lists and maps is @NonCPS, since their iterators can't be
 * saved when a step is called in the middle; and whatever calls a step is not.
 */

/** The arguments, and what each of them must be. */
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

/** The answer's lines that the body gets. Nothing else that a shell may say comes into its environment. */
@Field static final List<String> BODY_VARIABLES = [
    'GENESYS_TOKEN_FILE', 'GENESYS_HEADERS_FILE', 'GENESYS_CURL_CONFIG', 'GENESYS_TOKEN_EXPIRES_AT',
    'GENESYSCLOUD_REGION', 'GENESYSCLOUD_API_REGION', 'GENESYS_TOKEN_HELPER', 'PATH+GENESYS_TOKEN',
]

/** Takes whatever credential is bound further out away: `exec` would use it instead of this block's token. */
@Field static final List<String> NO_CREDENTIAL = [
    'GENESYSCLOUD_OAUTHCLIENT_ID=', 'GENESYSCLOUD_OAUTHCLIENT_SECRET=',
]

/** What an error of the program stands behind. */
@Field static final String ERROR = 'GENESYS_TOKEN_ERROR='

/**
 * Binds a token around its body. Constant, so that no value is ever part of a script; with a first line of its own,
 * so that it is not traced. It always ends well: what went wrong is a line of its answer.
 */
@Field static final String BIND = '''\
#!/bin/sh
program=$(command -v "$GENESYS_TOKEN_HELPER") && [ -f "$program" ] && [ -x "$program" ] ||
program=$(command -v "$GENESYS_TOKEN_OR_ELSE") && [ -f "$program" ] && [ -x "$program" ] || {
    echo 'GENESYS_TOKEN_ERROR={"message":"there is no genesys-token on this agent","hint":"install it where PATH \
finds it, or give its path as helper:"}'
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
    echo "GENESYS_TOKEN_ERROR={\\"message\\":\\"genesys-token gave no answer and ended with $?\\",\\"hint\\":\\"it is \
too old for this library, or made for another machine: use the program of the library's release\\"}"
    exit 0
}
echo "GENESYS_TOKEN_HELPER=$helper"
if [ -n "$GENESYS_TOKEN_ON_PATH" ]; then
    echo "PATH+GENESYS_TOKEN=$(dirname "$helper")"
fi
'''

/**
 * Runs the body with a Genesys Cloud access token at hand.
 *
 * @return what the body returns
 */
Object call(Map config = [:], Closure body) {
    String problem = problemWith(config)
    if (problem) {
        fail(problem)
    }
    if (!env.WORKSPACE_TMP) {
        fail('there is no agent here: use it inside a stage or node that has one')
    }
    if (!isUnix()) {
        fail('this agent runs Windows, and the step needs sh: call the program itself with withCredentials')
    }
    String block = "${env.WORKSPACE_TMP}/genesys-token-${UUID.randomUUID()}"
    Object result
    try {
        result = aroundBody(config, block, body)
    } catch (Throwable failure) {
        remove(block, failure)
        throw failure
    }
    remove(block, null)
    return result
}

/** Without `refresh` the body runs where no credential is bound, not even one of a block around this one. */
private Object aroundBody(Map config, String block, Closure body) {
    if (config.refresh) {
        return withCredential(config) {
            inBlock(config, block, settings(config, isNested()) + bind(config, block), body)
        }
    }
    List<String> variables = withCredential(config) { bind(config, block) }
    return inBlock(config, block, variables + NO_CREDENTIAL, body)
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
    } catch (AbortException refused) {
        if (bound) {
            throw refused
        }
        fail("${refused.message}; credentialsId: names a username and password (client id, client secret), " +
            'or with clientId: a Secret text')
    }
}

/** Has the program write the private directory, and returns what it answers as NAME=value. */
private List<String> bind(Map config, String block) {
    String answer = withEnv(settings(config, isNested()) + forBind(config, block)) {
        sh(script: BIND, returnStdout: true, label: 'Genesys Cloud token')
    }
    String problem = problemIn(answer)
    if (problem) {
        fail(problem)
    }
    return bodyVariables(answer)
}

private Object inBlock(Map config, String block, List<String> variables, Closure body) {
    return withEnv(variables) {
        config.tokenVariable ? withTokenVariable(config.tokenVariable.toString(), block, body) : body()
    }
}

/** The weaker way: through the controller, which keeps it in plain text as long as it keeps the build. */
private Object withTokenVariable(String name, String block, Closure body) {
    try {
        // Before the token is anywhere: the error of a missing plugin would quote it.
        wrap([$class: 'MaskPasswordsBuildWrapper', varPasswordPairs: []]) { }
    } catch (RuntimeException missing) {
        fail('tokenVariable: needs the plugin Mask Passwords; or do without it and use genesys-token exec')
    }
    String token = readFile(file: "${block}/token".toString(), encoding: 'UTF-8').trim()
    return wrap([$class: 'MaskPasswordsBuildWrapper', varPasswordPairs: [[var: name, password: token]]]) {
        withEnv(["${name}=${token}".toString()]) {
            body()
        }
    }
}

/** Removes the private directory, however the body ended; that it can't hides nothing, an abort apart. */
private void remove(String block, Throwable failure) {
    try {
        dir(block) {
            deleteDir()
        }
    } catch (Exception trouble) {
        // Whoever aborts a build wants no `retry` of what failed in it.
        if (trouble instanceof FlowInterruptedException && !(failure instanceof FlowInterruptedException)) {
            throw trouble
        }
        echo "withGenesysToken: ${block} stays behind until a later block removes it: ${trouble.message}"
    }
}

private void fail(String problem) {
    error("withGenesysToken: ${problem}")
}

/** What is wrong with the arguments, if anything. */
@NonCPS
private static String problemWith(Map config) {
    for (argument in config) {
        String kind = ARGUMENTS.get(argument.key.toString())
        if (!kind) {
            return "unknown argument '${argument.key}'; there are ${ARGUMENTS.keySet().join(', ')}"
        }
        if (argument.value != null && !isA(kind, argument.value)) {
            return "${argument.key}: must be a ${kind}"
        }
    }
    if (!config.credentialsId) {
        return 'credentialsId: is missing; it names the Jenkins credential of the OAuth client'
    }
    boolean named = !config.tokenVariable || config.tokenVariable.toString().matches('[A-Za-z_][A-Za-z0-9_]*')
    return named ? null : 'tokenVariable: must be the name of an environment variable'
}

@NonCPS
private static boolean isA(String kind, Object value) {
    if (kind == 'boolean') {
        return value instanceof Boolean
    }
    return value instanceof CharSequence ||
        kind.contains('number') && value instanceof Number ||
        kind.contains('list') && value instanceof List && value.every { it instanceof CharSequence }
}

/** Whether there is another block around this one. */
private boolean isNested() {
    return env.GENESYS_TOKEN_FILE != null
}

/**
 * What the program reads from its environment, as far as the arguments say it. What a block around this one asked for
 * is not what this one asks for.
 */
@NonCPS
private static List<String> settings(Map config, boolean nested) {
    List<String> scopes = config.scope instanceof List ? config.scope : [config.scope]
    Map<String, Object> values = [
        GENESYSCLOUD_OAUTHCLIENT_ID: config.clientId,
        GENESYSCLOUD_REGION        : config.region,
        GENESYS_TOKEN_SCOPE        : config.scope ? scopes.join(' ') : null,
        GENESYS_TOKEN_MIN_TTL      : config.minTtl,
        GENESYS_TOKEN_TIMEOUT      : config.timeout,
        GENESYS_TOKEN_CACHE_DIR    : config.cacheDir,
    ]
    List<String> ofOthers = nested ? ['GENESYS_TOKEN_SCOPE', 'GENESYS_TOKEN_MIN_TTL'] : []
    return values.findAll { name, value -> value || ofOthers.any { it == name } }
        .collect { name, value -> "${name}=${value ?: ''}".toString() }
}

/** And what only the binding itself needs. */
private List<String> forBind(Map config, String block) {
    String named = config.helper ?: ''
    // That of a block around this one may be on another node, or outside of a container.
    String helper = named ?: env.GENESYS_TOKEN_HELPER ?: 'genesys-token'
    return [
        "GENESYS_TOKEN_BLOCK=${block}".toString(),
        "GENESYS_TOKEN_HELPER=${helper}".toString(),
        "GENESYS_TOKEN_OR_ELSE=${named ?: 'genesys-token'}".toString(),
        "GENESYS_TOKEN_CARRY=${config.carryHelper ? 'yes' : ''}".toString(),
        "GENESYS_TOKEN_ON_PATH=${named.contains('/') || config.carryHelper ? 'yes' : ''}".toString(),
        // An organisation's idle timeout, of five minutes at least, ends a token before its time.
        "GENESYS_TOKEN_VERIFY=${config.verify == false ? 'false' : '4m'}".toString(),
    ]
}

/** The error that the answer tells of, in one sentence. */
@NonCPS
private static String problemIn(String answer) {
    List<String> lines = linesOf(answer)
    String line = lines.find { it.startsWith(ERROR) }
    if (line) {
        Map problem = (Map) new JsonSlurper().parseText(line.substring(ERROR.length()))
        String again = problem.retry_after ? "try again in ${problem.retry_after} s" : ''
        return [problem.message, problem.hint, again].findAll { it }.join('; ')
    }
    return lines.any { it.startsWith('GENESYS_TOKEN_FILE=') } ? null :
        'genesys-token gave no answer; what it said instead stands above'
}

@NonCPS
private static List<String> bodyVariables(String answer) {
    return linesOf(answer).findAll { line -> BODY_VARIABLES.any { line.startsWith("${it}=") } }
}

@NonCPS
private static List<String> linesOf(String answer) {
    return answer.readLines().collect { it.trim() }.findAll { it }
}
