#!/bin/bash
# Runs test programs and scripts that make check does not run, as many at a time as there are processors.
# usage: run-each.sh NAME TEST...      in the build tree; ends with "NAME: N passed, N failed"
set -u
name=$1
shift
[ $# -gt 0 ] || { echo "$name: there is no test" >&2; exit 1; }

run_one() {
    local log=$1.log command=("./$1")
    [[ $1 != *.sh ]] || command=(bash "$NEPH_SRCDIR/$1")
    mkdir -p "$(dirname "$log")"
    if timeout 600 "${command[@]}" >"$log" 2>&1 </dev/null; then
        echo "PASS: $1"
    else
        echo "FAIL: $1 (status $?)"
        tail -n 30 "$log"
    fi
}
export -f run_one

results=$(printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" bash -c 'run_one "$1"' run_one)
echo "$results"
passed=$(grep -c '^PASS: ' <<<"$results")
failed=$(($# - passed))
echo "$name: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
