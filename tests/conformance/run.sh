#!/bin/bash
# The storage conformance suite on real servers on 127.0.0.1, on the local provider, and on a server that misbehaves.
#
#   tests/conformance/run.sh [local|faults|bad_input|bluebox|nimbus|extensions|rgw|swift|moto]...      none: all of them
#
# Installs, starts and stops the servers (tests/servers); one that cannot be had is a failure. NEPH_BUILDDIR says where
# neph was built, NEPH and NEPH_LIBRARY_TEST name the programs otherwise. The last line is "N passed, N failed".
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${NEPH_BUILDDIR:-.}
neph=${NEPH:-$build/core/cli/neph}
library=${NEPH_LIBRARY_TEST:-$build/tests/conformance/library}
python=/usr/bin/python3
work=$(mktemp -d "${TMPDIR:-/tmp}/neph-servers.XXXXXX") || exit 1
chmod 711 "$work"   # some of it is for a user without rights
export TMPDIR=$work # servers and suites keep everything there
# other ports than those of a server that somebody started by hand
export SWIFT_PORT=${SWIFT_PORT:-28080} RGW_PORT=${RGW_PORT:-27480} CEPH_MON_PORT=${CEPH_MON_PORT:-26789} MOTO_PORT=${MOTO_PORT:-25555}
total=$work/total
: >"$total"
started=()

stop_all() {
    local server
    for server in "${started[@]}"; do "$here/../servers/$server.sh" wipe; done
    rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

fail() { # fail WORDS...
    echo "not ok $*"
    echo "0 0 1" >>"$total"
}

need() { # need PROGRAM PACKAGE : installs what is missing, where it may
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || ls $1 >/dev/null 2>&1 && return 0
    [ "$(id -u)" = 0 ] || return 1
    for _ in 1 2; do
        DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$2" \
            >"$work/install.log" 2>&1 && return 0
        apt-get -qq -o DPkg::Lock::Timeout=600 update >/dev/null 2>&1
    done
    return 1
}

storage() { # storage PROFILE CLOUD NAME=VALUE... : the suite through the command, then through the library
    local profile=$1 cloud=$2 settings=() setting count
    shift 2
    for setting; do settings+=(--set "$setting"); done
    timeout 900 "$python" "$here/storage.py" "$neph" "$cloud" --profile "$profile" "${settings[@]}" --total "$total" ||
        [ $? = 1 ] || fail "$profile: the suite did not end"
    timeout 300 "$library" "$cloud" "library-$$" "$@" >"$work/library.log" 2>&1
    setting=$?
    sed "s/ library/ $profile library/" "$work/library.log"
    count=$(grep -c '^ok' "$work/library.log")
    echo "$count 0 $(grep -c '^not ok' "$work/library.log")" >>"$total"
    [ $setting -le 1 ] && [ "$count" -gt 0 ] || fail "$profile library: it ended with status $setting"
}

server() { # server PROFILE SCRIPT SETTING... : the suite on a real server
    local profile=$1 script=$2 began=$SECONDS
    shift 2
    "$here/../servers/$script.sh" install || { fail "$profile: $script cannot be installed"; return; }
    started+=("$script")
    "$here/../servers/$script.sh" start || { fail "$profile: $script does not start"; return; }
    echo "-- $profile: $script was ready after $((SECONDS - began)) s"
    (
        eval "$("$here/../servers/$script.sh" env)"
        storage "$profile" s3 "endpoint=$S3_ENDPOINT" "$@"
    )
    "$here/../servers/$script.sh" wipe
    unset 'started[-1]'
}

suite() { # suite NAME : a suite with a server of its own
    timeout 600 "$python" "$here/$1.py" "$neph" --total "$total" || [ $? = 1 ] || fail "$1: the suite did not end"
}

extensions() { # what one provider alone has, on moto
    "$here/../servers/moto.sh" install && started+=(moto) && "$here/../servers/moto.sh" start ||
        { fail "extensions: moto cannot be had"; return; }
    (
        eval "$("$here/../servers/moto.sh" env)"
        suite extensions
    )
    "$here/../servers/moto.sh" wipe
    unset 'started[-1]'
}

run() {
    case $1 in
    rgw) server rgw ceph-rgw addressing=path ;;
    swift) server swift swift addressing=path ;;
    moto) server moto moto addressing=path ;;
    local) mkdir "$work/root" && storage local local "root=$work/root" ;;
    faults | bad_input | bluebox | nimbus) suite "$1" ;;
    extensions) extensions ;;
    *) fail "unknown suite $1" ;;
    esac
}

[ -x "$neph" ] || { echo "check-servers: $neph is not there; build neph first" >&2; exit 1; }
[ -x "$library" ] || { echo "check-servers: $library is not there: make tests/conformance/library" >&2; exit 1; }
need "$python" python3 || fail "python3 cannot be installed"
need curl curl || fail "curl cannot be installed"
need openssl openssl || fail "openssl cannot be installed"
need '/usr/lib/*/faketime/libfaketime.so.1' libfaketime || fail "libfaketime cannot be installed"
[ $# -gt 0 ] || set -- local faults bad_input bluebox nimbus extensions rgw swift moto
for name; do run "$name"; done

read -r passed known failed < <(awk '{ p += $1; k += $2; f += $3 } END { print p + 0, k + 0, f + 0 }' "$total")
echo "-- $known known differences of the servers, each listed in tests/conformance/*.expect"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
