/** Agents that reach the loopback login server, with the credentials the tests use. */
class Agents {

    /** A pipeline whose agent asks `server`, with more in its environment. */
    static Pipeline pipeline(LoginServer server, Map<String, String> more = [:], String workspace = 'workspace') {
        Pipeline pipeline = new Pipeline([
            GENESYS_TOKEN_LOGIN_URL: server.loginUrl,
            GENESYS_TOKEN_API_URL  : server.apiUrl,
        ] + more, workspace)
        pipeline.credentials['genesys-prod'] = [
            kind: 'Username with password', username: LoginServer.CLIENT_ID, secret: LoginServer.CLIENT_SECRET,
        ]
        pipeline.credentials['genesys-secret'] = [kind: 'Secret text', secret: LoginServer.CLIENT_SECRET]
        pipeline.credentials['genesys-wrong'] = [
            kind: 'Username with password', username: LoginServer.CLIENT_ID, secret: 'x' * 43,
        ]
        return pipeline
    }

    /** A program for the agent's PATH, or for elsewhere. */
    static File program(File directory, String name, String script) {
        directory.mkdirs()
        File file = new File(directory, name)
        file.text = "#!/bin/sh\n${script}\n"
        file.setExecutable(true, false)
        return file
    }

}
