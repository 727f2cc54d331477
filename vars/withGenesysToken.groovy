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
 * directory on the agent and returns only paths. Only with tokenVariable does this script read the token itself. For
 * the build's next agent it also returns the token sealed under the client secret, which the controller has anyway.
 *
 * The script must run in the Groovy sandbox. Methods that iterate over lists or maps are @NonCPS, because Jenkins
 * can't save an iterator when a step is called in the middle of the iteration. Methods that call a step are never
 * @NonCPS.
 */

/** The arguments and their types. The types also appear in error messages. */
@Field static final Map<String, String> ARGUMENTS = [
    credentialsId           : 'string',
    clientId                : 'string',
    region                  : 'string',
    scope                   : 'string or list of strings',
    minTtl                  : 'string or number of seconds',
    timeout                 : 'string or number of seconds',
    cacheDir                : 'string',
    lane                    : 'string',
    expectOrg               : 'string',
    sharedCache             : 'string',
    sharedCacheCredentialsId: 'string',
    verify                  : 'boolean',
    refresh                 : 'boolean',
    helper                  : 'string, or a map of url and sha256',
    carryHelper             : 'boolean',
    tokenVariable           : 'string',
    share                   : 'boolean',
]

/** For calls of another shape, for which Jenkins would ask administrators to approve a dangerous method. */
@Field static final String USAGE = "write withGenesysToken(credentialsId: '…') { … }: named arguments, and then a body"

/** The variables that every answer has. Without one of them, the body could run with the token of an outer block. */
@Field static final List<String> ANSWER_VARIABLES = [
    'GENESYS_TOKEN_FILE', 'GENESYS_HEADERS_FILE', 'GENESYS_CURL_CONFIG', 'GENESYS_TOKEN_EXPIRES_AT',
    'GENESYSCLOUD_REGION', 'GENESYSCLOUD_API_REGION', 'GENESYS_TOKEN_HELPER',
]

/** What the program's messages call the arguments, and what to say instead. */
@Field static final Map<String, String> PROGRAM_WORDS = [
    'but the name that is read is GENESYSCLOUD_REGION': 'but nothing reads it: give the region as region:',
    '--region'               : 'region',
    'GENESYSCLOUD_REGION'    : 'region',
    '--scope'                : 'scope',
    'GENESYS_TOKEN_SCOPE'    : 'scope',
    '--min-ttl'              : 'minTtl',
    'GENESYS_TOKEN_MIN_TTL'  : 'minTtl',
    '--timeout'              : 'timeout',
    'GENESYS_TOKEN_TIMEOUT'  : 'timeout',
    '--cache-dir'            : 'cacheDir',
    'GENESYS_TOKEN_CACHE_DIR': 'cacheDir',
    '--lane'                 : 'lane',
    'GENESYS_TOKEN_LANE'     : 'lane',
    '--expect-org'           : 'expectOrg',
    'GENESYS_TOKEN_EXPECT_ORG': 'expectOrg',
    'the value of GENESYS_TOKEN_SHARED_CACHE ': 'the value of sharedCache ',
    'correct the variable, or unset it for the default': 'correct the argument, or leave it out',
]

/**
 * Unsets what belongs to another token: a credential that is bound around this block, which `exec` would use instead of
 * the token of this block, and scopes and lane of an outer block or of the agent.
 */
@Field static final List<String> UNSET_IN_BODY = [
    'GENESYSCLOUD_OAUTHCLIENT_ID=', 'GENESYSCLOUD_OAUTHCLIENT_SECRET=', 'GENESYS_TOKEN_SCOPE=', 'GENESYS_TOKEN_LANE=',
]

/** How the program's next command begins. */
@Field static final String DOCTOR = 'genesys-token doctor'

/** The beginning of the answer line that says where the program is. */
@Field static final String HELPER_PREFIX = 'GENESYS_TOKEN_HELPER='

/** The beginning of an answer line that holds what to offer to the next agent: `NAME:BASE64`, or `NAME:`. */
@Field static final String ENTRY_PREFIX = 'GENESYS_TOKEN_ENTRY='

/** Characters. The program looks at no offer that is longer, and at eight entries of it. */
@Field static final int MAX_OFFER_LENGTH = 16384

/**
 * The sealed entries that this build's blocks have answered, newest first, by the arguments of the block. Jenkins keeps
 * one instance of this script for a build, and its fields over a restart.
 */
@Field final Map<String, List<String>> entries = [:]

/** The credentials of shared caches that are Secret texts, as this build has found out. */
@Field final Map<String, Boolean> secretTexts = [:]

/** Whether this build has been told that a program is too old to share its token. */
@Field boolean toldOfOldProgram = false

/** The beginning of an answer line that holds an error as JSON. */
@Field static final String ERROR_PREFIX = 'GENESYS_TOKEN_ERROR='

/**
 * How the script of a block begins. It is constant, and values reach it only as environment variables. Because it has
 * a `#!` line, Jenkins does not trace it. It exits with 0 after an error as well: the error is a line of the answer.
 * Only a signal's exit stays one. With 0 `sh` would return normally after an abort, and nobody would know of it.
 */
