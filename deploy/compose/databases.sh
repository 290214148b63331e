#!/bin/sh
# Makes the three databases and their roles, and sets the roles' passwords from the mounted secrets.
set -eu
PGPASSWORD=$(cat /run/secrets/postgres-password)
export PGPASSWORD
sql() { psql --host=postgres --username=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

sql --file=/opt/roles.sql
for service in key vault audit; do
  if [ -z "$(sql --tuples-only --command="SELECT 1 FROM pg_database WHERE datname = 'strongroom_$service'")" ]; then
    sql --command="CREATE DATABASE strongroom_$service OWNER strongroom_migrator TEMPLATE template0 ENCODING 'UTF8'"
  fi
done
sql --file=/opt/roles.sql

# The password travels on standard input, so it stands in no argument.
password() {
  printf "\\set password '%s'\nALTER ROLE strongroom_%s PASSWORD :'password';\n" "$(cat "/run/secrets/$1-password")" "$1" | sql
}
for role in migrator key vault audit; do password "$role"; done
