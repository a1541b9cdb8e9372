#!/bin/sh
# Run once by the postgres image, with an empty data folder: the database, its owner, and a login for each role with the
# password of its secret. `plumbline migrate`, as the owner, makes everything inside.
set -eu
secrets=${SECRETS_FOLDER:-/run/secrets}
run() { psql -v ON_ERROR_STOP=1 -q --username "$POSTGRES_USER" --dbname postgres "$@"; }

# The passwords go through standard input: arguments are seen by whoever may list processes.
{
  echo "create role plumbline_owner login createrole password '$(cat "$secrets/postgres-owner-password")';"
  for role in scorer drift alerts gateway operator; do
    echo "create role plumbline_$role login password '$(cat "$secrets/postgres-$role-password")';"
    echo "grant plumbline_$role to plumbline_owner with admin option;"
  done
  echo "create database plumbline owner plumbline_owner;"
  echo "revoke connect, temporary on database plumbline from public;"
  echo "grant connect on database plumbline to plumbline_scorer, plumbline_drift, plumbline_alerts, plumbline_gateway, plumbline_operator;"
} | run
