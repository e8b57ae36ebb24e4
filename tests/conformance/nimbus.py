#!/usr/bin/python3
"""nimbus.py: the Nimbus provider through the neph command, on the strict server of tests/servers/nimbus.py.

    nimbus.py NEPH [--only TEXT]... [--total FILE]
"""
import base64, json, os, subprocess, sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402

SERVER = os.path.join(HERE, '..', 'servers', 'nimbus.py')
RUNNING, PENDING = 'i-4c1a2b30', 'i-4c1a2b31'
IMAGE, SIZE = 'base-cluster-01.gz', 'm1.small'
KEYS = {'NIMBUS_ACCESS_KEY': 'nimbus-access-id', 'NIMBUS_SECRET_KEY': 'nimbus-secret-key'}


class Target:
    def __init__(self, a, folder):
        self.program, self.folder, self.log, self.seen, self.servers = a.neph, folder, os.path.join(folder, 'log'), 0, []
        self.neph = self.serve()

    def serve(self, *options, **settings):
        """The command on a server with other options."""
        server = subprocess.Popen([sys.executable, SERVER, '--log', self.log, *options], stdout=subprocess.PIPE)
        self.servers.append(server)
        port = json.loads(server.stdout.readline())['port']
        chosen = {'host': '127.0.0.1', 'port': port, 'secure': 'false', **settings}
        return Neph(self.program, 'nimbus', chosen, KEYS)

    def ask(self, *args):
        return self.neph.run('-c', 'nimbus', *args)

    def asked(self):
        with open(self.log, encoding='utf-8') as f:
            lines = [json.loads(line) for line in f]
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def stop(self):
        for server in self.servers:
            server.kill()
            server.wait()


def rows(result):
    value = result.want(DONE).json()
    return value if isinstance(value, list) else [value]


@case()
def node_list(t):
    first, second = rows(t.ask('node', 'list', '-o', 'json'))
    check(first['id'] == RUNNING and first['state'] == 'running' and first['name'] is None, f'{first}')
    check(first['public_ips'] == ['192.0.2.103'] and first['size_id'] == SIZE and first['image_id'] == IMAGE, f'{first}')
    check(first['location_id'] == 'nimbus' and first['created'] == '2011-05-04T09:13:27Z' and not first['tags'], f'{first}')
    check(second['id'] == PENDING and second['state'] == 'pending' and not second['public_ips'], f'{second}')


@case()
def node_show(t):
    check([r['id'] for r in rows(t.ask('node', 'show', PENDING, '-o', 'json'))] == [PENDING], 'not the one that was asked for')
    t.ask('node', 'show', 'i-00000000').want(NOT_FOUND, 'InvalidInstanceID.NotFound')


@case()
def node_show_of_a_server_that_looks_at_no_id(t):
    neph = t.serve('--all')
    check([r['id'] for r in rows(neph.run('-c', 'nimbus', 'node', 'show', PENDING, '-o', 'json'))] == [PENDING], 'all were shown')
    neph.run('-c', 'nimbus', 'node', 'show', 'i-00000000').want(NOT_FOUND)


@case()
def node_states(t):
    for told, shown in (('shutting-down', 'stopping'), ('terminated', 'terminated'), ('propagating', None)):
        row = rows(t.serve('--state', told).run('-c', 'nimbus', 'node', 'list', '-o', 'json'))[0]
        check(row['state'] in ((shown,) if shown else (None, 'unknown')), f'{told} is shown as {row["state"]}')


@case()
def node_create(t):
    t.asked()
    args = ('node', 'create', 'unused', 'hello cloud & more', SIZE, '--key-name', 'me', '--user-data', 'a b+c&d=é', '-o', 'json')
    row = rows(t.ask(*args))[0]
    check(row['id'] == 'i-4c1a2b32' and row['state'] == 'pending' and row['name'] is None, f'{row}')
    asked = t.asked()
    check(len(asked) == 1 and asked[0]['parameters'] == {
        'Action': 'RunInstances', 'Version': '2010-08-31', 'ImageId': 'hello cloud & more', 'InstanceType': SIZE, 'MinCount': '1',
        'MaxCount': '1', 'KeyName': 'me', 'UserData': base64.b64encode('a b+c&d=é'.encode()).decode()}, f'{asked}')


