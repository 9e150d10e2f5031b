#!/bin/sh
# Creates the user and the database of Wares. Patroni runs it once, with the URL of the new primary.
set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$WARES_DATABASE_PASSWORD" --dbname="$1" <<'SQL'
CREATE ROLE wares LOGIN PASSWORD :'password';
CREATE DATABASE wares OWNER wares ENCODING 'UTF8' TEMPLATE template0;
SQL
