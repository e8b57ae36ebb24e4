#!/bin/bash
# OpenStack Swift, single node, tempauth + s3api + SLO/DLO/tempurl/formpost, on 127.0.0.1; with SWIFT_KEYSTONE=URL it asks
# that Keystone in place of tempauth and s3api (see keystone.sh).
# usage: swift.sh install|start|stop|status|wipe|env      state in $SWIFT_ROOT (default ${TMPDIR:-/tmp}/neph-servers/swift)
set -eu
SERVER=swift
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${SWIFT_ROOT:-${TMPDIR:-/tmp}/neph-servers/swift}
PORT=${SWIFT_PORT:-18080}          # proxy; object/container/account servers use PORT+1..PORT+3
IP=127.0.0.1
KEYSTONE=${SWIFT_KEYSTONE:-}
PY=/usr/bin/python3                # Debian's, which has the swift modules
PKGS="swift-proxy swift-account swift-container swift-object memcached curl"
NAMES="proxy object container account memcached"

. "$HERE/common.sh"

install() { ensure_packages $PKGS; }

# the filters that know who asks
pipeline_auth() { [ -n "$KEYSTONE" ] && echo "authtoken keystoneauth" || echo "s3api tempauth"; }

configure() {
  mkdir -p "$ROOT"/{etc,srv/d1}
  cd "$ROOT/etc"
  # swift.conf (hash prefix/suffix) is read from /etc/swift/swift.conf ONLY; Debian's package ships a usable one
  grep -q swift_hash_path_suffix /etc/swift/swift.conf || { say "/etc/swift/swift.conf has no hash suffix"; return 1; }
  for svc in account container object; do
    case $svc in object) p=$((PORT+1));; container) p=$((PORT+2));; account) p=$((PORT+3));; esac
    extra=""
    cat > $svc-server.conf <<E
[DEFAULT]
devices = $ROOT/srv
mount_check = false
bind_ip = $IP
bind_port = $p
workers = 0
user = $(id -un)
swift_dir = $ROOT/etc
log_address = $ROOT/run/no-syslog
log_level = ERROR
fallocate_reserve = 0
disable_fallocate = true
[pipeline:main]
pipeline = $svc-server
[app:$svc-server]
use = egg:swift#$svc
allow_versions = true
[$svc-replicator]
[$svc-updater]
[$svc-auditor]
E
    if [ ! -f $svc.ring.gz ]; then
      # 2^4 partitions, 1 replica, min_part_hours 0
      swift-ring-builder $svc.builder create 4 1 0 >/dev/null
      swift-ring-builder $svc.builder add --region 1 --zone 1 --ip $IP --port $p --device d1 --weight 1 >/dev/null
      swift-ring-builder $svc.builder rebalance >/dev/null
    fi
  done
  cat > proxy-server.conf <<E
[DEFAULT]
bind_ip = $IP
bind_port = $PORT
workers = 0
user = $(id -un)
swift_dir = $ROOT/etc
log_address = $ROOT/run/no-syslog
log_level = ERROR
expose_info = true

[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk tempurl formpost $(pipeline_auth) staticweb copy container-quotas account-quotas slo dlo versioned_writes symlink proxy-logging proxy-server

[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true

[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
# tempauth keeps its tokens in memcached: it is required, not optional
[filter:cache]
use = egg:swift#memcache
memcache_servers = $IP:$((PORT+4))
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:tempurl]
use = egg:swift#tempurl
allowed_digests = sha1 sha256 sha512
[filter:formpost]
use = egg:swift#formpost
allowed_digests = sha1 sha256 sha512
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
dns_compliant_bucket_names = true
check_bucket_owner = false
allow_multipart_uploads = true
min_segment_size = 5242880
[filter:tempauth]
use = egg:swift#tempauth
user_admin_admin = admin .admin .reseller_admin
user_test_tester = testing .admin
user_test_tester3 = testing3
user_test2_tester2 = testing2 .admin
token_life = 86400
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = $KEYSTONE
auth_url = $KEYSTONE
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = swift
password = secret
delay_auth_decision = true
# Keystone takes 0.2 s for each question: a token is asked for once; that it has expired is seen without asking
cache = swift.cache
token_cache_time = 30
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
[filter:staticweb]
use = egg:swift#staticweb
[filter:copy]
use = egg:swift#copy
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:account-quotas]
use = egg:swift#account_quotas
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
allow_versioned_writes = true
[filter:symlink]
use = egg:swift#symlink
E
}

start() {
  [ -x /usr/bin/swift-proxy-server ] || { say "not installed: run $0 install"; return 1; }
  configure || return 1
  export PYTHONDONTWRITEBYTECODE=1
  local svc muser=""
  [ "$(id -u)" = 0 ] && muser="-u nobody"
  free_ports memcached $((PORT+4)) || return 1
  free_ports proxy $PORT || return 1
  spawn memcached memcached -l $IP -p $((PORT+4)) -U 0 -m 16 $muser
  for svc in account container object; do
    spawn $svc $PY /usr/bin/swift-$svc-server "$ROOT/etc/$svc-server.conf"
  done
  spawn proxy $PY /usr/bin/swift-proxy-server "$ROOT/etc/proxy-server.conf"
  wait_http proxy http://$IP:$PORT/healthcheck 60
  wait_http object http://$IP:$((PORT+1))/ 60 any
  wait_http container http://$IP:$((PORT+2))/ 60 any
  wait_http account http://$IP:$((PORT+3))/ 60 any
}
# the daemons ignore TERM while they drain: one second, then KILL
stop() { local n; for n in $NAMES; do end $n 10; done; }
status() { status_of $NAMES; }
environment() {
  echo "export ST_AUTH=http://$IP:$PORT/auth/v1.0 ST_USER=test:tester ST_KEY=testing S3_ENDPOINT=http://$IP:$PORT AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY=testing AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
}
main "$@"
