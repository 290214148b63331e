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

# Compose mounts files with the owner and mode that they have here, so the containers run as the one who may read them: who
# runs this, or, where that is root, the image's own user. Nobody else on this host reads anything.
chmod -R go= .
user="$(id -u):$(id -g)"
if [ "$(id -u)" = 0 ]; then
  user=65532:65532
  chown -R "$user" .
  chown root:root ca.key
fi
settings=../../.env
touch "$settings"
others="$(grep -v '^STRONGROOM_USER=' "$settings" || true)"
printf '%s\n' ${others:+"$others"} "STRONGROOM_USER=$user" > "$settings"
echo "deploy/compose/secrets is ready; keep it out of version control and backups"
