#!/bin/bash
# Every public header compiles alone: as C99 pedantic and as C++11, without a warning.
set -u
status=0
try() { # try COMPILER LANGUAGE FLAGS... : reads a header's name from $header
    local compiler=$1 language=$2
    shift 2
    echo "#include <$header>" | $compiler "$@" -pedantic -Wall -Wextra -Werror -Wshadow -fsyntax-only \
        -I"$NEPH_SRCDIR/include" -x "$language" - || { echo "FAIL: <$header> as $*" >&2; status=1; }
}

count=0
while read -r header; do
    count=$((count + 1))
    try "$NEPH_CC" c -std=c99
    if command -v ${NEPH_CXX%% *} >/dev/null 2>&1; then
        try "$NEPH_CXX" c++ -std=c++11
    else
        echo "no C++ compiler: <$header> was compiled as C99 only"
    fi
done < <(cd "$NEPH_SRCDIR/include" && find neph -name '*.h' | sort)
echo "$count headers"
[ "$count" -gt 0 ] || exit 1
exit $status
