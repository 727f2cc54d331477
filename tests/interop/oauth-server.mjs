// An independent OAuth 2.0 server, over TLS. Prints its port, and ends when its stdin is closed.
// Usage: node oauth-server.mjs CERTIFICATE KEY CLIENT_ID CLIENT_SECRET
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [certificate, key, client_id, client_secret] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [{
      client_id,
      client_secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    }],
    features: { clientCredentials: { enabled: true }, introspection: { enabled: true } },
    routes: { token: '/oauth/token' },
    scopes: ['routing', 'analytics'],
    ttl: { ClientCredentials: 600 },
  });
  server.on('request', provider.callback());
  console.log(port);
});
process.stdin.on('end', () => process.exit(0)).resume();