@Field static final String SCRIPT_HEAD = '''\
#!/bin/sh
end_if_killed() {
    code=$?
    [ "$code" -le 128 ] || exit "$code"
}
fail() {
    end_if_killed
    printf '%s\\n' "GENESYS_TOKEN_ERROR={\\"message\\":\\"$1\\",\\"hint\\":\\"$2\\"}"
    exit 0
}
is_program() {
    program=$(command -v "$1") && [ -f "$program" ] && [ -x "$program" ]
}
private=
'''

/**
 * Puts a copy of the program of GENESYS_TOKEN_FETCH_URL, whose checksum is the right one, into a private directory.
 * The file is kept beside the token cache, and downloaded if it is not there or was altered. The names in the directory
 * are those that `bind` removes a day later, should the build be killed. A part of the script only where it is needed,
 * since Jenkins keeps the text of each block's script.
 */
@Field static final String FETCH_SCRIPT = '''\
has_wanted_sum() {
    sum=$(sha256sum <"$1") && sum=${sum%% *} && [ "$sum" = "$wanted" ]
}
download() {
    (
        unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET GENESYSCLOUD_ACCESS_TOKEN \
            GENESYS_TOKEN_SHARED_CACHE GENESYS_TOKEN_SHARED_CACHE_PASSWORD GENESYS_TOKEN_OFFERED
        if command -v curl >/dev/null; then
            exec curl -fgsSL --proto =https --retry 2 --retry-max-time 60 --connect-timeout 20 --max-time 120 \
                -o "$1" "$GENESYS_TOKEN_FETCH_URL"
        elif wget --version >/dev/null 2>&1; then
            exec wget -nv -t 2 -T 20 -O "$1" "$GENESYS_TOKEN_FETCH_URL"
        fi
        exec wget -q -O "$1" "$GENESYS_TOKEN_FETCH_URL"
    ) >&2
    end_if_killed
    [ "$code" -ne 127 ] || fail 'there is neither curl nor wget on this agent to fetch the program' \
        'install one of them, or give the path of the program as helper:'
    [ "$code" -eq 0 ] || fail "the program could not be fetched (exit $code)" \
        'what curl or wget said stands above in the console; look at the URL, the proxy and the CA'
    has_wanted_sum "$1" || fail "the file at the URL has the SHA-256 $sum, and not the one that was given" \
        'compare both with SHA256SUMS of the release; a proxy may have answered with a page of its own'
}
copy_kept() {
    [ -f "$kept" ] && cp "$kept" "$copy" && has_wanted_sum "$copy"
}
fetch() {
    wanted=$GENESYS_TOKEN_FETCH_SHA256
    command -v sha256sum >/dev/null || fail 'there is no sha256sum on this agent to check the program' \
        'install coreutils or busybox, or give the path of the program as helper:'
    umask 077
    private=$GENESYS_TOKEN_BLOCK.helper
    copy=$private/private
    trap 'rm -rf "$private"' EXIT
    trap 'exit 143' HUP INT TERM
    mkdir -p "$private/bin" && date -u +%Y-%m-%dT%H:%M:%SZ >"$private/.genesys-token" ||
        fail 'the program cannot be put beside the workspace' 'what mkdir said stands above in the console'
    kept=
    for keep in "$GENESYS_TOKEN_CACHE_DIR" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/genesys-token}" \
        "${HOME:+${HOME%/}/.cache/genesys-token}" "$WORKSPACE_TMP/genesys-token-cache"; do
        case "$keep" in
            /.cache/*) continue ;;
            /*) ;;
            *) continue ;;
        esac
        if mkdir -p "$keep" && [ -w "$keep" ]; then
            kept=$keep/program-$wanted
            break
        fi 2>/dev/null
    done
    copy_kept || {
        end_if_killed
        download "$copy"
        part=$keep/.writing-$(basename "$private")
        { cp "$copy" "$part" && mv -f "$part" "$kept"; } 2>/dev/null || rm -f "$part"
    }
    program=$private/bin/genesys-token
    chmod 700 "$copy" && mv "$copy" "$program" ||
        fail 'the program cannot be put beside the workspace' 'what mv said stands above in the console'
}
is_program "$GENESYS_TOKEN_HELPER" || fetch
'''

