// OpenSSL's TLS, as Node carries it, on either end of one gRPC call with certificates on both sides.
//
//   node health.mjs call ADDRESS CERT KEY CA [GROUPS]   calls grpc.health.v1 at ADDRESS
//   node health.mjs serve CERT KEY CA [GROUPS]          answers every call as that service does, until its input ends
//
// GROUPS are those of the key exchange, separated by colons; without them OpenSSL offers what it would. Prints a line of JSON:
// the caller what came of it, the server its port.

import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 1]); // not compressed, 2 bytes: HealthCheckResponse.status = SERVING
const EMPTY = Buffer.from([0, 0, 0, 0, 0]);

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function tls([cert, key, ca, groups]) {
  const files = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
  return { ...files, minVersion: 'TLSv1.3', ...(groups && { ecdhCurve: groups }) };
}

function call(address, files) {
  const session = http2.connect(`https://${address}`, tls(files));
  const fail = (error) => {
    say({ error: error.message });
    process.exit();
  };
  session.on('error', fail);
  const request = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const body = [];
  let status = 'none';
  const note = (headers) => (status = headers['grpc-status'] ?? status);
  request.on('response', note).on('trailers', note).on('data', (chunk) => body.push(chunk)).on('error', fail);
  request.on('end', () => {
    const { socket } = session;
    say({
      protocol: socket.getProtocol(),
      group: socket.getEphemeralKeyInfo().name,
      resumed: socket.isSessionReused(),
      status,
      body: Buffer.concat(body).toString('hex'),
    });
    session.close();
  });
  request.end(EMPTY);
}

function serve(files) {
  const server = http2.createSecureServer({ ...tls(files), requestCert: true, rejectUnauthorized: true });
  server.on('stream', (stream) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(SERVING);
  });
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port, openssl: process.versions.openssl }));
  process.stdin.resume().on('end', () => process.exit());
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'call') call(rest[0], rest.slice(1));
else if (command === 'serve') serve(rest);
else throw new Error(`no such command: ${command}`);
