#!/bin/bash
# moto (PyPI): S3, EC2 with EBS and addresses, ELB and ELBv2 on 127.0.0.1. It checks no signatures.
# usage: moto.sh install|start|stop|status|wipe|env      state in $MOTO_ROOT; versions in moto.txt
set -eu
SERVER=moto
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${MOTO_ROOT:-${TMPDIR:-/tmp}/neph-servers/moto}
IP=127.0.0.1
PORT=${MOTO_PORT:-15555}
. "$HERE/common.sh"

install() {
  ensure_packages python3 python3-venv curl ca-certificates
  cmp -s "$HERE/moto.txt" "$ROOT/installed.txt" && [ -x "$ROOT/venv/bin/moto_server" ] && return 0
  rm -rf "$ROOT/venv" "$ROOT/installed.txt"
  /usr/bin/python3 -m venv "$ROOT/venv"
  # the versions are all given, dependencies too: nothing is resolved
  "$ROOT/venv/bin/pip" install -q --disable-pip-version-check --retries 3 --no-deps -r "$HERE/moto.txt" >"$ROOT/install.log" 2>&1 ||
    { say "pip could not install moto:"; tail -5 "$ROOT/install.log" >&2; return 1; }
  cp "$HERE/moto.txt" "$ROOT/installed.txt"
}
start() {
  [ -x "$ROOT/venv/bin/moto_server" ] || { say "not installed: run $0 install"; return 1; }
  free_ports moto "$PORT" || return 1
  export PYTHONDONTWRITEBYTECODE=1
  spawn moto "$ROOT/venv/bin/python" "$ROOT/venv/bin/moto_server" -H $IP -p "$PORT"
  wait_http moto "http://$IP:$PORT/moto-api/" 60 any
}
stop() { end moto 20; }
status() { status_of moto; }
environment() {
  echo "export S3_ENDPOINT=http://$IP:$PORT AWS_ENDPOINT_URL=http://$IP:$PORT AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
}
main "$@"
