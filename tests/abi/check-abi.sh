#!/bin/bash
# What the built objects promise outside: names, versions, what they need. Run by make check-abi on a shared build.
set -u
core=$NEPH_BUILDDIR/core/.libs
passed=0 failed=0

expect() { # expect SENTENCE COMMAND... : the command succeeds
    local sentence=$1
    shift
    if "$@"; then
        passed=$((passed + 1)); echo "PASS: $sentence"
    else
        failed=$((failed + 1)); echo "FAIL: $sentence"
    fi
}
needed() { readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
exported() { nm -D --defined-only --format=posix "$1" | awk '$2 != "A" { print $1 }'; }
flagged() { readelf -dW "$1" | grep -q "(FLAGS_1).*$2"; }

exports_only() { # exports_only FILE PATTERN
    local others
    others=$(exported "$1" | grep -vE "$2")
    [ -z "$others" ] || { echo "$others" | head -n 10; return 1; }
    [ -n "$(exported "$1")" ]
}
needs_none_of() { # needs_none_of FILE PATTERN
    local found
    found=$(needed "$1" | grep -E "$2")
    [ -z "$found" ] || { echo "$found"; return 1; }
}
has_no_writable_data() { # relocated constants are allowed, .data and .bss are not
    readelf -SW "$1" | awk '{ sub(/^ *\[ *[0-9]+\] */, "") } ($1 == ".data" || $1 == ".bss") && $5 !~ /^0*[0-8]$/ { print; bad = 1 } END { exit bad }'
}
has_no_constructors() { ! nm "$1" 2>/dev/null | grep -E ' [tT] ' | grep -qE '__attribute_constructor|_GLOBAL__sub_I'; }
has_abi_note() { readelf -nW "$1" 2>/dev/null | grep -qi neph; }
# without_xml WORDS...: neph, from a copy of what is installed that lacks neph-xml, on a recorded reply of S3
without_xml() {
    env HOME="$copy" AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=s LD_LIBRARY_PATH="$copy" "$core/../cli/.libs/neph" \
        --replay "$NEPH_SRCDIR/plugins/s3/tests/$1" -c s3 --set endpoint=http://127.0.0.1:1 --set addressing=path \
        object "${@:2}" 2>&1
}
documented() { # every function that a public header declares is exported
    local missing
    missing=$(cat "$NEPH_SRCDIR"/include/neph/neph.h "$NEPH_SRCDIR"/include/neph/model.h |
        sed -n 's/^NEPH_API .*[ *]\(neph_[a-z0-9_]*\)(.*/\1/p' | sort -u |
        comm -23 - <(exported "$core/libneph.so" | sed 's/@.*//' | sort -u))
    [ -z "$missing" ] || { echo "declared, not exported: $missing"; return 1; }
}

[ -f "$core/libneph.so" ] || { echo "check-abi: no shared libneph in $core: configure without --disable-shared" >&2; exit 1; }

expect "libneph exports neph_* only" exports_only "$core/libneph.so" '^neph_[a-z0-9_]*@@NEPH_'
expect "libneph needs neither libcurl nor libxml2 nor libcrypto" needs_none_of "$core/libneph.so" 'libcurl|libxml2|libcrypto|libssl'
expect "libneph is never unloaded" flagged "$core/libneph.so" NODELETE
expect "what the headers declare is exported" documented
for module in wire xml; do
    expect "neph-$module exports nothing but its table" exports_only "$core/neph/neph-$module.so" "^nephi_${module}_table\$"
    expect "neph-$module is never unloaded" flagged "$core/neph/neph-$module.so" NODELETE
done
expect "neph-wire does without libxml2" needs_none_of "$core/neph/neph-wire.so" 'libxml2'

if [ -f "$core/neph/plugins/s3.so" ] && [ -x "$core/../cli/.libs/neph" ]; then
    copy=$(mktemp -d "${TMPDIR:-/tmp}/neph-abi.XXXXXX") || exit 1
    trap 'rm -rf "$copy"' EXIT
    cp -rL "$core/libneph.so.0" "$core/neph" "$copy" && rm "$copy/neph/neph-xml.so"
    expect "what is no XML is read without neph-xml" grep -q umlaut <<<"$(without_xml head head holiday umlaut/ü)"
    expect "XML without neph-xml fails, and says why" grep -q 'neph-xml.so is not there' <<<"$(without_xml objects list holiday)"
fi

for plugin in "$core"/neph/plugins/*.so; do
    [ -f "$plugin" ] || continue
    name=$(basename "$plugin" .so)
    expect "plugin $name exports one symbol" exports_only "$plugin" '^neph_plugin_v[0-9]+$'
    expect "plugin $name needs neither libneph nor what it uses" needs_none_of "$plugin" 'neph|libcurl|libxml2|libcrypto|libssl|yajl|ltdl'
    expect "plugin $name is never unloaded" flagged "$plugin" NODELETE
    expect "plugin $name has no writable data" has_no_writable_data "$plugin"
    expect "plugin $name has no constructors" has_no_constructors "$plugin"
    expect "plugin $name carries the ABI note" has_abi_note "$plugin"
    expect "plugin $name has its manifest" test -s "${plugin%.so}.json"
done
echo "abi: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
