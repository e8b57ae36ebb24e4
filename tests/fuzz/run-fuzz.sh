#!/bin/bash
# Runs each fuzzer for a number of seconds over a copy of its kept corpus; a finding stays in the build tree.
# usage: run-fuzz.sh SECONDS FUZZER...      NEPH_SRCDIR and NEPH_BUILDDIR are set by make check-fuzz
set -u
seconds=$1
shift
passed=0 failed=0

for fuzzer in "$@"; do
    name=${fuzzer##*/fuzz_}
    kept=$NEPH_SRCDIR/tests/fuzz/corpus/$name
    work=$NEPH_BUILDDIR/tests/fuzz/work/$name
    rm -rf "$work/corpus"
    mkdir -p "$work/corpus"
    [ -d "$kept" ] || { echo "check-fuzz: $name has no corpus in $kept" >&2; failed=$((failed + 1)); continue; }
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/finding-")
    [ -f "$NEPH_SRCDIR/tests/fuzz/$name.dict" ] && options+=(-dict="$NEPH_SRCDIR/tests/fuzz/$name.dict")
    if "$NEPH_BUILDDIR/$fuzzer" "${options[@]}" "$work/corpus" "$kept" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "PASS: $name, $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs"
    else
        failed=$((failed + 1))
        echo "FAIL: $name (log $work/log)"
        tail -n 40 "$work/log"
    fi
done
[ $((passed + failed)) -gt 0 ] || echo "check-fuzz: there is no fuzzer" >&2
echo "fuzzers: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