/** Runs `genesys-token bind`. */
@Field static final String BIND_SCRIPT = '''\
[ -n "$private" ] || is_program "$GENESYS_TOKEN_HELPER" || is_program "$GENESYS_TOKEN_OR_ELSE" ||
    fail 'there is no genesys-token on this agent' 'install it on the PATH, or give its path as helper:'
[ -n "$GENESYSCLOUD_OAUTHCLIENT_ID" ] ||
    fail 'the client id is empty' 'it is the username of the Jenkins credential, or clientId:'
[ -n "$GENESYSCLOUD_OAUTHCLIENT_SECRET" ] ||
    fail 'the client secret is empty' 'it is the password of the Jenkins credential, or its secret text'
[ -z "$GENESYS_TOKEN_SHARED_LOGIN" ] || [ -n "$GENESYS_TOKEN_SHARED_CACHE" ] ||
    fail 'sharedCacheCredentialsId: there is no shared cache to log in to' \
        'give its address as sharedCache:, or to all pipelines in GENESYS_TOKEN_SHARED_CACHE'
program=$(CDPATH= cd -- "$(dirname -- "$program")" && pwd)/$(basename -- "$program")
helper=$program
set -- bind --for-step 1 --dir "$GENESYS_TOKEN_BLOCK"
if [ -n "$GENESYS_TOKEN_CARRY" ] && [ -z "$private" ]; then
    helper=$GENESYS_TOKEN_BLOCK/bin/genesys-token
    set -- "$@" --carry-helper
fi
"$program" "$@"
end_if_killed
[ "$code" -ne 126 ] || fail 'the program cannot be run on this agent' \
    'its disk forbids programs (noexec), or it was built for another machine: what sh said stands above in the console'
[ "$code" -eq 0 ] || fail "genesys-token gave no answer and exited with code $code" \
    "it is too old for this library, or built for another machine: use the program of the library's release"
if [ -n "$private" ] && [ -d "$GENESYS_TOKEN_BLOCK" ]; then
    mv -- "$private/bin" "$GENESYS_TOKEN_BLOCK/bin" ||
        fail "cannot move the helper into the block's directory" 'what mv said stands above in the console'
    helper=$GENESYS_TOKEN_BLOCK/bin/genesys-token
elif [ "$(basename -- "$helper")" != genesys-token ] && [ -d "$GENESYS_TOKEN_BLOCK" ]; then
    mkdir -m 700 "$GENESYS_TOKEN_BLOCK/bin" && ln -s -- "$program" "$GENESYS_TOKEN_BLOCK/bin/genesys-token" ||
        fail "cannot link the helper into the block's directory" 'its messages are above in the console'
    helper=$GENESYS_TOKEN_BLOCK/bin/genesys-token
fi
printf '%s\\n' "GENESYS_TOKEN_HELPER=$helper"
if [ -n "$GENESYS_TOKEN_ON_PATH$private" ]; then
    printf '%s\\n' "PATH+GENESYS_TOKEN=$(dirname -- "$helper")"
fi
'''

/**
 * The same for Windows. `!NAME!` is a value as it is, which cmd.exe takes apart no more; `%NAME%` is a part of the
 * script. The program says itself where it is, since cmd.exe prints in a code page. Jenkins ends processes with code
 * -1, and Ctrl-C with a negative one: these fail the step, so that none hides an abort.
 */
@Field static final String WINDOWS_SCRIPT = '''\
@echo off
setlocal EnableExtensions DisableDelayedExpansion
set "private="
set "carry="
set "program="
for %%N in (genesys-token.exe) do set "program=%%~$PATH:N"
setlocal EnableDelayedExpansion
if not defined GENESYSCLOUD_OAUTHCLIENT_ID (
    call :fail "the client id is empty" "it is the username of the Jenkins credential, or clientId:"
    exit /b 0
)
if not defined GENESYSCLOUD_OAUTHCLIENT_SECRET (
    call :fail "the client secret is empty" "it is the password of the Jenkins credential, or its secret text"
    exit /b 0
)
if defined GENESYS_TOKEN_SHARED_LOGIN if not defined GENESYS_TOKEN_SHARED_CACHE (
    call :fail "sharedCacheCredentialsId: there is no shared cache to log in to" ^
        "give its address as sharedCache:, or to all pipelines in GENESYS_TOKEN_SHARED_CACHE"
    exit /b 0
)
if not "!GENESYS_TOKEN_OR_ELSE!"=="genesys-token" set "program=!GENESYS_TOKEN_OR_ELSE!"
if defined GENESYS_TOKEN_HELPER if exist "!GENESYS_TOKEN_HELPER!" (
    set "program=!GENESYS_TOKEN_HELPER!"
    set "GENESYS_TOKEN_FETCH_URL="
)
if defined GENESYS_TOKEN_FETCH_URL (
    call :fetch
    if not !code!==0 exit /b !code!
    if not defined checked exit /b 0
)
if defined program if not exist "!program!" set "program=!program!.exe"
set "is_program="
if defined program if exist "!program!" if not exist "!program!\\*" set "is_program=yes"
if not defined is_program (
    call :fail "there is no genesys-token on this agent" "install it on the PATH, or give its path as helper:"
    exit /b 0
)
"!program!" bind --for-step 1 --dir "!GENESYS_TOKEN_BLOCK!" !carry!
set "code=!errorlevel!"
if defined private call :keep
if !code! gtr 0 (
    call :fail "genesys-token gave no answer and exited with code !code!" ^
        "it is another program, or built for another machine, or forbidden here: the console has its messages"
    exit /b 0
)
exit /b !code!
:fail
echo GENESYS_TOKEN_ERROR={"message":%1,"hint":%2}
if defined private rmdir /s /q "!private!" 2>nul
exit /b 0
'''

/**
 * FETCH_SCRIPT for Windows, with its own curl.exe and certutil.exe, and no other of these names. An unchecked file has
 * no name by which Windows would run it. The program makes the cache's directory, so what is kept is kept last.
 */
