#!/bin/bash
# How many of its reader's lines each fuzzer's kept corpus runs through; fewer than 85 of 100 is a failure. Run by make
# check-fuzz-coverage, in a build for clang's source-based coverage (CONTRIBUTING.md says how it is configured).
# usage: coverage.sh FUZZER...      ends with "coverage: N passed, N failed"
set -u
least=85

# fuzzer | the files of its reader
readers='
azure|plugins/azure/connection.c
clouds|core/clouds.c
credentials|core/aws_profile.c core/aws_process.c
journal|core/transfer/journal_file.c
json|core/wire/json.c
manifest|core/manifest.c
price|core/price/reader.c core/price/libcloud.c
reply|core/wire/reply.c core/wire/table.c core/wire/value.c
sim|plugins/sim/format.c
text|core/text.c core/time.c
tree|core/tree.c
url|core/url.c
xml|core/wire/xml.c
yaml|core/wire/yaml.c
'

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

fail() {
    echo "FAIL: $1"
    failed=$((failed + 1))
}

measure() { # measure FUZZER FILE : whole lines of 100; nothing if there is no figure
    llvm-cov report "$NEPH_BUILDDIR/$1" -instr-profile="$work/profile" "$NEPH_SRCDIR/$2" 2>/dev/null |
        awk '$1 == "TOTAL" { print int($10) }'
}

check() { # check FUZZER
    local name=${1##*/fuzz_} file share files
    files=$(sed -n "s/^$name|//p" <<<"$readers")
    [ -n "$files" ] || { fail "$name has no reader in coverage.sh"; return; }
    LLVM_PROFILE_FILE=$work/raw "$NEPH_BUILDDIR/$1" -runs=0 "$NEPH_SRCDIR/tests/fuzz/corpus/$name" >"$work/log" 2>&1 </dev/null &&
        llvm-profdata merge -o "$work/profile" "$work/raw" || { fail "$name: nothing was measured"; tail -n 20 "$work/log"; return; }
    for file in $files; do
        share=$(measure "$1" "$file")
        if [ -n "$share" ] && [ "$share" -ge "$least" ]; then
            echo "PASS: $name runs through $share % of $file"
            passed=$((passed + 1))
        else
            fail "$name runs through ${share:-no} % of $file, and must through $least"
        fi
    done
    rm -f "$work/raw" "$work/profile"
}

[ $# -gt 0 ] || { echo "coverage: there is no fuzzer" >&2; exit 1; }
for fuzzer; do check "$fuzzer"; done
echo "coverage: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
