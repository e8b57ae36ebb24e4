#!/bin/bash
# Every public header compiles alone, and all of them in one file: as C99 pedantic and as C++11, without a warning. So
# does a file that uses every macro; and structs that cross the ABI are laid out as written down.
set -u
status=0
languages=("c c99 $NEPH_CC")
if command -v ${NEPH_CXX%% *} >/dev/null 2>&1; then
    languages+=("c++ c++11 $NEPH_CXX")
else
    echo "no C++ compiler: the headers are compiled as C99 only"
fi

try() { # try SENTENCE HEADER... : includes them in every language
    local sentence=$1 row language standard compiler
    shift
    for row in "${languages[@]}"; do
        read -r language standard compiler <<<"$row"
        printf '#include <%s>\n' "$@" | $compiler -std=$standard -pedantic -Wall -Wextra -Werror -Wshadow \
            -fsyntax-only -I"$NEPH_SRCDIR/include" -x "$language" - ||
            { echo "FAIL: $sentence as $standard" >&2; status=1; }
    done
}

mapfile -t headers < <(cd "$NEPH_SRCDIR/include" && find neph -name '*.h' | sort)
echo "${#headers[@]} headers"
[ ${#headers[@]} -gt 0 ] || exit 1
for header in "${headers[@]}"; do
    try "<$header>" "$header"
done
try "all headers together" "${headers[@]}"

for row in "${languages[@]}"; do
    read -r language standard compiler <<<"$row"
    for static in 0 1; do
        defined=()
        [ $static = 1 ] && defined=(-DNEPH_STATIC_PLUGIN)
        $compiler -std=$standard "${defined[@]}" -pedantic -Wall -Wextra -Werror -Wshadow -fsyntax-only \
            -I"$NEPH_SRCDIR/include" -x "$language" "$NEPH_SRCDIR/tests/abi/macros.c" ||
            { echo "FAIL: the macros as $standard ${defined[*]}" >&2; status=1; }
    done
done
mapfile -t unused < <(sed -n 's/^#define \(NEPH_[A-Z0-9_]*\).*/\1/p' "$NEPH_SRCDIR"/include/neph/*.h |
    grep -vE '_H$|^NEPH_(EXPORT|PLUGIN_NOTE|PLUGIN_SYMBOL_OF)$' | sort -u | # used by NEPH_PLUGIN
    while read -r macro; do grep -qw "$macro" "$NEPH_SRCDIR/tests/abi/macros.c" || echo "$macro"; done)
[ ${#unused[@]} -eq 0 ] || { echo "FAIL: macros.c does not use ${unused[*]}" >&2; status=1; }

layout() { $NEPH_CC "$@" -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$NEPH_SRCDIR/include" "$NEPH_SRCDIR/tests/abi/layout.c"; }
layout || { echo "FAIL: the layout of the ABI" >&2; status=1; }
if printf '#include <stdio.h>\n' | $NEPH_CC -m32 -fsyntax-only -x c - 2>/dev/null; then
    layout -m32 || { echo "FAIL: the layout of the ABI with 32 bits" >&2; status=1; }
else
    echo "no 32-bit C library: the layout was compared for 64 bits only"
fi
exit $status
