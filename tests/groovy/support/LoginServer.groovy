import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** The loopback login server as a program: it ends with its standard input. */
class LoginServer implements Closeable {

    static final String CLIENT_ID = '11111111-2222-3333-4444-555555555555'
    static final String CLIENT_SECRET = 'loopback-secret_that-opens_nothing-anywhere'

    private final Process process
    final String loginUrl
    final String apiUrl

    LoginServer() {
        process = new ProcessBuilder(Programs.LOGIN_SERVER).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        Map where = (Map) new JsonSlurper().parseText(process.inputStream.newReader().readLine())
        loginUrl = where.login_url
        apiUrl = where.api_url
    }

    /** Changes how it behaves; the fields are those of its `/_control`. */
    Map control(Map change) {
        HttpURLConnection connection = (HttpURLConnection) new URL("${loginUrl}/_control").openConnection()
        connection.requestMethod = 'POST'
        connection.doOutput = true
        connection.outputStream.withWriter('UTF-8') { it << JsonOutput.toJson(change) }
        return (Map) new JsonSlurper().parse(connection.inputStream)
    }

    /** How many token requests it counted. */
    int getTokenRequests() {
        return (int) control([:]).token_requests
    }

    /** Every token it handed out. */
    List<String> getTokens() {
        return (List<String>) control([:]).handed_out
    }

    /** What it was asked, in the order it came: `[method:, path:, body:]`. */
    List<Map> getLog() {
        return (List<Map>) control([:]).log
    }

    @Override
    void close() {
        process.outputStream.close()
        process.waitFor()
    }

}
