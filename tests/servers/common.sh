# What the server scripts share: packages, waiting, starting and ending processes. Sourced by bash.
#
# A process is known by its pid and its start time, written to $ROOT/run/NAME.pid, so that a pid
# which was given to somebody else meanwhile is never signalled. Every wait is bounded.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY

say() { echo "$SERVER: $*" >&2; }

# ensure_packages PACKAGE...: installs what is missing, starting no service. Waits for another apt.
ensure_packages() {
  local p missing=() policy=/usr/sbin/policy-rc.d made=
  for p; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
  [ ${#missing[@]} = 0 ] && return 0
  [ "$(id -u)" = 0 ] || { say "missing packages: ${missing[*]}; install them, or run this as root"; return 1; }
  export DEBIAN_FRONTEND=noninteractive
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=1; }
  local rc=1 apt="apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3"
  for p in 1 2; do # an empty or an outdated list: fetch it, then once more
    if $apt install -y --no-install-recommends "${missing[@]}" >"$ROOT/install.log" 2>&1; then rc=0; break; fi
    [ $p = 1 ] && $apt update >"$ROOT/update.log" 2>&1 || true
  done
  [ -z "$made" ] || rm -f $policy
  [ $rc = 0 ] || { say "could not install: ${missing[*]}"; tail -5 "$ROOT/install.log" >&2; }
  return $rc
}

started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# alive NAME: is the process that we started still there (and no zombie)?
alive() {
  local pid at
  read -r pid at 2>/dev/null <"$ROOT/run/$1.pid" || return 1
  [ -n "$at" ] && [ "$(started_at "$pid")" = "$at" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null
}

# spawn NAME COMMAND...: starts it in its own process group unless it runs already.
spawn() {
  local n=$1; shift
  alive "$n" && return 0
  setsid "$@" >>"$ROOT/log/$n.log" 2>&1 </dev/null 9>&- &
  local pid=$!
  echo "$pid $(started_at $pid)" >"$ROOT/run/$n.pid"
}

# free_ports NAME PORT...: unless NAME runs already, nobody may listen there: another server would answer in its place.
free_ports() {
  local name=$1 port
  shift
  alive "$name" && return 0
  for port; do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || continue
    say "port $port is taken by another program; another one can be chosen by a variable at the head of the script"
    return 1
  done
}

# end NAME TENTHS: asks the process to end, waits that long, then ends its group.
end() {
  local pid at i
  if alive "$1"; then
    read -r pid at <"$ROOT/run/$1.pid"
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < $2; i++)); do alive "$1" || break; sleep 0.1; done
    kill -9 -- "-$pid" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do alive "$1" || break; sleep 0.1; done
  fi
  rm -f "$ROOT/run/$1.pid"
}

# wait_http NAME URL SECONDS [any]: until URL answers 2xx (or anything at all) while process NAME lives.
wait_http() {
  local i fail=-f
  [ "${4:-}" != any ] || fail=
  for ((i = 0; i < $3 * 5; i++)); do
    curl $fail -sS -o /dev/null --max-time 5 --noproxy '*' "$2" 2>/dev/null && alive "$1" && return 0
    alive "$1" || { say "$1 died:"; tail -5 "$ROOT/log/$1.log" >&2; return 1; }
    sleep 0.2
  done
  say "$2 did not answer within $3 s"; tail -5 "$ROOT/log/$1.log" >&2; return 1
}

# status NAME...: a line for each; fails when one is not running.
status_of() {
  local n rc=0 pid at
  for n; do
    if alive "$n"; then
      read -r pid at <"$ROOT/run/$n.pid"
      echo "$n pid=$pid rss_kb=$(awk '/VmRSS/{print $2}' "/proc/$pid/status")"
    else echo "$n down"; rc=1; fi
  done
  return $rc
}

# main VERB: one script at a time per server; install, start and the others are the script's functions.
main() {
  mkdir -p "$ROOT/run" "$ROOT/log"
  case "${1:-}" in
    install|start|stop|wipe) exec 9>"$ROOT.lock"; flock -w 900 9 || { say "another run holds $ROOT.lock"; exit 1; };;
  esac
  case "${1:-}" in
    install) install;;
    start) start || { stop; exit 1; };;
    stop) stop;;
    status) status;;
    wipe) stop; rm -rf "$ROOT";;
    env) environment;;
    *) echo "usage: $SERVER.sh install|start|stop|status|wipe|env" >&2; exit 2;;
  esac
}
