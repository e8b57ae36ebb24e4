#!/bin/sh
# The README's program, as it stands there, compiled against the built library and run on a directory of its own.
set -eu
src=${NEPH_SRCDIR:?} build=${NEPH_BUILDDIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk '/^## Embed the library/ { on = 1 } /^    cc / { on = 0 } on && /^    / { print substr($0, 5) } on && /^$/ { print "" }' \
    "$src/README.md" | sed "s|/srv/storage|$work/root|" >"$work/list.c"
grep -q neph_host_new "$work/list.c" || { echo "the README has no program to try"; exit 1; }

library=$build/core/.libs/libneph.so
[ -e "$library" ] || { echo "no shared library was built: nothing to try"; exit 77; }
${NEPH_CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror ${NEPH_CFLAGS:-} -I"$src/include" -o "$work/list" "$work/list.c" "$library"

mkdir -p "$work/root"
neph="$build/core/cli/neph"
"$neph" --set root="$work/root" bucket create -c local photos
printf 'a picture' >"$work/picture"
"$neph" --set root="$work/root" cp "$work/picture" local:photos/2026/one.jpg

LD_LIBRARY_PATH=$build/core/.libs "$work/list" >"$work/out"
[ "$(cat "$work/out")" = 2026/one.jpg ] || { echo "the program printed:"; cat "$work/out"; exit 1; }
rm -rf "$work/root"
if LD_LIBRARY_PATH=$build/core/.libs "$work/list" >"$work/out" 2>"$work/err"; then
    echo "the program succeeded without its directory"
    exit 1
fi
[ "$(wc -l <"$work/err")" = 1 ] || { echo "not one line of error:"; cat "$work/err"; exit 1; }
echo "the README's program works"
