/** Agents that use the loopback login server, with the credentials of the tests. */
class Agents {

    /** A pipeline whose agent uses `server`, with these variables in addition. */
    static Pipeline pipeline(LoginServer server, Map<String, String> variables = [:], String workspace = 'workspace') {
        Pipeline pipeline = new Pipeline([
            GENESYS_TOKEN_LOGIN_URL: server.loginUrl,
            GENESYS_TOKEN_API_URL  : server.apiUrl,
        ] + variables, workspace)
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
