# Sourced by the scripts of this folder: a place of their own, and checks that are sentences. done_with NAME counts them.
set -u
neph=$NEPH_BUILDDIR/core/cli/neph
work=$(mktemp -d "${TMPDIR:-/tmp}/neph-cli.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
unset NEPH_CLOUD NEPH_PLUGIN_PATH NEPH_LOCAL_ROOT BLUEBOX_CUSTOMER_ID BLUEBOX_API_KEY
unset "${!AWS_@}" 2>/dev/null
unset XDG_DATA_HOME XDG_STATE_HOME
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config TMPDIR=$work/tmp NEPH_LOCAL_ROOT=$work/root
mkdir -p "$XDG_CONFIG_HOME/neph" "$TMPDIR" "$NEPH_LOCAL_ROOT" "$work/in" "$work/out"
cd "$work" || exit 1
passed=0
failed=0

bad() { # bad SENTENCE DETAIL
    failed=$((failed + 1))
    echo "FAIL: $1"
    printf '%s\n' "$2" "--- stdout" "$(head -c 2000 stdout)" "--- stderr" "$(head -c 2000 stderr)"
}
good() { passed=$((passed + 1)); }
# run STATUS SENTENCE ARGUMENTS...: runs neph; its output is in stdout and stderr
run() {
    local wanted=$1 sentence=$2 status
    shift 2
    timeout 60 "$neph" "$@" >stdout 2>stderr </dev/null
    status=$?
    if [ $status = "$wanted" ]; then good; else bad "$sentence" "neph $*: status $status, not $wanted"; fi
}
# prints SENTENCE TEXT: stdout of the last run is TEXT (with printf's escapes)
prints() {
    printf "$2" >expected
    if cmp -s expected stdout; then good; else bad "$1" "$(diff expected stdout | head -20)"; fi
}
# says SENTENCE PATTERN: stderr of the last run is one line that matches
says() {
    if [ "$(wc -l <stderr)" = 1 ] && grep -q -- "$2" stderr && ! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' stderr; then
        good
    else
        bad "$1" "stderr is not one line with: $2"
    fi
}
# is SENTENCE COMMAND...
is() {
    local sentence=$1
    shift
    if "$@" >/dev/null 2>&1; then good; else bad "$sentence" "not so: $*"; fi
}
done_with() { # done_with NAME: the last line, and the status
    echo "$1: $passed passed, $failed failed"
    [ $failed = 0 ]
}
