/** Where the compiled programs and the files of the repository are. */
class Programs {

    static final File ROOT = new File(System.getenv('GENESYS_TOKEN_ROOT')).canonicalFile
    static final File DIRECTORY = new File(System.getenv('GENESYS_TOKEN_PROGRAMS')).canonicalFile
    static final String HELPER = new File(DIRECTORY, 'genesys-token').path
    static final String LOGIN_SERVER = new File(DIRECTORY, 'loopback-login-server').path

    /** Ages a cached token until only this many seconds of its lifetime are left. */
    static void ageToken(File cache, LoginServer server, int secondsLeft, String... scopes) {
        List<String> command = [new File(DIRECTORY, 'examples/age_token').path, cache.path, server.loginUrl]
        Process process = (command + "${secondsLeft}" + scopes.toList())*.toString().execute()
        StringBuffer problem = new StringBuffer()
        process.waitForProcessOutput(new StringBuffer(), problem)
        assert process.exitValue() == 0 : problem
    }

    /** A file of the repository. */
    static File file(String path) {
        return new File(ROOT, path)
    }

}
