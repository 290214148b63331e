#!/bin/sh
# Makes what compose.yaml mounts, in deploy/compose/secrets: passwords, the seal's secret, a CA, and a certificate for each
# service and for the callers operator, app and auditor. Keeps what is there, but for certificates that end within 30 days:
# those it makes anew. Run it again where it was interrupted. Needs openssl.
#
#   make-secrets.sh
#   make-secrets.sh --new-root-secret    where deploy/.env is there and the seal's secret is not: makes another one. Whatever
#                                        the database has stays closed for good.
set -eu
umask 077
case "$#${1:-}" in
  0) new_root_secret=no ;;
  1--new-root-secret) new_root_secret=yes ;;
  *)
    echo "usage: make-secrets.sh [--new-root-secret]" >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets
settings=../../.env

# The seal takes 32 bytes and nothing else, and without those that a database was sealed with every record is lost: so what is
# there is never written over.
if [ -s root-secret ]; then
  length=$(($(wc -c < root-secret)))
  if [ "$length" -ne 32 ]; then
    echo "deploy/compose/secrets/root-secret has $length bytes, and the seal takes 32. It was left as it is: put the 32 bytes" \
      "there that were made first, without a newline behind them, neither as hexadecimal digits nor as base64." >&2
    exit 1
  fi
elif [ "$new_root_secret" = no ] && grep -q '^STRONGROOM_USER=' "$settings" 2> /dev/null; then
  echo "deploy/.env says that this stack was set up, and deploy/compose/secrets/root-secret is missing. Nothing was made: put the" \
    "file back from where a copy is kept. Where the database is gone as well, or may be lost: make-secrets.sh --new-root-secret" >&2
  exit 1
fi

# Each file is written under another name first: what has its name is whole.
new=.new
finish() { mv "$new" "$1"; }

for name in postgres migrator key vault audit; do
  [ -s "$name.password" ] && continue
  password=$(openssl rand -hex 24)
  printf '%s' "$password" > "$new"
  finish "$name.password"
done
if ! [ -s root-secret ]; then
  openssl rand 32 > "$new"
  finish root-secret
fi

days=30
seconds=$((days * 24 * 60 * 60))
lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$seconds" > "$new"; }
# Whether a certificate is for the key that lies beside it.
is_of() { [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout)" ]; }
broken() {
  echo "what was made for $1 does not belong together: see what openssl says above" >&2
  exit 1
}

# A CA without its key, or the other way round, is none: it and all that it signed is made anew.
whole_ca() { [ -s ca.key ] && lasts ca.crt && is_of ca.crt ca.key; }
if ! whole_ca; then
  echo "the CA is made, or made anew: restart every service and caller that has certificates of an older one"
  rm -f ca.crt
  openssl ecparam -name prime256v1 -genkey -noout -out "$new"
  finish ca.key
  openssl req -x509 -new -key ca.key -sha256 -days 365 -subj "/CN=Strongroom Compose CA" -out "$new" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
  finish ca.crt
  whole_ca || broken "the CA"
fi

# An identity is whole where the CA that is there signed it, for the key that lies beside it.
whole() {
  [ -s "$1/tls.key" ] && lasts "$1/tls.crt" && cmp -s ca.crt "$1/ca.crt" &&
    openssl verify -CAfile ca.crt "$1/tls.crt" > "$new" && is_of "$1/tls.crt" "$1/tls.key"
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
  # Positive, and at random: a file that counts could be left half written.
  serial=01$(openssl rand -hex 15)
  openssl x509 -req -in "$name/request" -CA ca.crt -CAkey ca.key -set_serial "0x$serial" -sha256 -days 90 \
    -extfile "$name/extensions" -out "$name/tls.crt$new"
  cp ca.crt "$name/ca.crt$new"
  for file in ca.crt tls.key tls.crt; do mv "$name/$file$new" "$name/$file"; done
  whole "$name" || broken "$name"
}
for name in key-service vault-service audit-service operator app auditor; do identity "$name"; done
rm -f "$new" ca.srl ./*/*"$new" ./*/request ./*/extensions

# Compose mounts files with the owner and mode that they have here, so the containers run as the one who may read them: who
# runs this, or, where that is root, the image's own user. Nobody else on this host reads anything.
chmod -R go= .
user="$(id -u):$(id -g)"
if [ "$(id -u)" = 0 ]; then
  user=65532:65532
  chown -R "$user" .
  chown root:root ca.key
fi
others=
if [ -f "$settings" ]; then
  others="$(grep -v '^STRONGROOM_USER=' "$settings" || true)"
  # With its owner and mode.
  cp -p "$settings" "$settings$new"
fi
printf '%s\n' ${others:+"$others"} "STRONGROOM_USER=$user" > "$settings$new"
mv "$settings$new" "$settings"
echo "deploy/compose/secrets is ready; keep it out of version control and backups"
