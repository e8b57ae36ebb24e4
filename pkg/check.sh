#!/bin/bash
# make check in a clean build outside the source tree: pkg/check.sh [CONFIGURE OPTION...]
# Installs what is missing (Debian, as root or through sudo), keeps the build only if something failed.
set -u
source=$(cd "$(dirname "$0")/.." && pwd)
build=$(mktemp -d "${TMPDIR:-/tmp}/neph-check.XXXXXX") || exit 1
log=$build/log

end() { # end STATUS SENTENCE
    echo "check: $2"
    if [ "$1" = 0 ]; then
        rm -rf "$build"
    else
        echo "check: the build is kept in $build"
    fi
    exit "$1"
}
step() { # step SENTENCE COMMAND... : its output goes to the log, the end of which is shown if it fails
    local sentence=$1
    shift
    echo "check: $sentence"
    "$@" >>"$log" 2>&1 </dev/null && return 0
    tail -n 40 "$log"
    return 1
}
sum() { # sum PATTERN : the numbers that PATTERN's group matches in the tests' logs, added up
    find "$build" -name '*.log' -path '*/tests/*' -exec sed -nE "s/$1/\\1/p" {} + | awk '{ n += $1 } END { print n + 0 }'
}
number() { sed -nE "s/^# $1: +([0-9]+)\$/\\1/p" "$log" | awk '{ n += $1 } END { print n + 0 }'; }

cd "$build" || exit 1
bash "$source/pkg/deps.sh" install build test || end 1 "cannot go on without what is listed above"
if [ ! -x "$source/configure" ] || [ -n "$(find "$source" \( -name '*.am' -o -name '*.ac' -o -name '*.m4' \) -newer "$source/configure" 2>/dev/null)" ]; then
    step "bootstrap" sh -c "cd '$source' && ./bootstrap" || end 1 "bootstrap failed"
fi
step "configure" "$source/configure" "$@" || end 1 "configure failed"
step "make" make -j"$(nproc)" || end 1 "the build failed"
echo "check: make check"
make -j"$(nproc)" check >>"$log" 2>&1 </dev/null
status=$?
if [ $status != 0 ]; then
    grep -E '^(FAIL|ERROR|XPASS):' "$log"
    find . -name '*.trs' -exec grep -lE '^:test-result: (FAIL|ERROR|XPASS)' {} + | sed 's/\.trs$/.log/' |
        while read -r failed; do echo "---- $failed"; tail -n 30 "$failed"; done
    grep -qE '^(FAIL|ERROR|XPASS):' "$log" || tail -n 40 "$log"
fi
passed=$(number PASS)
failed=$(($(number FAIL) + $(number ERROR) + $(number XPASS)))
cases=$(sum '^\[  PASSED  \] ([0-9]+) test\(s\)\.$')
[ "$((passed + failed))" -gt 0 ] || end 1 "no test was run"
[ "$failed" = 0 ] || status=1
echo "check: $cases cases in $passed test programs"
end $status "$passed passed, $failed failed"
