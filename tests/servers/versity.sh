#!/bin/bash
# Versity S3 Gateway (Go): S3 over a directory on 127.0.0.1. It checks signatures, those of chunks and trailers too, every
# x-amz-checksum-*, and conditions; it keeps versions. A key is a path there.
# usage: versity.sh install|start|stop|status|wipe|env      state in $VERSITY_ROOT, the program in $VERSITY_HOME
set -eu
SERVER=versity
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${VERSITY_ROOT:-${TMPDIR:-/tmp}/neph-servers/versity}
PROGRAM=${VERSITY_HOME:-${TMPDIR:-/tmp}/neph-servers/go/versity}
VERSION=v1.8.0
MODULE=github.com/versity/versitygw
IP=127.0.0.1
PORT=${VERSITY_PORT:-17070}
ACCESS_KEY=neph-versity
SECRET_KEY=neph-versity-secret
# go may stand anywhere; the search path is made short below
GO=$(command -v go || true)
. "$HERE/common.sh"

# Debian's go is too old for it.
install() {
  [ -n "$GO" ] || { say "needs go 1.25 or newer"; return 1; }
  ensure_packages curl
  [ -x "$PROGRAM/$VERSION/versitygw" ] && return 0
  GOBIN=$PROGRAM/$VERSION nice "$GO" install "$MODULE/cmd/versitygw@$VERSION" >"$ROOT/install.log" 2>&1 ||
    { say "go could not install it:"; tail -5 "$ROOT/install.log" >&2; return 1; }
}
start() {
  [ -x "$PROGRAM/$VERSION/versitygw" ] || { say "not installed: run $0 install"; return 1; }
  free_ports versity "$PORT" || return 1
  mkdir -p "$ROOT/data" "$ROOT/versions" "$ROOT/users"
  ROOT_ACCESS_KEY=$ACCESS_KEY ROOT_SECRET_KEY=$SECRET_KEY spawn versity "$PROGRAM/$VERSION/versitygw" --port "$IP:$PORT" \
    --health /health --keep-alive --quiet --iam-dir "$ROOT/users" posix --versioning-dir "$ROOT/versions" "$ROOT/data"
  wait_http versity "http://$IP:$PORT/health" 60
}
stop() { end versity 50; }
status() { status_of versity; }
environment() {
  echo "export S3_ENDPOINT=http://$IP:$PORT AWS_ACCESS_KEY_ID=$ACCESS_KEY AWS_SECRET_ACCESS_KEY=$SECRET_KEY AWS_REGION=us-east-1"
}
main "$@"
