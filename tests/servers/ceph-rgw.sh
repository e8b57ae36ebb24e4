#!/bin/bash
# One-node Ceph (1 mon, 1 mgr, 1 osd on memstore) + radosgw (S3 + Swift APIs) on 127.0.0.1, Debian 12 packages.
# usage: ceph-rgw.sh install|start|stop|status|wipe|env      No /etc/ceph, /var/lib/ceph used; state in $CEPH_ROOT
set -eu
SERVER=ceph-rgw
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${CEPH_ROOT:-${TMPDIR:-/tmp}/neph-servers/ceph}
IP=127.0.0.1; P_MON=${CEPH_MON_PORT:-16789}; P_MON2=$((P_MON+1)); P_RGW=${RGW_PORT:-17480}
STORE=${CEPH_STORE:-memstore}     # memstore: all in RAM, gone at stop.  bluestore: a sparse file under $ROOT
PKGS="ceph-mon ceph-mgr ceph-osd radosgw ceph-common curl"
C="$ROOT/ceph.conf"
AK=AKIACEPHTESTKEY00001 SK=cephSecretKeyForTests0000000000000000001
. "$HERE/common.sh"

install() { ensure_packages $PKGS; }
configure() {
  mkdir -p "$ROOT"/{run,log,mon,mgr,osd,rgw}
  [ -f $ROOT/fsid ] || cat /proc/sys/kernel/random/uuid > $ROOT/fsid
  cat > $C <<E
[global]
fsid = $(cat $ROOT/fsid)
mon initial members = a
mon host = [v2:$IP:$P_MON2,v1:$IP:$P_MON]
public addr = $IP
cluster addr = $IP
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv6 = false
ms bind port min = $((P_MON+11))
ms bind port max = $((P_MON+110))
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $ROOT/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
mon allow pool delete = true
auth allow insecure global id reclaim = false
run dir = $ROOT/run
admin socket = $ROOT/run/\$name.asok
log file = $ROOT/log/\$name.log
mon cluster log file = $ROOT/log/cluster.log
log to stderr = false
err to stderr = true
setuser match path =
[mon.a]
mon data = $ROOT/mon
mon data avail warn = 1
mon data avail crit = 1
[mgr]
mgr data = $ROOT/mgr
mgr initial modules =
mgr module path = /usr/share/ceph/mgr
[osd]
osd objectstore = $STORE
osd data = $ROOT/osd
osd journal = $ROOT/osd/journal
memstore device bytes = 6442450944
bluestore block size = 4294967296
osd memory target = 939524096
osd class load list = *
osd class default list = *
[client.rgw.a]
rgw frontends = beast endpoint=$IP:$P_RGW
rgw data = $ROOT/rgw
rgw enable usage log = false
rgw relaxed s3 bucket names = false
rgw crypt require ssl = false
rgw swift account in url = true
rgw thread pool size = 16
rgw gc max objs = 8
rgw gc obj min wait = 1
rgw gc processor period = 5
rgw gc processor max time = 5
rgw usage max shards = 1
rgw lc max objs = 1
rgw reshard num logs = 1
rgw objexp hints num shards = 1
E
}
ceph_() { timeout 60 ceph -c "$C" "$@"; }
# a memory store forgets everything when it ends: a cluster that is not wholly up is begun anew
forget() { rm -rf "$ROOT"/{mon,mgr,osd,rgw,keyring,monmap,fsid}; }

keys() {
  local k="$ROOT/keyring"
  ceph-authtool --create-keyring "$k" --gen-key -n mon. --cap mon 'allow *' >/dev/null
  ceph-authtool "$k" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mds 'allow *' --cap mgr 'allow *'
  ceph-authtool "$k" --gen-key -n mgr.a --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *'
  ceph-authtool "$k" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *'
  ceph-authtool "$k" --gen-key -n client.rgw.a --cap mon 'allow rw' --cap osd 'allow rwx' --cap mgr 'allow rw'
}
start_mon() {
  if [ ! -d "$ROOT/mon/store.db" ]; then
    keys
    monmaptool --create --clobber --fsid "$(cat "$ROOT/fsid")" --addv a "[v2:$IP:$P_MON2,v1:$IP:$P_MON]" "$ROOT/monmap" >/dev/null
    ceph-mon -c "$C" --mkfs -i a --monmap "$ROOT/monmap" --keyring "$ROOT/keyring"
  fi
  spawn mon ceph-mon -c "$C" -f -i a
  local i
  for ((i = 0; i < 60; i++)); do
    timeout 10 ceph -c "$C" -s >/dev/null 2>&1 && return 0
    alive mon || { say "the monitor died:"; tail -5 "$ROOT/log/mon.log" >&2; return 1; }
    sleep 0.3
  done
  say "the monitor did not answer"; return 1
}
start_osd() {
  if [ ! -f "$ROOT/osd/ready" ]; then
    local u; u=$(cat /proc/sys/kernel/random/uuid); ceph_ osd new "$u" >/dev/null
    ceph-osd -c "$C" -i 0 --mkfs --osd-uuid "$u" --keyring "$ROOT/keyring" >>"$ROOT/log/osd.log" 2>&1
    touch "$ROOT/osd/ready"
  fi
  spawn osd ceph-osd -c "$C" -f -i 0
}
start_rgw() {
  spawn rgw radosgw -c "$C" -f -n client.rgw.a --keyring "$ROOT/keyring"
  wait_http rgw http://$IP:$P_RGW/ 120 || return 1
  local a="timeout 60 radosgw-admin -c $C -n client.rgw.a --keyring $ROOT/keyring --admin-socket=$ROOT/run/admin.asok"
  $a user info --uid=test >/dev/null 2>&1 && return 0
  $a user create --uid=test --display-name=test --access-key=$AK --secret-key=$SK >/dev/null
  $a subuser create --uid=test --subuser=test:swift --access=full --key-type=swift --secret-key=testing >/dev/null
}
start() {
  [ -x /usr/bin/radosgw ] || { say "not installed: run $0 install"; return 1; }
  status >/dev/null || { stop; [ "$STORE" = memstore ] && forget; }
  free_ports mon $P_MON $P_MON2 || return 1
  free_ports rgw $P_RGW || return 1
  configure || return 1
  ulimit -n 65536 2>/dev/null || true
  start_mon || return 1
  spawn mgr ceph-mgr -c "$C" -f -i a
  start_osd || return 1
  start_rgw
}
stop() { local n; for n in rgw osd mgr mon; do end $n 80; done; [ "$STORE" != memstore ] || forget; }
status() { status_of mon mgr osd rgw; }
environment() {
  echo "export S3_ENDPOINT=http://$IP:$P_RGW AWS_ACCESS_KEY_ID=$AK AWS_SECRET_ACCESS_KEY=$SK AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 ST_AUTH=http://$IP:$P_RGW/auth/v1.0 ST_USER=test:swift ST_KEY=testing"
}
main "$@"
