#!/bin/sh
# Makes what compose.yaml mounts, in deploy/compose/secrets: passwords, the seal's secret, a CA, and a certificate for each
# service and for the callers operator, app and auditor. Keeps what is there, but for certificates that end within 30 days:
# those it makes anew. Run it again where it was interrupted. Needs openssl.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets

# Each file is written under another name first: what has its name is whole.
new=.new
finish() { mv "$new" "$1"; }

for name in postgres migrator key vault audit; do
  [ -s "$name.password" ] && continue
  password=$(openssl rand -hex 24)
  printf '%s' "$password" > "$new"
  finish "$name.password"
done
# The seal takes 32 bytes and nothing else.
if [ ! -f root-secret ] || [ "$(wc -c < root-secret)" -ne 32 ]; then
  openssl rand 32 > "$new"
  finish root-secret
fi

days=30
seconds=$((days * 24 * 60 * 60))
lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$seconds" > "$new"; }

# A CA without its key, or the other way round, is none: it and all that it signed is made anew.
if ! { [ -s ca.key ] && lasts ca.crt; }; then
  echo "the CA is made, or made anew: restart every service and caller that has certificates of an older one"
  rm -f ca.crt
  openssl ecparam -name prime256v1 -genkey -noout -out "$new"
  finish ca.key
  openssl req -x509 -new -key ca.key -sha256 -days 365 -subj "/CN=Strongroom Compose CA" -out "$new" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
  finish ca.crt
fi

# An identity is whole where the CA that is there signed it, for the key that lies beside it.
whole() {
  [ -s "$1/tls.key" ] && lasts "$1/tls.crt" && cmp -s ca.crt "$1/ca.crt" &&
    openssl verify -CAfile ca.crt "$1/tls.crt" > "$new" &&
    [ "$(openssl x509 -in "$1/tls.crt" -noout -pubkey)" = "$(openssl pkey -in "$1/tls.key" -pubout)" ]
}

identity() {
  name=$1
  mkdir -p "$name"
  if whole "$name"; then return; fi
  echo "a certificate for $name is made, for 90 days"
  openssl ecparam -name prime256v1 -genkey -noout -out "$name/tls.key$new"
  printf 'subjectAltName=URI:spiffe://strongroom.dev/%s,DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' \
    "$name" "$name" > "$name/extensions"
  openssl req -new -key "$name/tls.key$new" -subj "/CN=$name" -out "$name/request"
  openssl x509 -req -in "$name/request" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 90 \
    -extfile "$name/extensions" -out "$name/tls.crt$new"
  cp ca.crt "$name/ca.crt$new"
  for file in ca.crt tls.key tls.crt; do mv "$name/$file$new" "$name/$file"; done
}
for name in key-service vault-service audit-service operator app auditor; do identity "$name"; done
rm -f "$new" ./*/*"$new" ./*/request ./*/extensions

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
