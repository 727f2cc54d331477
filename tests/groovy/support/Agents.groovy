/** Agents that use the loopback login server, with the credentials of the tests. */
class Agents {

    /** A pipeline whose agent uses `server`, with these variables in addition. */
    static Pipeline pipeline(LoginServer server, Map<String, String> variables = [:], String workspace = 'workspace') {
        return withCredentials(new Pipeline(urls(server) + variables, workspace))
    }

    /** The same on Windows. */
    static WindowsPipeline windows(LoginServer server, String workspace = 'workspace') {
        return (WindowsPipeline) withCredentials(new WindowsPipeline(urls(server), workspace))
    }

    private static Map<String, String> urls(LoginServer server) {
        return [GENESYS_TOKEN_LOGIN_URL: server.loginUrl, GENESYS_TOKEN_API_URL: server.apiUrl]
    }

    private static Pipeline withCredentials(Pipeline pipeline) {
        pipeline.credentials['genesys-prod'] = [
            type: 'Username with password', username: LoginServer.CLIENT_ID, secret: LoginServer.CLIENT_SECRET,
        ]
        pipeline.credentials['genesys-secret'] = [type: 'Secret text', secret: LoginServer.CLIENT_SECRET]
        pipeline.credentials['genesys-wrong'] = [
            type: 'Username with password', username: LoginServer.CLIENT_ID, secret: 'x' * 43,
        ]
        return pipeline
    }

    /** Writes an executable shell script. */
    static File program(File directory, String name, String script) {
        directory.mkdirs()
        File file = new File(directory, name)
        file.text = "#!/bin/sh\n${script}\n"
        file.setExecutable(true, false)
        return file
    }

}
