#!/bin/sh
# Makes the secrets of docker-compose.yml, each once. Example: sh deploy/make-secrets.sh
# The files are readable inside the containers; the folder keeps everyone else of this machine out.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"

random() {
    od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'
}

make() {
    [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
}

make secret_key "$(random 32)"
make encryption_keys "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
make postgres_owner_password "$(random 24)"
make postgres_password "$(random 24)"
make database_url "postgres://farmq:$(cat "$folder/postgres_password")@postgres:5432/farmq"
make database_owner_url \
    "postgres://farmq_owner:$(cat "$folder/postgres_owner_password")@postgres:5432/farmq"
