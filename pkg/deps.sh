#!/bin/bash
# What neph needs to be built and tested, and how to get it on Debian. Used by check.sh, quickstart.sh and CI.
# usage: deps.sh missing|install GROUP...      groups: build, run, test, ci
#   missing   prints a line for each thing that is not there; status 1 if there is one
#   install   installs those with apt-get (as root or through sudo); status 1 if some are still missing
set -u

# group | kind | what must be there | Debian package
needs='
build|command|cc|gcc
build|command|make|make
build|command|autoconf|autoconf
build|command|automake|automake
build|command|libtoolize|libtool
build|command|pkg-config|pkg-config
build|header|stdlib.h|libc6-dev
build|header|ltdl.h|libltdl-dev
build|library|libcurl >= 7.87|libcurl4-openssl-dev
build|library|libcrypto >= 3.0|libssl-dev
build|library|libxml-2.0 >= 2.9.13|libxml2-dev
build|library|yajl >= 2.1|libyajl-dev
build|library|yaml-0.1 >= 0.2.1|libyaml-dev
run|certificates|the certificates of the authorities|ca-certificates
test|library|cmocka >= 1.1|libcmocka-dev
test|command|c++|g++
test|command|readelf|binutils
test|command|python3|python3
ci|command|git|git
ci|command|clang|clang
ci|command|clang-format|clang-format
ci|command|llvm-cov|llvm
ci|command|curl|curl
ci|command|xz|xz-utils
ci|command|groff|groff-base
ci|command|openssl|openssl
ci|sanitizer|clang -fsanitize=address,undefined,fuzzer|@clang-runtime
'

have() { # have KIND WHAT
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    library) pkg-config --exists "$2" >/dev/null 2>&1 ;;
    certificates) ls /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem 2>/dev/null | grep -q . ;;
    header) echo "#include <$2>" | cc -E - >/dev/null 2>&1 ;;
    sanitizer) echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d && n; }' |
        $2 -x c -o /dev/null - >/dev/null 2>&1 ;;
    esac
}

missing() { # missing COLUMN GROUP... : that column (3 what, 4 package) of what is not there
    local column=$1 group kind what package wanted
    shift
    for wanted; do
        while IFS='|' read -r group kind what package; do
            [ "$group" = "$wanted" ] || continue
            have "$kind" "$what" && continue
            [ "$column" = 4 ] && echo "$package" || echo "$what (Debian package $package)"
        done <<<"$needs"
    done
}

package_name() { # what stands for a package whose name has a version in it
    local major
    [ "$1" = @clang-runtime ] || { echo "$1"; return; }
    major=$(clang -dumpversion 2>/dev/null)
    echo "libclang-rt-${major%%.*}-dev"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_install() {
    command -v apt-get >/dev/null 2>&1 || { echo "this is no Debian system: install them with its own tool" >&2; return 1; }
    [ "$(id -u)" = 0 ] && return 0
    sudo -n true 2>/dev/null || { echo "run it as root, or where sudo asks for no password" >&2; return 1; }
}

install_once() { # install_once GROUP... : one apt-get run over all that is missing
    local packages=() package apt='apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3'
    while read -r package; do
        package=$(package_name "$package")
        [ "$package" = libclang-rt--dev ] || packages+=("$package")
    done < <(missing 4 "$@" | sort -u)
    [ ${#packages[@]} -gt 0 ] || return 0
    echo "installing: ${packages[*]}" >&2
    as_root env DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends "${packages[@]}" </dev/null >/dev/null 2>&1 && return
    as_root $apt update </dev/null >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends "${packages[@]}" </dev/null >&2
}

case ${1-} in
missing)
    shift
    lacking=$(missing 3 "$@")
    [ -z "$lacking" ] || { echo "$lacking"; exit 1; }
    ;;
install)
    shift
    [ -n "$(missing 3 "$@")" ] || exit 0
    if can_install; then
        install_once "$@"
        [ -z "$(missing 4 "$@")" ] || install_once "$@" # the compiler's run-time library has the compiler's version in its name
    fi
    lacking=$(missing 3 "$@")
    [ -z "$lacking" ] || { echo "missing:" >&2; echo "$lacking" | sed 's/^/  /' >&2; exit 1; }
    ;;
*)
    sed -n '3,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
