#!/bin/bash
# From a fresh Debian machine to neph at work: installs what the build needs, builds, installs into a
# private prefix, and shows the main job with no account anywhere. usage: pkg/quickstart.sh
# NEPH_QUICKSTART_DIR: where it builds (default: build-quickstart in the source tree, or a temporary directory).
set -u
source=$(cd "$(dirname "$0")/.." && pwd)
place=${NEPH_QUICKSTART_DIR:-$source/build-quickstart}
mkdir -p "$place" 2>/dev/null && [ -w "$place" ] || place=$(mktemp -d "${TMPDIR:-/tmp}/neph-quickstart.XXXXXX") || exit 1
place=$(cd "$place" && pwd)
log=$place/log
neph=$place/prefix/bin/neph
shown=0

fail() {
    echo
    echo "quickstart: stopped: $1"
    exit 1
}
step() { # step SENTENCE COMMAND...
    echo "quickstart: $1"
    shift
    "$@" >>"$log" 2>&1 </dev/null && return 0
    tail -n 30 "$log"
    fail "the log is $log"
}
show() { # show COMMAND... : says it, runs it, and stops if it fails
    echo
    echo "\$ neph $*"
    "$neph" "$@" || fail "neph $1 ended with status $?"
    shown=$((shown + 1))
}

: >"$log" || exit 1
echo "quickstart: building in $place"
bash "$source/pkg/deps.sh" install build run || fail "cannot go on without what is listed above"
mkdir -p "$place/build" && cd "$place/build" || exit 1
[ -x "$source/configure" ] || step "bootstrap" sh -c "cd '$source' && ./bootstrap"
step "configure" "$source/configure" --prefix="$place/prefix" --enable-static=no
step "make" make -j"$(nproc)"
step "make install" make install

# Nothing below reads or writes anything but this directory.
demo=$place/demo
rm -rf "$demo" && mkdir -p "$demo/storage" "$demo/config" || exit 1
export XDG_CONFIG_HOME=$demo/config XDG_DATA_HOME=$demo/data XDG_STATE_HOME=$demo/state
cd "$demo" || exit 1
head -c 20000000 /dev/urandom >holiday.tar || exit 1

echo
echo "--- The clouds that neph found"
show plugin list
show provider list

echo
echo "--- Object storage, with a directory as the cloud"
on_disk=(--set "root=$demo/storage")
show "${on_disk[@]}" -c local bucket create photos
show "${on_disk[@]}" cp holiday.tar local:photos/2026/holiday.tar
show "${on_disk[@]}" ls local:photos/2026/
show "${on_disk[@]}" cp local:photos/2026/holiday.tar local:photos/backup/holiday.tar
show "${on_disk[@]}" -c local object list photos -o json
show "${on_disk[@]}" cp local:photos/backup/holiday.tar back.tar
cmp holiday.tar back.tar || fail "what came back differs from what was sent"
echo "holiday.tar and back.tar are the same, byte for byte"

echo
echo "--- A copy that is killed half-way, and goes on where it stopped"
parts=("${on_disk[@]}" cp holiday.tar local:photos/killed.tar --part-size 64KiB --parallel 1)
echo
echo "\$ neph ${parts[*]} & kill -9 %1"
"$neph" "${parts[@]}" &
until "$neph" transfer list -o tsv | awk -F'\t' '$4 > 0 { found = 1 } END { exit !found }' || ! kill -0 $!; do :; done 2>/dev/null
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
show "${on_disk[@]}" transfer list
show "${on_disk[@]}" cp holiday.tar local:photos/killed.tar
show "${on_disk[@]}" cp local:photos/killed.tar back.tar
cmp holiday.tar back.tar || fail "what was gone on with differs from what was sent"
echo "holiday.tar and back.tar are the same, byte for byte"

echo
echo "--- A directory and its copy in a cloud, made alike"
mkdir album && echo one >album/one.txt && echo two >album/two.txt
show "${on_disk[@]}" sync album local:photos/album
rm album/one.txt && echo three >album/three.txt
show "${on_disk[@]}" sync album local:photos/album --delete --dry-run
show "${on_disk[@]}" sync album local:photos/album --delete
show "${on_disk[@]}" ls local:photos/album/

echo
echo "--- Nodes, from recorded replies of the Blue Box cloud"
export BLUEBOX_CUSTOMER_ID=recorded BLUEBOX_API_KEY=recorded
show --replay "$source/plugins/bluebox/tests/nodes" -c bluebox node list
show --replay "$source/plugins/bluebox/tests/sizes" -c bluebox size list

echo
echo "--- A whole cloud in a file: a node with a volume and an address"
export NEPH_SIM_STATE=$demo/cloud.state
sim() { show -c sim --set delay_ms=0 "$@"; }
first() { "$neph" -c sim "$1" list -o tsv | sed -n '1s/\t.*//p'; } # the id of the first NOUN
costs() { # what is there now, by the list of prices
    echo
    echo "What that costs in a month of 730 hours:"
    "$neph" price list sim -o tsv | awk -F'\t' '
        BEGIN {
            what["small"] = "node web, small"; units["small"] = 730
            what["standard"] = "volume data, 10 GiB"; units["standard"] = 10
            what["address"] = "address"; units["address"] = 730
        }
        function put(name, cost) { printf "  %-20s %6.2f %s\n", name, cost, currency }
        $4 in what { currency = $6; count++; sum += $5 * units[$4]; put(what[$4], $5 * units[$4]) }
        END { put("together", sum); exit count != 3 }' || fail "a price is missing"
}
sim size list
sim node create web debian-12 small --location-id sim-1a
node=$(first node)
sim volume create data --size-bytes $((10 << 30)) --location-id sim-1a
volume=$(first volume)
sim volume attach "$volume" "$node"
sim address allocate
address=$(first address)
sim address associate "$address" "$node"
sim node list
sim volume list
sim address list
show price list sim
costs
sim address disassociate "$address"
sim address release "$address"
sim volume detach "$volume"
sim volume delete "$volume"
sim node destroy "$node"
sim node list

cat <<END

--- With an account: EC2
  export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... AWS_REGION=eu-central-1
  $neph -c ec2 node list
  $neph -c ec2 image list --owner 136693071363 --name 'debian-12-amd64-*'    # Debian's own
  $neph -c ec2 node create web IMAGE t3.micro --key-name KEY --wait
  $neph -c ec2 node destroy ID
Another cloud that speaks EC2: add --set endpoint=https://compute.example.org

--- With an account: S3
  export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... AWS_REGION=eu-central-1
  $neph ls s3:
  $neph cp holiday.tar s3:YOUR-BUCKET/holiday.tar
  $neph -c s3 object list YOUR-BUCKET -o json
Another server that speaks S3: add --set endpoint=https://storage.example.org
Help: $neph --help, man -l $place/prefix/share/man/man1/neph.1

quickstart: done, $shown commands of neph worked
END