@Field static final String WINDOWS_FETCH_SCRIPT = '''\
:fetch
set "code=0"
set "checked="
set "downloaded="
set "keep="
if defined LOCALAPPDATA set "keep=!LOCALAPPDATA!\\genesys-token"
if defined GENESYS_TOKEN_CACHE_DIR set "keep=!GENESYS_TOKEN_CACHE_DIR!"
set "kept=!keep!\\program-!GENESYS_TOKEN_FETCH_SHA256!"
set "private=!GENESYS_TOKEN_BLOCK!.helper"
set "copy=!private!\\bin\\private"
mkdir "!private!" && "!SystemRoot!\\System32\\icacls.exe" "!private!" /inheritance:r ^
    /grant:r "*S-1-3-4:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" >nul
set "code=!errorlevel!"
if !code! lss 0 exit /b !code!
if !code!==0 mkdir "!private!\\bin"
if !code!==0 set "code=!errorlevel!"
if not !code!==0 (
    call :fail "the program cannot be put beside the workspace" ^
        "what mkdir or icacls said stands above in the console"
    set "code=0"
    exit /b 0
)
>"!private!\\.genesys-token" echo !GENESYS_TOKEN_FETCH_TIME!
set "sum="
if defined keep if exist "!kept!" copy /b /y "!kept!" "!copy!" >nul 2>nul
if exist "!copy!" call :sum_of_copy
if "!sum!"=="!GENESYS_TOKEN_FETCH_SHA256!" goto :fetched
set "downloaded=yes"
if not exist "!SystemRoot!\\System32\\curl.exe" (
    call :fail "there is no curl.exe in System32 of this agent to fetch the program" ^
        "Windows has it since Server 2019; install the program on the PATH, or give its path as helper:"
    exit /b 0
)
call :download
if !code! lss 0 exit /b !code!
if not !code!==0 (
    call :fail "the program could not be fetched (exit !code!)" ^
        "what curl said stands above in the console; look at the URL, the proxy and the CA"
    set "code=0"
    exit /b 0
)
call :sum_of_copy
if not defined sum (
    "!SystemRoot!\\System32\\certutil.exe" -hashfile "!copy!" SHA256 1>&2
    set "code=!errorlevel!"
    if !code! leq 0 set "code=-1"
    if !code! lss 0 exit /b -1
    call :fail "certutil.exe told no checksum of the program (exit !code!)" "what it said stands above in the console"
    set "code=0"
    exit /b 0
)
if not "!sum!"=="!GENESYS_TOKEN_FETCH_SHA256!" (
    call :fail "the file at the URL has the SHA-256 !sum!, and not the one that was given" ^
        "compare both with SHA256SUMS of the release; a proxy may have answered with a page of its own"
    exit /b 0
)
:fetched
set "program=!private!\\bin\\genesys-token.exe"
set "carry=--carry-helper"
move "!copy!" "!program!" >nul
if exist "!program!" (
    set "checked=yes"
) else (
    call :fail "the program cannot be put beside the workspace" "what move said stands above in the console"
)
exit /b 0
:download
setlocal
for %%N in (GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET GENESYSCLOUD_ACCESS_TOKEN
    GENESYS_TOKEN_SHARED_CACHE GENESYS_TOKEN_SHARED_CACHE_PASSWORD GENESYS_TOKEN_OFFERED) do set "%%N="
"!SystemRoot!\\System32\\curl.exe" -fgsSL --proto =https --retry 2 --retry-max-time 60 --connect-timeout 20 ^
    --max-time 120 -o "!copy!" "!GENESYS_TOKEN_FETCH_URL!" 1>&2
endlocal & set "code=%errorlevel%"
exit /b 0
:sum_of_copy
set "sum="
for /f "delims=" %%S in ('%SystemRoot%\\System32\\certutil.exe -hashfile "%%copy%%" SHA256') do (
    if not defined sum call :take_sum "%%S"
)
exit /b 0
:take_sum
set "sum=%~1"
for /f "delims=0123456789abcdef" %%S in ("%~1") do set "sum="
exit /b 0
:keep
if defined downloaded if defined keep if exist "!keep!\\*" (
    set "part=!keep!\\.writing-!GENESYS_TOKEN_FETCH_PART!"
    copy /b /y "!program!" "!part!" >nul 2>nul && move /y "!part!" "!kept!" >nul 2>nul
    if exist "!part!" del "!part!" 2>nul
)
rmdir /s /q "!private!" 2>nul
exit /b 0
'''

/**
 * Runs the body with a Genesys Cloud access token.
 *
 * @return what the body returns
 */
