// A caller with @grpc/grpc-js, as a backend service in Node is one. Takes what to do as JSON, prints what came of it.
//
//   node caller.mjs DIRECTORY '{"address": …, "path": …, "message": HEX, "seconds": …, "ca": …, "cert": …, "key": …, "name": …}'
//
// DIRECTORY has node_modules. Without "ca" it speaks plain text; "name" is the name that the server's certificate must have,
// where it is not the host's.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [directory, text] = process.argv.slice(2);
const grpc = createRequire(`${directory}/`)('@grpc/grpc-js');
const wanted = JSON.parse(text);

const read = (part) => (wanted[part] ? readFileSync(wanted[part]) : null);
const credentials = wanted.ca
  ? grpc.credentials.createSsl(read('ca'), read('key'), read('cert'))
  : grpc.credentials.createInsecure();
const options = wanted.name ? { 'grpc.ssl_target_name_override': wanted.name } : {};

const client = new grpc.Client(wanted.address, credentials, options);
const same = (bytes) => bytes;
const call = [wanted.path, same, same, Buffer.from(wanted.message, 'hex'), new grpc.Metadata()];
client.makeUnaryRequest(...call, { deadline: Date.now() + wanted.seconds * 1000 }, (error) => {
  console.log(error ? `${grpc.status[error.code]}: ${error.details}` : 'OK');
  client.close();
});
