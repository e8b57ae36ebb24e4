#!/bin/bash
# The conformance suites. Storage: on real servers on 127.0.0.1, on the local provider, and on a server that misbehaves.
# Compute: on the simulated cloud, on moto, and on strict servers of our own; two providers also as built out of the tree.
#
#   tests/conformance/run.sh [SUITE]...      none: all of them, as listed in `suites` below
#   tests/conformance/run.sh check-kill      the kill tests alone, long: 1 GiB and 50 moments of each; check-kill-rgw: on one
#
# Installs, starts and stops the servers (tests/servers); one that cannot be had is a failure. NEPH_BUILDDIR says where
# neph was built; NEPH, NEPH_LIBRARY_TEST and NEPH_COMPUTE_TEST name the programs otherwise. The last line is "N passed, N failed".
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${NEPH_BUILDDIR:-.}
neph=${NEPH:-$build/core/cli/neph}
library=${NEPH_LIBRARY_TEST:-$build/tests/conformance/library}
compute_library=${NEPH_COMPUTE_TEST:-$build/tests/conformance/compute_library}
suites='local faults bad_input bluebox nimbus compute-sim compute-bluebox compute-nimbus outoftree kill-local rgw versity swift keystone azurite azurite-tls moto'
# by name alone: rgw-swift, which rgw asks too, and check-kill, which takes long
kill_options=() # CI: 64 MiB, 5 moments
python=/usr/bin/python3
work=$(mktemp -d "${TMPDIR:-/tmp}/neph-servers.XXXXXX") || exit 1
chmod 711 "$work"   # some of it is for a user without rights
export TMPDIR=$work # servers and suites keep everything there
# other ports than those of a server that somebody started by hand
export SWIFT_PORT=${SWIFT_PORT:-28080} RGW_PORT=${RGW_PORT:-27480} CEPH_MON_PORT=${CEPH_MON_PORT:-26789} MOTO_PORT=${MOTO_PORT:-25555}
export AZURITE_PORT=${AZURITE_PORT:-25000} KEYSTONE_PORT=${KEYSTONE_PORT:-25001} VERSITY_PORT=${VERSITY_PORT:-27070}
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

ask() { # ask SUITE MINUTES PROFILE CLOUD [NAME=VALUE]... : a suite through the command
    local suite=$1 minutes=$2 profile=$3 cloud=$4 settings=() setting options=()
    shift 4
    for setting; do settings+=(--set "$setting"); done
    [ "$suite" != kill ] || options=("${kill_options[@]}")
    timeout $((minutes * 60)) "$python" "$here/$suite.py" "$neph" "$cloud" --profile "$profile" "${settings[@]}" "${options[@]}" \
        --total "$total" || [ $? = 1 ] || fail "$suite $profile: the suite did not end"
}

storage() { # storage PROFILE CLOUD [NAME=VALUE]... : the suite through the command, then through the library
    local profile=$1 cloud=$2 status count
    ask storage 15 "$@"
    shift 2
    timeout 300 "$library" "$cloud" "library-$$" "$@" >"$work/library.log" 2>&1
    status=$?
    sed "s/ library/ $profile library/" "$work/library.log"
    count=$(grep -c '^ok' "$work/library.log")
    echo "$count $(grep -c '^lacking' "$work/library.log") $(grep -c '^not ok' "$work/library.log")" >>"$total"
    [ $status -le 1 ] && [ "$count" -gt 0 ] || fail "$profile library: it ended with status $status"
}

compute() { # compute PROFILE [OPTION]... : the suite through the command and the library
    local profile=$1
    shift
    timeout 300 "$python" "$here/compute.py" "$neph" --profile "$profile" --library "$compute_library" --total "$total" "$@" ||
        [ $? = 1 ] || fail "compute-$profile: the suite did not end"
}

outoftree() {
    local before
    before=$(wc -l <"$total")
    NEPH_BUILDDIR=$build NEPH_TOTAL=$total timeout 300 bash "$here/outoftree.sh" || [ $? = 1 ] || fail "outoftree: the suite did not end"
    [ "$(wc -l <"$total")" -gt "$before" ] || fail "outoftree: nothing was run"
}

server() { # server PROFILE SCRIPT COMMAND... : what is run while a real server is there
    local profile=$1 script=$2 began=$SECONDS
    shift 2
    "$here/../servers/$script.sh" install || { fail "$profile: $script cannot be installed"; return; }
    started+=("$script")
    "$here/../servers/$script.sh" start || { fail "$profile: $script does not start"; return; }
    echo "-- $profile: $script was ready after $((SECONDS - began)) s"
    ("$@")
    "$here/../servers/$script.sh" wipe
    unset 'started[-1]'
}

# What is asked of each server; one that speaks two protocols is started once. The environment says where it is.
environment_of() { "$here/../servers/$1.sh" env; }
s3_there() { "$@" s3 "endpoint=$S3_ENDPOINT" addressing=path "quirks=${quirks:-auto}"; } # COMMAND... and where it is
azure_there() { "$@" azure "endpoint=$AZURE_STORAGE_SERVICE_ENDPOINT"; } # the same

