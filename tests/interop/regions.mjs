// Prints the regions in the Genesys SDK, as {"aws-name": "domain"}.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { PureCloudRegionHosts: hosts } = require('purecloud-platform-client-v2');
const named = ([name, domain]) => [name.replaceAll('_', '-'), domain];
console.log(JSON.stringify(Object.fromEntries(Object.entries(hosts).map(named))));
