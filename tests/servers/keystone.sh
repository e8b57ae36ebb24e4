#!/bin/bash
# OpenStack Keystone (SQLite, fernet tokens, uwsgi) on 127.0.0.1, and an OpenStack Swift of its own that asks it who asks.
# usage: keystone.sh install|start|stop|status|wipe|env      state in $KEYSTONE_ROOT (default ${TMPDIR:-/tmp}/neph-servers/keystone)
# KEYSTONE_TOKEN_SECONDS: how long a token lives.
set -eu
SERVER=keystone
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${KEYSTONE_ROOT:-${TMPDIR:-/tmp}/neph-servers/keystone}
PORT=${KEYSTONE_PORT:-15000}       # Swift's own ports: PORT+10 to PORT+14
IP=127.0.0.1
URL=http://$IP:$PORT/v3
PY=/usr/bin/python3                # Debian's
PKGS="keystone python3-keystonemiddleware uwsgi-plugin-python3 uwsgi-core curl"

. "$HERE/common.sh"

swift() { # swift VERB : the one that belongs to it
  SWIFT_ROOT=$ROOT/swift SWIFT_PORT=$((PORT+10)) SWIFT_KEYSTONE=$URL bash "$HERE/swift.sh" "$1" 9>&-
}

install() { ensure_packages $PKGS && swift install; }

configure() {
  mkdir -p "$ROOT"/etc/{fernet,credential}
  chmod 700 "$ROOT"/etc/{fernet,credential}
  cat > "$ROOT/etc/keystone.conf" <<E
[token]
provider = fernet
expiration = ${KEYSTONE_TOKEN_SECONDS:-3600}
[fernet_tokens]
key_repository = $ROOT/etc/fernet
[credential]
key_repository = $ROOT/etc/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = dogpile.cache.memory
[database]
connection = sqlite:///$ROOT/keystone.sqlite?timeout=60
sqlite_synchronous = false
E
}

manage() { keystone-manage --config-file "$ROOT/etc/keystone.conf" "$@" >>"$ROOT/log/manage.log" 2>&1; }

# tables, keys, the first user
prepare() {
  local me group
  [ ! -e "$ROOT/etc/prepared" ] || return 0
  me=$(id -un) group=$(id -gn)
  manage fernet_setup --keystone-user "$me" --keystone-group "$group" &&
    manage credential_setup --keystone-user "$me" --keystone-group "$group" && manage db_sync &&
    manage bootstrap --bootstrap-password secret --bootstrap-region-id RegionOne --bootstrap-public-url "$URL" \
      --bootstrap-internal-url "$URL" --bootstrap-admin-url "$URL" ||
    { say "keystone-manage failed:"; tail -5 "$ROOT/log/manage.log" >&2; return 1; }
  touch "$ROOT/etc/prepared"
}

# who there is: Swift's own user, the user demo of the project demo and his application credential; where Swift is
populate() {
  $PY - "$URL" "http://$IP:$((PORT+10))/v1/AUTH_%(tenant_id)s" <<'E'
import json, sys, urllib.error, urllib.request
url, storage = sys.argv[1:]
token = None

def ask(method, path, body=None):
    request = urllib.request.Request(url + path, method=method, data=json.dumps(body).encode() if body else None)
    request.add_header('Content-Type', 'application/json')
    if token:
        request.add_header('X-Auth-Token', token)
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.headers, json.loads(reply.read() or b'{}')
    except urllib.error.HTTPError as e:
        if e.code != 409:
            raise SystemExit(f'{method} {path}: {e.code} {e.read()[:300]}')
        return e.headers, {}

def login(user, project):
    who = {'name': user, 'password': 'secret', 'domain': {'id': 'default'}}
    scope = {'project': {'name': project, 'domain': {'id': 'default'}}}
    return ask('POST', '/auth/tokens', {'auth': {'identity': {'methods': ['password'], 'password': {'user': who}}, 'scope': scope}})

def named(kind, one, name, **more):
    ask('POST', f'/{kind}', {one: {'name': name, **more}})
    return next(x['id'] for x in ask('GET', f'/{kind}?name={name}')[1][kind])

token = login('admin', 'admin')[0]['X-Subject-Token']
roles = {r['name']: r['id'] for r in ask('GET', '/roles')[1]['roles']}
for user, project, role in (('swift', 'service', 'admin'), ('demo', 'demo', 'member')):
    place = named('projects', 'project', project, domain_id='default')
    person = named('users', 'user', user, domain_id='default', password='secret')
    ask('PUT', f'/projects/{place}/users/{person}/roles/{roles[role]}')
ask('PUT', '/regions/RegionTwo', {'region': {}})
if not ask('GET', '/services?type=object-store')[1]['services']:
    service = ask('POST', '/services', {'service': {'type': 'object-store', 'name': 'swift'}})[1]['service']['id']
    for region in ('RegionOne', 'RegionTwo'):
        for interface in ('admin', 'internal', 'public'):
            # one that nobody listens at, so that a wrong choice does not go unseen
            at = storage if region == 'RegionOne' and interface != 'admin' else 'http://127.0.0.1:9/v1/AUTH_%(tenant_id)s'
            ask('POST', '/endpoints', {'endpoint': {'service_id': service, 'interface': interface, 'region_id': region, 'url': at}})
headers, body = login('demo', 'demo')
token = headers['X-Subject-Token']
ask('POST', f"/users/{body['token']['user']['id']}/application_credentials",
    {'application_credential': {'name': 'neph', 'secret': 'app-secret'}})
E
}

start() {
  [ -x /usr/bin/keystone-wsgi-public ] || { say "not installed: run $0 install"; return 1; }
  configure && prepare || return 1
  export PYTHONDONTWRITEBYTECODE=1 OS_KEYSTONE_CONFIG_DIR=$ROOT/etc
  free_ports keystone $PORT || return 1
  # one request at a time: SQLite has one writer. A kept connection that uwsgi closes would look like a broken server
  spawn keystone uwsgi --plugin python3 --master --die-on-term --need-app --processes 1 --enable-threads --lazy-apps \
    --buffer-size 65535 --disable-logging --add-header 'Connection: close' --http-socket $IP:$PORT --wsgi-file /usr/bin/keystone-wsgi-public
  wait_http keystone "$URL" 60 && populate && swift start
}
stop() { swift stop; end keystone 30; }
status() { swift status && status_of keystone; }
environment() {
  echo "export OS_AUTH_URL=$URL OS_USERNAME=demo OS_PASSWORD=secret OS_PROJECT_NAME=demo OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default OS_REGION_NAME=RegionOne OS_IDENTITY_API_VERSION=3"
}
main "$@"