on_rgw() {
    local quirks=ceph
    eval "$(environment_of ceph-rgw)"
    s3_there storage rgw
    s3_there ask transfer_faults 5 rgw
    s3_there ask kill 10 rgw
    on_rgw_swift
}
on_rgw_swift() {
    eval "$(environment_of ceph-rgw)"
    storage rgw-swift swift
    ask transfer_faults 5 rgw-swift swift
    ask kill 10 rgw-swift swift
}
on_versity() {
    local quirks=versity
    eval "$(environment_of versity)"
    s3_there storage versity
    s3_there ask transfer_faults 5 versity
    s3_there ask kill 10 versity
}
on_swift() {
    local quirks=swift
    eval "$(environment_of swift)"
    s3_there storage swift
    storage swift-native swift
    ask transfer_faults 5 swift-native swift
    ask kill 10 swift-native swift
}
on_azurite() {
    eval "$(environment_of azurite)"
    azure_there storage azurite
    azure_there ask transfer_faults 5 azurite
    azure_there ask kill 10 azurite
}
on_azurite_tls() { # all but what takes long (WITHOUT_TLS and ONE_OF_EACH in storage_target.py) and what needs a proxy that reads
    eval "$(environment_of azurite)"
    azure_there storage azurite-tls
}
on_keystone() {
    eval "$(environment_of keystone)"
    storage keystone swift
}
on_moto() {
    eval "$(environment_of moto)"
    s3_there storage moto
    suite extensions # what one provider alone has
    compute moto --port "$MOTO_PORT"
}
kill_on() { # kill_on SCRIPT PROFILE CLOUD : the kill tests alone
    eval "$(environment_of "$1")"
    case $3 in
    s3) s3_there ask kill 120 "$2" ;;
    azure) azure_there ask kill 120 "$2" ;;
    *) ask kill 120 "$2" "$3" ;;
    esac
}

suite() { # suite NAME : a suite with a server of its own
    timeout 600 "$python" "$here/$1.py" "$neph" --total "$total" || [ $? = 1 ] || fail "$1: the suite did not end"
}

on_local() { # on_local MINUTES : the kill tests alone
    mkdir -p "$work/root"
    ask kill "$1" local local "root=$work/root"
}

check_kill() { # check_kill WHERE...
    local where
    kill_options=(--size=$((1 << 30)) --part=$((8 << 20)) --moments=50 --chain=10)
    for where; do
        case $where in
        local) on_local 120 ;;
        rgw) server kill-rgw ceph-rgw kill_on ceph-rgw rgw s3 ;;
        azurite) server kill-azurite azurite kill_on azurite azurite azure ;;
        swift) server kill-swift swift kill_on swift swift-native swift ;;
        *) fail "check-kill: there is no $where" ;;
        esac
    done
}

run() {
    case $1 in
    rgw) server rgw ceph-rgw on_rgw ;;
    versity) server versity versity on_versity ;;
    swift) server swift swift on_swift ;;
    azurite) server azurite azurite on_azurite ;;
    azurite-tls) AZURITE_TLS=1 server azurite-tls azurite on_azurite_tls ;;
    keystone) server keystone keystone on_keystone ;;
    moto) server moto moto on_moto ;;
    compute-moto) server compute-moto moto compute moto --port "$MOTO_PORT" ;;
    compute-*) compute "${1#compute-}" ;;
    outoftree) outoftree ;;
    rgw-swift) server rgw-swift ceph-rgw on_rgw_swift ;;
    local) mkdir -p "$work/root" && storage local local "root=$work/root" ;;
    kill-local) on_local 10 ;;
    faults | bad_input | bluebox | nimbus) suite "$1" ;;
    check-kill) check_kill local rgw azurite swift ;;
    check-kill-*) check_kill "${1#check-kill-}" ;;
    *) fail "unknown suite $1" ;;
    esac
}

[ -x "$neph" ] || { echo "check-servers: $neph is not there; build neph first" >&2; exit 1; }
for program in "$library" "$compute_library"; do
    [ -x "$program" ] || { echo "check-servers: $program is not there: make tests/conformance/${program##*/}" >&2; exit 1; }
done
need "$python" python3 || fail "python3 cannot be installed"
need curl curl || fail "curl cannot be installed"
need openssl openssl || fail "openssl cannot be installed"
need aws awscli || fail "awscli cannot be installed"
need swift python3-swiftclient || fail "python3-swiftclient cannot be installed"
need '/usr/lib/*/faketime/libfaketime.so.1' libfaketime || fail "libfaketime cannot be installed"
[ $# -gt 0 ] || set -- $suites
for name; do run "$name"; done

read -r passed known failed < <(awk '{ p += $1; k += $2; f += $3 } END { print p + 0, k + 0, f + 0 }' "$total")
echo "-- $known known differences of the servers, each listed in tests/conformance/*.expect"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
