#!/bin/bash
# Providers built from a copy of their folder alone, against an installed neph, and dropped into a user's plugin directory.
#
#   tests/conformance/outoftree.sh [azure|bluebox|nimbus|swift]...      none: all of them; NEPH_BUILDDIR says where neph was built
#
# Their suites, or of storage the recorded replies, are then run through the installed command by a user without rights, who has no
# other copy of them. With NEPH_TOTAL, "PASSED KNOWN FAILED" of each suite is appended to that file. The last line is "N passed,
# N failed".
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${NEPH_BUILDDIR:-.}" && pwd)
python=/usr/bin/python3
work=$(mktemp -d "${TMPDIR:-/tmp}/neph-outoftree.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
total=${NEPH_TOTAL:-$work/total}
: >>"$total"
# the suites are copied as well: the tree may lie where that user cannot read
mkdir -m 1777 "$work/tmp" && mkdir -p "$work/source/plugins" "$work/home" && chmod 755 "$work" || exit 1

check() { # check WHAT COMMAND... : a line for it; what it printed if it failed
    local what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        echo "ok outoftree $what"
        echo "1 0 0" >>"$total"
    else
        echo "not ok outoftree $what: $(tail -n 3 "$work/log" | tr '\n' ' ')"
        echo "0 0 1" >>"$total"
        return 1
    fi
}

install_neph() { # into a folder that is not its prefix: the pkg-config file is found there all the same
    make -s -C "$build" install DESTDIR="$work/root" || return 1
    pc=$(find "$work/root" -name neph-plugin.pc)
    libdir=$(dirname "$(dirname "$pc")")
    program=$(find "$work/root" -path '*/bin/neph' -type f)
    rm -f "$libdir"/neph/plugins/{,prices/}{azure,bluebox,nimbus,swift}.* # as if they had never been packaged
    [ -n "$program" ] && [ -d "$libdir/neph/plugins" ]
}

# A program that is the installed command, for the user whose home that is.
write_command() {
    cat >"$work/neph" <<END
#!/bin/sh
HOME='$work/home' LD_LIBRARY_PATH='$libdir' exec '$program' "\$@"
END
    chmod 755 "$work/neph"
}

as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups env -u XDG_DATA_HOME TMPDIR="$work/tmp" "$@"
    else
        env -u XDG_DATA_HOME TMPDIR="$work/tmp" "$@"
    fi
}

build_alone() { # build_alone NAME : nothing but the folder, pkg-config and a compiler
    cp -R "$here/../../plugins/$1" "$work/alone-$1" && cd "$work/alone-$1" &&
        env -i PATH="$PATH" HOME="$work" CCACHE_DISABLE=1 PKG_CONFIG_PATH="$(dirname "$pc")" \
            make -s CC="${NEPH_CC:-cc}" CFLAGS='-O2 -Wall -Wextra -Werror' PKG_CONFIG='pkg-config --define-prefix' &&
        [ -f "$1.so" ] && [ -f "$1.json" ]
}

needs_no_neph() { # needs_no_neph NAME : it is linked with nothing of ours
    ! readelf -d "$work/alone-$1/$1.so" | grep -E 'NEEDED.*(neph|curl|xml2|yajl)'
}

can_be_run() { # by that user, who has to get through each folder above
    as_user "$work/neph" --version || { echo "$work cannot be entered by others: set TMPDIR to a folder that can"; return 1; }
}

is_unknown() { ! as_user "$work/neph" plugin info "$1"; }

drop() { # drop NAME : where a user puts plugins
    local folder=$work/home/.local/share/neph/plugins
    mkdir -p "$folder" && cp "$work/alone-$1/$1.so" "$work/alone-$1/$1.json" "$folder/" || return 1
    [ ! -d "$work/alone-$1/prices" ] || cp -R "$work/alone-$1/prices" "$folder/" || return 1
    chmod -R a+rX "$work/home"
}

prices_are_found() { [ -n "$(as_user "$work/neph" price list "$1" -o tsv)" ]; } # prices_are_found NAME

is_the_users() { # is_the_users NAME : the command takes the copy in the home directory, which does as its manifest says
    as_user "$work/neph" plugin info "$1" -o json | grep -F "$work/home/" && as_user "$work/neph" plugin doctor "$1"
}

suites() { # suites NAME : the same ones that are run in the tree
    as_user "$python" "$work/source/tests/conformance/$1.py" "$work/neph" --total "$work/tmp/total"
    as_user "$python" "$work/source/tests/conformance/compute.py" "$work/neph" --profile "$1" --total "$work/tmp/total"
    [ -s "$work/tmp/total" ] || echo "0 0 1" >>"$total"
    cat "$work/tmp/total" >>"$total" && rm -f "$work/tmp/total"
}

replay() { # replay NAME : what its folder holds of a server's replies
    local folder=$work/source/plugins/$1/tests
    case $1 in
    azure) as_user env AZURE_STORAGE_ACCOUNT=any AZURE_STORAGE_KEY=YW55 "$work/neph" --replay "$folder/objects" \
        --set endpoint=http://localhost/devstoreaccount1 -c azure object list holiday -o tsv ;;
    swift) as_user env RS_USERNAME=jdoe RS_API_KEY=any RS_REGION_NAME=DFW "$work/neph" --replay "$folder/cloudfiles-buckets" \
        -c cloudfiles bucket list -o tsv ;;
    esac | cut -f 1
}

lists() { # lists NAME WORD... : each on a line, and nothing else
    local listed
    listed=$(replay "$1") && shift && echo "listed: $listed" && [ "$listed" = "$(printf '%s\n' "$@")" ]
}

proof() { # proof NAME
    case $1 in
    azure) check "azure lists what was recorded" lists azure 2026/sea.jpg 2026/sun.jpg a\ b+c%d umlaut/ü ;;
    swift) check "cloudfiles lists what was recorded" lists swift images movies ;;
    *) suites "$1" ;;
    esac
}

provider() {
    check "$1 is built from its folder alone" build_alone "$1" || return
    check "$1 needs no other library of ours" needs_no_neph "$1"
    check "$1 is unknown before" is_unknown "$1"
    check "$1 is dropped into the user's directory" drop "$1" &&
        check "$1 is found there" is_the_users "$1" && proof "$1"
    [ ! -d "$work/alone-$1/prices" ] || check "$1's prices are found there" prices_are_found "$1"
}

check "neph is installed" install_neph || exit 1
write_command
mkdir -p "$work/source/tests" && cp -R "$here" "$here/../servers" "$work/source/tests/" && cp -R "$here/../../plugins" "$work/source/" &&
    chmod -R a+rX "$work/source" "$work/root" || exit 1
check "neph is run by a user without rights" can_be_run || exit 1
[ $# -gt 0 ] || set -- azure bluebox nimbus swift
for name; do provider "$name"; done
read -r passed failed < <(awk '{ p += $1; f += $3 } END { print p + 0, f + 0 }' "$total")
[ -n "${NEPH_TOTAL:-}" ] || echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
