#!/bin/bash
# Runs each fuzzer for a number of seconds over its kept corpus, as many at a time as there are processors;
# what is found stays in the build tree. Run by make check-fuzz.
# usage: run-fuzz.sh SECONDS FUZZER...      ends with "fuzz: N passed, N failed"
set -u
export seconds=$1
shift
[ $# -gt 0 ] || { echo "fuzz: there is no fuzzer" >&2; exit 1; }

run_one() {
    local name=${1##*/fuzz_}
    local kept=$NEPH_SRCDIR/tests/fuzz/corpus/$name work=$NEPH_BUILDDIR/tests/fuzz/work/$name
    local dictionary=$NEPH_SRCDIR/tests/fuzz/$name.dict
    local options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/")
    rm -rf "$work/corpus"
    mkdir -p "$work/corpus"
    [ -d "$kept" ] || { echo "FAIL: $name has no corpus in $kept"; return; }
    [ -f "$dictionary" ] && options+=(-dict="$dictionary")
    if "$NEPH_BUILDDIR/$1" "${options[@]}" "$work/corpus" "$kept" >"$work/log" 2>&1 </dev/null; then
        echo "PASS: $name, $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs in $seconds s"
    else
        echo "FAIL: $name, see $work"
        tail -n 40 "$work/log"
    fi
}
export -f run_one

results=$(printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" bash -c 'run_one "$1"' run_one)
echo "$results"
passed=$(grep -c '^PASS: ' <<<"$results")
failed=$(($# - passed))
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
