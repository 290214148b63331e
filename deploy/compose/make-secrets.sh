#!/bin/sh
# Makes what compose.yaml mounts, in deploy/compose/secrets: passwords, the seal's secret, a CA, and a certificate for each
# service and for the callers operator, app and auditor. Keeps what is there. Needs openssl.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets

for name in postgres migrator key vault audit; do
  [ -f "$name.password" ] || openssl rand -hex 24 | tr -d '\n' > "$name.password"
done
[ -f root-secret ] || openssl rand 32 > root-secret

if [ ! -f ca.key ]; then
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -sha256 -days 365 -subj "/CN=Strongroom Compose CA" -out ca.crt \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
fi

identity() {
  name=$1
  mkdir -p "$name"
  [ -f "$name/tls.crt" ] && return
  openssl ecparam -name prime256v1 -genkey -noout -out "$name/tls.key"
  printf 'subjectAltName=URI:spiffe://strongroom.dev/%s,DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' \
    "$name" "$name" > "$name/extensions"
  openssl req -new -key "$name/tls.key" -subj "/CN=$name" -out "$name/request"
  openssl x509 -req -in "$name/request" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 90 \
    -extfile "$name/extensions" -out "$name/tls.crt" 2>/dev/null
  cp ca.crt "$name/ca.crt"
  rm "$name/request" "$name/extensions"
}
for name in key-service vault-service audit-service operator app auditor; do identity "$name"; done

# The containers run as user 65532; Compose mounts files with their own owner and mode.
chmod 0755 . key-service vault-service audit-service
chmod 0644 ./*.password root-secret ca.crt ./*-service/*
echo "deploy/compose/secrets is ready; keep it out of version control and backups"
