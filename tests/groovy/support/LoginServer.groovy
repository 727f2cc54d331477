import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** The loopback login server, as a process of its own. It exits when its standard input is closed. */
class LoginServer implements Closeable {

    static final String CLIENT_ID = '11111111-2222-3333-4444-555555555555'
    static final String CLIENT_SECRET = 'loopback-secret_that-opens_nothing-anywhere'

    private final Process process
    final String loginUrl
    final String apiUrl

    LoginServer() {
        process = new ProcessBuilder(Programs.LOGIN_SERVER).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        Map urls = (Map) new JsonSlurper().parseText(process.inputStream.newReader().readLine())
        loginUrl = urls.login_url
        apiUrl = urls.api_url
    }

    /** Changes the behaviour of the server. `change` has the fields of its `/_control`. */
    Map control(Map change) {
        HttpURLConnection connection = (HttpURLConnection) new URL("${loginUrl}/_control").openConnection()
        connection.requestMethod = 'POST'
        connection.doOutput = true
        connection.outputStream.withWriter('UTF-8') { it << JsonOutput.toJson(change) }
        return (Map) new JsonSlurper().parse(connection.inputStream)
    }

    /** The number of token requests that the server has counted. */
    int getTokenRequests() {
        return (int) control([:]).token_requests
    }

    /** All tokens that the server has issued. */
    List<String> getTokens() {
        return (List<String>) control([:]).handed_out
    }

    /** All requests in the order of their arrival: `[method:, path:, body:]`. */
    List<Map> getLog() {
        return (List<Map>) control([:]).log
    }

    @Override
    void close() {
        process.outputStream.close()
        process.waitFor()
    }

}
