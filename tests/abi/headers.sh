#!/bin/bash
# Every public header compiles alone, and all of them in one file: as C99 pedantic and as C++11, without a warning.
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
exit $status
