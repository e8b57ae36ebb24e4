#!/bin/bash
# Azurite (npm): Azure's Blob service on 127.0.0.1, over TLS with AZURITE_TLS=1. It checks SharedKey and SAS, not the date.
# usage: azurite.sh install|start|stop|status|wipe|env      state in $AZURITE_ROOT, the program in $AZURITE_HOME
# AZURITE_ACCOUNTS="NAME:BASE64KEY" replaces the account devstoreaccount1, whose key everybody knows.
set -eu
SERVER=azurite
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${AZURITE_ROOT:-${TMPDIR:-/tmp}/neph-servers/azurite}
PROGRAM=${AZURITE_HOME:-${TMPDIR:-/tmp}/neph-servers/npm/azurite}
VERSION=3.35.0 # the newest that runs on node 20
IP=127.0.0.1
PORT=${AZURITE_PORT:-10000}
ACCOUNT=devstoreaccount1
KEY=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
SCHEME=http
[ "${AZURITE_TLS:-0}" = 0 ] || SCHEME=https
# node may stand anywhere; the search path is made short below
NODE=$(command -v node || true)
NPM=$(command -v npm || true)
. "$HERE/common.sh"

# Debian's node is too old for it, and no other comes by apt: it must be there.
need_node() {
  [ -n "$NODE" ] && [ -n "$NPM" ] || { say "needs node 20 and npm"; return 1; }
  export PATH="$(dirname "$NODE"):$PATH"
}
install() {
  need_node || return 1
  ensure_packages curl openssl
  [ -f "$PROGRAM/installed-$VERSION" ] && return 0
  mkdir -p "$PROGRAM"
  rm -rf "$PROGRAM/node_modules" "$PROGRAM"/installed-*
  echo '{"private":true}' >"$PROGRAM/package.json"
  (cd "$PROGRAM" && npm install --no-audit --no-fund "azurite@$VERSION") >"$ROOT/install.log" 2>&1 ||
    { say "npm could not install azurite:"; tail -5 "$ROOT/install.log" >&2; return 1; }
  touch "$PROGRAM/installed-$VERSION"
}
certificate() {
  [ -f "$ROOT/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout "$ROOT/key.pem" -out "$ROOT/cert.pem" \
    -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -addext 'basicConstraints=critical,CA:TRUE' 2>/dev/null
}
start() {
  local main=$PROGRAM/node_modules/azurite/dist/src/blob/main.js tls=()
  need_node || return 1
  [ -f "$main" ] || { say "not installed: run $0 install"; return 1; }
  free_ports azurite "$PORT" || return 1
  if [ $SCHEME = https ]; then
    certificate || return 1
    tls=(--cert "$ROOT/cert.pem" --key "$ROOT/key.pem")
  fi
  mkdir -p "$ROOT/data"
  spawn azurite "$NODE" "$main" --blobHost $IP --blobPort "$PORT" --location "$ROOT/data" --disableTelemetry --silent "${tls[@]}"
  [ $SCHEME = http ] || export CURL_CA_BUNDLE=$ROOT/cert.pem
  wait_http azurite "$SCHEME://$IP:$PORT/$ACCOUNT?comp=list" 60 any
}
stop() { end azurite 50; }
status() { status_of azurite; }
environment() {
  local account=${AZURITE_ACCOUNTS:-$ACCOUNT:$KEY}
  local name=${account%%:*} key=${account#*:}
  key=${key%%[:;]*}
  echo "export AZURE_STORAGE_ACCOUNT=$name AZURE_STORAGE_KEY=$key AZURE_STORAGE_SERVICE_ENDPOINT=$SCHEME://$IP:$PORT/$name"
  [ $SCHEME = http ] || echo "export AZURITE_CERTIFICATE=$ROOT/cert.pem"
}
main "$@"