Object call(Map config = [:], Closure body) {
    String problem = config == null || body == null ? USAGE : argumentProblem(config)
    if (problem) {
        fail(problem)
    }
    if (!env.WORKSPACE_TMP) {
        fail('there is no agent here: use the step inside a stage or node that has one')
    }
    // On Windows it begins with a drive. `isUnix` would cost a step.
    boolean windows = !env.WORKSPACE_TMP.startsWith('/')
    String temporary = windows ? env.WORKSPACE_TMP.replace('/', '\\') : env.WORKSPACE_TMP
    if (windows && config.carryHelper) {
        fail('carryHelper: is for containers of Linux; on a Windows agent give the path of the program as helper:')
    }
    String blockDir = "${temporary}${windows ? '\\' : '/'}genesys-token-${UUID.randomUUID()}"
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

/** A call whose arguments have no names. */
void call(Object ignored, Object ignoredBody) {
    fail(USAGE)
}

/** A call without a body. */
void call(Object ignored) {
    fail(USAGE)
}

/** A call without anything. */
void call() {
    fail(USAGE)
}

/** Without `refresh`, no credential is bound in the body, not even the credential of an outer block. */
private Object bindAndRun(Map config, String blockDir, Closure body) {
    if (config.refresh) {
        return withCredential(config) {
            List<String> variables = programVariables(config, env.GENESYS_TOKEN_FILE != null)
            runBody(config, blockDir, variables + bind(config, blockDir), body)
        }
    }
    List<String> variables = withCredential(config) { bind(config, blockDir) }
    return runBody(config, blockDir, variables + UNSET_IN_BODY, body)
}

/**
 * Binds both credentials in one step. Nothing tells the type of the shared cache's one. Where Jenkins says that it is
 * no Username with password, before it runs `work`, it is bound as a Secret text, in this block and in later ones.
 */
private Object withCredential(Map config, Closure work) {
    String id = config.credentialsId
    String sharedId = config.sharedCacheCredentialsId
    boolean isText = secretTexts.get(sharedId)
    List<Object> bindings = [config.clientId ?
        string(credentialsId: id, variable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET') :
        usernamePassword(credentialsId: id, usernameVariable: 'GENESYSCLOUD_OAUTHCLIENT_ID',
            passwordVariable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET')]
    if (sharedId) {
        bindings += [isText ?
            string(credentialsId: sharedId, variable: 'GENESYS_TOKEN_SHARED_CACHE_PASSWORD') :
            usernamePassword(credentialsId: sharedId, usernameVariable: 'GENESYS_TOKEN_SHARED_CACHE_USERNAME',
                passwordVariable: 'GENESYS_TOKEN_SHARED_CACHE_PASSWORD')]
    }
    boolean bound = false
    try {
        return withCredentials(bindings) {
            bound = true
            work()
        }
    } catch (AbortException failure) {
        if (bound) {
            throw failure
        }
        if (!sharedId || !failure.message.contains("'${sharedId}'")) {
            fail("${failure.message}; credentialsId: must name a Username with password (client id and client " +
                'secret), or with clientId: a Secret text')
        }
        if (isText || !failure.message.startsWith('Credentials ')) {
            fail("${failure.message}; sharedCacheCredentialsId: must name a Username with password, or a Secret " +
                'text with the password')
        }
    }
    secretTexts.put(sharedId, true)
    return withCredential(config, work)
}

/** Makes the program write the private directory, and returns the variables of its answer as NAME=value. */
private List<String> bind(Map config, String blockDir) {
    // A token that is not to be tested is not to be handed on.
    boolean shared = config.share != false && config.verify != false && env.GENESYS_TOKEN_SHARE != 'false'
    boolean windows = !blockDir.startsWith('/')
    Map download = downloadOf(config, windows)
    String unusable = download ?
        downloadProblem(download, 'GENESYS_TOKEN_HELPER_URL', 'GENESYS_TOKEN_HELPER_SHA256') : null
    if (unusable) {
        fail(unusable)
    }
    if (windows && config.helper && !download && !config.helper.toString().contains('\\')) {
        fail('helper: on a Windows agent it is a path with a backslash, or a map of url and sha256')
    }
    List<String> parts = windows ?
        [WINDOWS_SCRIPT, download ? WINDOWS_FETCH_SCRIPT : ''] :
        [SCRIPT_HEAD, download ? FETCH_SCRIPT : '', BIND_SCRIPT]
    String script = parts.join('')
    String label = 'Genesys Cloud token'
    String answer
    try {
        // The controller's time is read as late as possible.
        List<String> ofBuild = shared ? ["GENESYS_TOKEN_OFFERED=${offer(entries, config)}".toString(),
            "GENESYS_TOKEN_NOW=${System.currentTimeMillis()}".toString()] : []
        List<String> ofProgram = programVariables(config, env.GENESYS_TOKEN_FILE != null)
        answer = withEnv(ofProgram + bindVariables(config, download, blockDir) + ofBuild) {
            // The program answers in UTF-8, whatever the code page of the agent is.
            // cmd.exe overlooks labels where lines end without a carriage return.
            windows ? bat(script: script.replace('\n', '\r\n'), returnStdout: true, encoding: 'UTF-8', label: label) :
                sh(script: script, returnStdout: true, label: label)
        }
    } catch (AbortException killed) {
        // An abort of the build is another exception.
        fail("the program was killed, or its script failed: ${killed.message}")
    } finally {
        // There a script that is aborted can't remove what it has made.
        if (windows && download && answer == null) {
            remove("${blockDir}.helper", null)
        }
    }
    if (shared) {
        keepEntries(entries, config, answer)
    }
    String problem = answerProblem(config, download, windows ? 'bat' : 'sh', answer) ?: guardProblem(config, answer)
    if (problem) {
        fail(problem)
    }
    if (shared && !toldOfOldProgram && isTooOld(answer)) {
        toldOfOldProgram = true
        echo 'withGenesysToken: the program on this agent is too old to share its token with the next agents'
    }
    return bodyVariables(config, blockDir, answer)
}

private Object runBody(Map config, String blockDir, List<String> variables, Closure body) {
    return withEnv(variables) {
        config.tokenVariable ? withTokenVariable(config.tokenVariable.toString(), blockDir, body) : body()
    }
}

/** Sends the token through the controller, which stores it in plain text for as long as it keeps the build. */
private Object withTokenVariable(String name, String blockDir, Closure body) {
    try {
        // Without a working plugin, `wrap` quotes its arguments in the error, so try it before the token is read.
        wrap([$class: 'MaskPasswordsBuildWrapper', varPasswordPairs: [[var: name, password: 'not the token']]]) { }
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
        echo "withGenesysToken: cannot remove ${blockDir}: ${problem.message}; a later block removes what is left"
    }
}

private void fail(String problem) {
    error("withGenesysToken: ${problem}")
}

/** What is wrong with the arguments, or null. */
@NonCPS
private static String argumentProblem(Map config) {
    if (!(config instanceof Serializable)) {
        return 'Jenkins cannot save the map of the arguments: write them out, or copy it into a new HashMap'
    }
    for (argument in config) {
        String type = ARGUMENTS.get(argument.key.toString())
        if (!type) {
            return "unknown argument '${argument.key}'; the arguments are ${ARGUMENTS.keySet().join(', ')}"
        }
        if (argument.value != null && !hasType(argument.value, type)) {
            return "${argument.key}: must be a ${type}"
        }
        if (argument.value != null && !(argument.value instanceof Serializable)) {
            return "${argument.key}: must be a value that Jenkins can save, such as a new ArrayList of it"
        }
    }
    if (!config.credentialsId) {
        return 'credentialsId: is missing; it names the Jenkins credential of the OAuth client'
    }
    // Jenkins would store it in plain text.
    if ("${config.sharedCache}".toString().matches('(?:[^:/]+://)?+[^:@]*:.+@.*')) {
        return 'sharedCache: must not have a password; give the id of a credential with it as sharedCacheCredentialsId:'
    }
    if (config.helper instanceof Map) {
        if (config.helper.keySet().any { it.toString() != 'url' && it.toString() != 'sha256' }) {
            return "helper: as a map it has url and sha256, and nothing else: [url: 'https://…', sha256: '…']"
        }
        String problem = downloadProblem(config.helper, 'helper: the url', 'helper: the sha256')
        if (problem) {
            return problem
        }
    }
    boolean valid = !config.tokenVariable || config.tokenVariable.toString().matches('[A-Za-z_][A-Za-z0-9_]*')
    return valid ? null : 'tokenVariable: must be the name of an environment variable'
}

/** The program to download, that of the call or the agent's: its url and sha256, or nothing. */
private Map downloadOf(Map config, boolean windows) {
    if (config.helper) {
        return config.helper instanceof Map ? config.helper : [:]
    }
    Map ofAgent = [url: env.GENESYS_TOKEN_HELPER_URL, sha256: env.GENESYS_TOKEN_HELPER_SHA256]
    // They may be set for all agents, and most of these run Linux.
    boolean isOurs = !windows || "${ofAgent.url}".toString().matches('.*[.]exe')
    return isOurs && (ofAgent.url || ofAgent.sha256) ? ofAgent : [:]
}

/** What is wrong with a program to download, or null. */
@NonCPS
private static String downloadProblem(Map helper, String url, String sha256) {
    // Jenkins would store a password in plain text, and a query may be one.
    if (!"${helper.url}".toString().matches('https://[^/@?\\s]+/[^?\\s\']+')) {
        return "${url} must begin with https:// and have neither a password nor a query"
    }
    boolean valid = "${helper.sha256}".toString().matches('[0-9a-f]{64}')
    return valid ? null :
        "${sha256} must have 64 hexadecimal digits in lower case, as SHA256SUMS of the release has them"
}

@NonCPS
private static boolean hasType(Object value, String type) {
    if (type == 'boolean') {
        return value instanceof Boolean
    }
    return value instanceof CharSequence ||
        type.contains('number') && value instanceof Number ||
        type.contains('map') && value instanceof Map ||
        type.contains('list') && value instanceof List && value.every { it instanceof CharSequence }
}

/**
 * The arguments as variables that the program reads. A block that is nested in another one does not inherit its scope,
 * lane and lifetime.
 */
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
        GENESYS_TOKEN_EXPECT_ORG   : config.expectOrg,
        GENESYS_TOKEN_LANE         : config.lane,
        GENESYS_TOKEN_SHARED_CACHE : config.sharedCache,
    ]
    List<String> notInherited = nested ?
        ['GENESYS_TOKEN_SCOPE', 'GENESYS_TOKEN_LANE', 'GENESYS_TOKEN_MIN_TTL'] : []
    return values.findAll { name, value -> value || value == 0 || notInherited.any { it == name } }
        .collect { name, value -> "${name}=${value == null ? '' : value}".toString() }
}

/** The variables that the script needs in addition. */
private List<String> bindVariables(Map config, Map download, String blockDir) {
    String path = download ? '' : config.helper ?: ''
    // The helper of an outer block may be on another node or outside of this container. Then the agent's URL counts,
    // or the PATH is searched. In containers Jenkins hides the agent's own variables: these have other names.
    String outer = env.GENESYS_TOKEN_HELPER ?: ''
    // A bare name would be that of a file in the workspace, for cmd.exe.
    boolean named = blockDir.startsWith('/') || outer.contains('\\')
    String helper = config.helper instanceof Map ? '' : path ?: (named ? outer : '')
    return [
        "GENESYS_TOKEN_FETCH_URL=${download.url ?: ''}".toString(),
        "GENESYS_TOKEN_FETCH_SHA256=${download.sha256 ?: ''}".toString(),
        // What this step can do; a program that can do it too says so in its answer.
        'GENESYS_TOKEN_STEP=2',
        "GENESYS_TOKEN_BLOCK=${blockDir}".toString(),
        "GENESYS_TOKEN_HELPER=${helper}".toString(),
        "GENESYS_TOKEN_OR_ELSE=${path ?: 'genesys-token'}".toString(),
        "GENESYS_TOKEN_SHARED_LOGIN=${config.sharedCacheCredentialsId ? 'yes' : ''}".toString(),
        "GENESYS_TOKEN_CARRY=${config.carryHelper ? 'yes' : ''}".toString(),
        "GENESYS_TOKEN_ON_PATH=${config.helper || config.carryHelper ? 'yes' : ''}".toString(),
        // An organisation's idle timeout, which is five minutes or more, can end a token before it expires.
        "GENESYS_TOKEN_VERIFY=${config.verify == false ? 'false' : '4m'}".toString(),
    ] + (download && !blockDir.startsWith('/') ? [
        // cmd.exe has no such clock. In the controller's time zone: a day is added before it counts.
        "GENESYS_TOKEN_FETCH_TIME=${String.format('%1$tFT%1$tTZ', System.currentTimeMillis())}".toString(),
        "GENESYS_TOKEN_FETCH_PART=${blockDir.replaceAll('.*[\\\\]', '')}".toString(),
    ] : [])
}

/** What is wrong with the answer as one line, or null. An error line is an error, whatever it says. */
@NonCPS
private static String answerProblem(Map config, Map download, String shell, String answer) {
    List<String> lines = linesOf(answer)
    String line = lines.find { it.startsWith(ERROR_PREFIX) }
    if (line != null) {
        return errorText(config, download, shell, line.substring(ERROR_PREFIX.length()))
    }
    List<String> missing = ANSWER_VARIABLES.findAll { name -> !lines.any { it.startsWith("${name}=") } }
    return missing ?
        "the program's answer lacks ${missing.join(', ')}; its messages, if any, are above in the console" : null
}

/** What an old program would have ignored, or null. */
@NonCPS
private static String guardProblem(Map config, String answer) {
    String needed = ['expectOrg', 'lane', 'sharedCache'].find { config.get(it) }
    return needed && isTooOld(answer) ?
        "${needed}: the program on this agent is too old for it; use the program of the library's release" : null
}

/** Whether the program knows nothing of what this step can do since its protocol 1. */
@NonCPS
private static boolean isTooOld(String answer) {
    return !linesOf(answer).any { it.startsWith('GENESYS_TOKEN_PROTOCOL=') }
}

/** What blocks have in common whose tokens may be the same. The entry's name depends on their agents as well. */
@NonCPS
private static String argumentsOf(Map config) {
    List<String> scopes = config.scope instanceof List ? config.scope : [config.scope]
    List<Object> values = [config.credentialsId, config.clientId, config.region, scopes.join(' '), config.lane]
    return values.collect { "${it == null ? '' : it}" }.join('\n')
}

/** The entries that blocks with these arguments have answered, as the program takes them. */
@NonCPS
private static String offer(Map<String, List<String>> entries, Map config) {
    String offer = ''
    List<String> kept = entries.get(argumentsOf(config)) ?: []
    for (entry in kept) {
        String longer = offer ? "${offer} ${entry}" : entry
        offer = longer.length() <= MAX_OFFER_LENGTH ? longer : offer
    }
    return offer
}

/** Keeps the entry of an answer as the newest one, in place of the last one of its name. */
@NonCPS
private static void keepEntries(Map<String, List<String>> entries, Map config, String answer) {
    String line = linesOf(answer).find { it.startsWith(ENTRY_PREFIX) && it.contains(':') }
    if (line != null) {
        String entry = line.substring(ENTRY_PREFIX.length())
        String name = entry.replaceAll(':.*', ':')
        List<String> kept = entries.get(argumentsOf(config)) ?: []
        List<String> others = kept.findAll { !it.startsWith(name) }
        entries.put(argumentsOf(config), entry == name ? others : [entry] + others)
    }
}

/** The program's error in the words of the step, from its JSON: what failed, then a line for each cause and fix. */
@NonCPS
private static String errorText(Map config, Map download, String shell, String json) {
    Object error
    try {
        error = new JsonSlurper().parseText(json)
    } catch (RuntimeException malformed) {
        error = null
    }
    Map problem = error instanceof Map ? (Map) error : [:]
    if (!problem.message) {
        String category = problem.category ? " (${problem.category})" : ''
        return "the program failed without a message${category}; its own lines, if any, are above in the console"
    }
    List<String> causes = (problem.causes instanceof List ? problem.causes : []).collect { it.toString() }
    List<String> fixes = (problem.fixes instanceof List ? problem.fixes : []).collect { it.toString() }
    // A script's error, or an old program's, has a hint alone.
    if (!causes && !fixes && problem.hint) {
        fixes = ["${problem.hint}".toString()]
    }
    List<String> next = fixes.findAll { it.startsWith(DOCTOR) }
    List<String> retry = problem.retry_after ? ["try again in ${problem.retry_after} s"] : []
    fixes = fixes.findAll { !it.startsWith(DOCTOR) } + retry
    List<String> lines = causes.collect { "cause: ${it}" } + fixes.collect { "fix: ${it}" }
    String text = ([problem.message] + lines).join('\n  ')
    for (word in PROGRAM_WORDS) {
        text = text.replace(word.key, word.value)
    }
    return "${text}${next.collect { "\n  next: a stage with\n${doctorStage(config, download, shell, it)}" }.join('')}"
}

/** The program's next command as a stage to paste, with the credential and the region of this call. */
@NonCPS
private static String doctorStage(Map config, Map download, String shell, String command) {
    String id = quoted(config.credentialsId)
    String pair = "usernameVariable: 'GENESYSCLOUD_OAUTHCLIENT_ID', passwordVariable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET'"
    String credential = config.clientId ?
        "string(credentialsId: ${id}, variable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET')" :
        "usernamePassword(credentialsId: ${id}, ${pair})"
    Map<String, Object> settings = [GENESYSCLOUD_OAUTHCLIENT_ID: config.clientId, GENESYSCLOUD_REGION: config.region]
    List<String> variables = settings.findAll { name, value -> value }
        .collect { name, value -> quoted("${name}=${value}") }
    String arguments = command.substring('genesys-token'.length())
    boolean batch = shell == 'bat'
    // In a batch file a percent sign is written twice.
    String helper = batch ? "${config.helper}".toString().replace('%', '%%') : config.helper
    String program = config.helper ? "\"${helper}\"${arguments}" : command
    String before = ''
    if (download && batch) {
        // The variables of a command can't be taken from it there, so it runs before there is a secret.
        String url = download.url.toString().replace('%', '%%')
        String system = '%SystemRoot%\\System32'
        String sum = "${system}\\certutil.exe -hashfile genesys-token.exe SHA256"
        String fetch = [
            'cd /d "%WORKSPACE_TMP%"',
            "${system}\\curl.exe -fgsSL --proto =https -o genesys-token.exe \"${url}\"",
            "${sum} | ${system}\\findstr.exe /x ${download.sha256}",
        ].join(' && ')
        before = "    bat ${quoted(fetch)}\n"
        program = "\"%WORKSPACE_TMP%\\genesys-token.exe\"${arguments}"
    } else if (download) {
        program = [
            'cd "$WORKSPACE_TMP"',
            "env -u GENESYSCLOUD_OAUTHCLIENT_SECRET curl -fgsSL --proto =https -o genesys-token '${download.url}'",
            "echo '${download.sha256}  genesys-token' | sha256sum -c",
            'chmod +x genesys-token',
            "./genesys-token${arguments}",
        ].join(' && ')
    }
    String run = "${shell} ${quoted(program)}"
    String body = variables ? "withEnv([${variables.join(', ')}]) { ${run} }" : run
    return "${before}    withCredentials([${credential}]) {\n        ${body}\n    }"
}

/** A Groovy string in single quotes. */
@NonCPS
private static String quoted(Object text) {
    String backslash = '\\'
    return "'${text.toString().replace(backslash, '\\\\').replace("'", "\\'")}'"
}

/** The variables that the body gets. All other lines are ignored: a shell may print lines of its own. */
@NonCPS
private static List<String> bodyVariables(Map config, String blockDir, String answer) {
    List<String> names = ANSWER_VARIABLES + ['GENESYS_TOKEN_OF', 'PATH+GENESYS_TOKEN']
    List<String> variables = linesOf(answer).findAll { line -> names.any { line.startsWith("${it}=") } }
    // The script for Windows can't take a path apart.
    String helper = variables.find { it.startsWith(HELPER_PREFIX) }.substring(HELPER_PREFIX.length())
    if (!blockDir.startsWith('/') && (config.helper || helper.startsWith(blockDir))) {
        String directory = helper.replaceAll('[\\\\][^\\\\]*$', '').replaceAll('^.:$', '$0\\\\')
        variables += ["PATH+GENESYS_TOKEN=${directory}".toString()]
    }
    return variables
}

@NonCPS
private static List<String> linesOf(String answer) {
    return answer.readLines().collect { it.trim() }.findAll { it }
}