@case()
def node_create_of_what_is_not_there(t):
    t.ask('node', 'create', 'unused', 'no-image', SIZE).want(NOT_FOUND, 'InvalidAMIID.NotFound')
    result = t.ask('node', 'create', 'unused', IMAGE, 'm9.huge')
    result.want(result.status if result.status in (FAILED, USAGE) else FAILED, 'm9.huge')


@case()
def node_create_is_not_repeated(t):
    """Nothing would tell a second node from the first."""
    for options in (('--fail', '500:1'), ('--drop', '1')):
        neph = t.serve(*options)
        t.asked()
        neph.run('-c', 'nimbus', 'node', 'create', 'unused', IMAGE, SIZE).want(FAILED)
        check(len(t.asked()) == 1, f'{options}: it was repeated')


@case()
def node_list_is_repeated(t):
    neph = t.serve('--fail', '503:1')
    t.asked()
    neph.run('-c', 'nimbus', 'node', 'list').want(DONE)
    check(len(t.asked()) == 2, 'it was not repeated once')


@case()
def node_reboot_and_destroy(t):
    t.ask('node', 'reboot', RUNNING).want(DONE)
    t.ask('node', 'destroy', RUNNING).want(DONE)
    t.ask('node', 'destroy', 'i-00000000').want(NOT_FOUND)


@case()
def sizes_without_prices(t):
    sizes = rows(t.ask('size', 'list', '-o', 'json'))
    check([s['id'] for s in sizes] == ['m1.small', 'm1.large', 'm1.xlarge'], f'{sizes}')
    for row in sizes:
        check(all(row[m] is None for m in ('cpus', 'ram_bytes', 'disk_bytes', 'price', 'currency')), f'{row}')


@case()
def images_and_locations(t):
    images = rows(t.ask('image', 'list', '-o', 'json'))
    check([i['name'] for i in images] == [IMAGE, 'hello cloud & more'], f'{images}')
    check(images[0]['is_public'] is True and images[1]['is_public'] is False, f'{images}')
    check([p['id'] for p in rows(t.ask('location', 'list', '-o', 'json'))] == ['nimbus'], 'not its zone')


@case()
def another_path(t):
    neph = t.serve('--path', '/services/Cloud', path='/services/Cloud')
    neph.run('-c', 'nimbus', 'node', 'list').want(DONE)


@case()
def wrong_key(t):
    for name, words in (('NIMBUS_SECRET_KEY', 'SignatureDoesNotMatch'), ('NIMBUS_ACCESS_KEY', 'AuthFailure')):
        result = t.neph.with_({name: 'not-the-key-at-all'}).run('-c', 'nimbus', 'node', 'list').want(AUTH, words)
        check('not-the-key-at-all' not in result.err, 'the message holds the key')


@case()
def settings_that_cannot_be(t):
    for settings, words in (({'host': 'a/b'}, 'host'), ({'port': 0}, 'port'), ({'port': 65536}, 'port')):
        result = t.neph.with_(**settings).run('-c', 'nimbus', 'node', 'list')
        result.want(result.status if result.status in (FAILED, USAGE) else USAGE, words)


@case()
def nothing_that_it_cannot(t):
    """Known before any request."""
    t.asked()
    for args in (('volume', 'list'), ('address', 'list'), ('firewall', 'list'), ('snapshot', 'list'), ('tag', 'list', RUNNING),
                 ('node', 'stop', RUNNING), ('key', 'list'), ('bucket', 'list'),
                 ('node', 'create', 'unused', IMAGE, SIZE, '--tags', 'a=b')):
        t.ask(*args).want(UNSUPPORTED)
    check(not t.asked(), 'something was sent')


@case()
def nothing_unknown_was_asked(t):
    """All requests so far were such as the service knows, but those that failed on purpose."""
    purpose = ('no instance', 'no image', 'asked to fail', 'an unknown access key', 'the signature is wrong')
    with open(t.log, encoding='utf-8') as f:
        odd = [line for line in map(json.loads, f) if line['status'] != 200 and not line['why'].startswith(purpose)]
    check(not odd, f'{odd}')


if __name__ == '__main__':
    sys.exit(main_of('nimbus', __doc__, Target))
