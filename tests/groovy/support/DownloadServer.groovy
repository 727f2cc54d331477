import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.nio.file.Files
import java.security.KeyStore
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** A loopback server with programs to download, over HTTPS with a certificate of its own, and over HTTP. */
class DownloadServer implements Closeable {

    /** As a port: any free one. As a backlog: the system's own. As a delay: none. */
    private static final int ANY = 0
    private static final String PASSWORD = 'changeit'
    /** Made once, since each use of keytool starts a machine of its own. */
    private static final File STORE = Files.createTempFile('server', '.p12').toFile()
    /** The certificate, as PEM. */
    static final File CERTIFICATE = Files.createTempFile('server', '.pem').toFile()

    static {
        [STORE, CERTIFICATE].each { file ->
            file.delete()
            file.deleteOnExit()
        }
        keytool('-genkeypair', '-keyalg', 'EC', '-dname', 'CN=127.0.0.1', '-ext', 'SAN=IP:127.0.0.1,DNS:localhost',
            '-validity', '2')
        keytool('-exportcert', '-rfc', '-file', CERTIFICATE.path)
    }

    private final String program
    private final HttpsServer https
    private final HttpServer http
    /** What is served, by path. */
    final Map<String, byte[]> files = [:]
    /** The paths of the requests over HTTPS, in the order of their arrival. */
    final List<String> requests = Collections.synchronizedList([])

    /** One whose program has this path. */
    DownloadServer(String program = '/program') {
        this.program = program
        KeyManagerFactory factory = KeyManagerFactory.getInstance('PKIX')
        factory.init(KeyStore.getInstance(STORE, PASSWORD.toCharArray()), PASSWORD.toCharArray())
        SSLContext context = SSLContext.getInstance('TLS')
        context.init(factory.keyManagers, null, null)
        InetSocketAddress anyPort = new InetSocketAddress('127.0.0.1', ANY)
        https = HttpsServer.create(anyPort, ANY)
        https.httpsConfigurator = new HttpsConfigurator(context)
        http = HttpServer.create(anyPort, ANY)
        https.createContext('/') { exchange ->
            requests << exchange.requestURI.path
            answer(exchange)
        }
        http.createContext('/') { exchange -> answer(exchange) }
        // A request without an answer must not keep the tests from ending.
        Executor threads = Executors.newCachedThreadPool { task ->
            Thread thread = new Thread(task)
            thread.daemon = true
            return thread
        }
        [https, http].each {
            it.executor = threads
            it.start()
        }
    }

    private static void keytool(String... arguments) {
        List<String> command = [new File(System.getProperty('java.home'), 'bin/keytool').path, *arguments, '-keystore',
            STORE.path, '-storepass', PASSWORD, '-alias', 'server']
        Process process = command.execute()
        StringBuffer said = new StringBuffer()
        process.waitForProcessOutput(said, said)
        assert !process.exitValue() : said
    }

    /** The URL of a path. */
    String url(String path) {
        return "https://127.0.0.1:${https.address.port}${path}"
    }

    private void answer(HttpExchange exchange) {
        String path = exchange.requestURI.path
        byte[] file = files[path]
        switch (path) {
            case '/redirect':
                redirect(exchange, url(program))
                break
            case '/to-http':
                redirect(exchange, "http://127.0.0.1:${http.address.port}${program}")
                break
            case '/truncated':
                exchange.sendResponseHeaders(200, files[program].length)
                exchange.responseBody.write(files[program][0..9] as byte[])
                exchange.responseBody.flush()
                exchange.close()
                break
            case '/silent':
                break
            default:
                exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length)
                exchange.responseBody.withStream { it.write(file ?: [] as byte[]) }
        }
    }

    private static void redirect(HttpExchange exchange, String target) {
        exchange.responseHeaders.set('Location', target)
        exchange.sendResponseHeaders(302, -1)
        exchange.close()
    }

    @Override
    void close() {
        [https, http]*.stop(ANY)
    }

}
