#!/usr/bin/python3
"""bluebox.py: the Blue Box provider through the neph command, on the strict server of tests/servers/bluebox.py.

    bluebox.py NEPH [--only TEXT]... [--total FILE]
"""
import json, os, subprocess, sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402

SERVER = os.path.join(HERE, '..', 'servers', 'bluebox.py')
BLOCK = '99df878c-6e5c-4945-a635-d94da9fd3146'
SIZE = '94fd37a7-2606-47f7-84d5-9000deda52ae'
IMAGE = 'c66b8145-f768-45ef-9878-395bf8b1b7ff'
KEYS = {'BLUEBOX_CUSTOMER_ID': 'customer', 'BLUEBOX_API_KEY': 'bluebox-api-key'}


class Target:
    def __init__(self, a, folder):
        self.program, self.folder, self.log, self.seen, self.servers = a.neph, folder, os.path.join(folder, 'log'), 0, []
        self.neph = self.serve()

    def serve(self, *options):
        """The command on a server with other options."""
        server = subprocess.Popen([sys.executable, SERVER, '--log', self.log, *options], stdout=subprocess.PIPE)
        self.servers.append(server)
        port = json.loads(server.stdout.readline())['port']
        return Neph(self.program, 'bluebox', {'endpoint': f'http://127.0.0.1:{port}'}, KEYS)

    def ask(self, *args):
        return self.neph.run('-c', 'bluebox', *args)

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
    row = rows(t.ask('node', 'list', '-o', 'json'))[0]
    check(row['id'] == BLOCK and row['name'] == 'foo.apitest.blueboxgrid.com', f'{row}')
    check(row['state'] == 'running' and row['public_ips'] == ['67.214.214.212'], f'{row}')
    check(float(row['cpus']) == 0.5 and int(row['ram_bytes']) == 1 << 30 and int(row['disk_bytes']) == 20 << 30, f'{row}')


@case()
def node_show(t):
    row = rows(t.ask('node', 'show', BLOCK, '-o', 'json'))[0]
    check(row['size_id'] == SIZE and row['image_id'] == 'centos', f'{row}')
    t.ask('node', 'show', BLOCK[:-1] + '7').want(NOT_FOUND)


@case()
def node_states(t):
    for told, shown in (('queued', 'pending'), ('building', 'pending'), ('error', 'terminated'), ('sleeping', None)):
        row = rows(t.serve('--status', told).run('-c', 'bluebox', 'node', 'list', '-o', 'json'))[0]
        check(row['state'] in ((shown,) if shown else (None, 'unknown')), f'{told} is shown as {row["state"]}')


@case()
def node_create(t):
    t.asked()
    args = ('node', 'create', 'web + 1&x', IMAGE, SIZE, '--public-key', 'ssh-rsa AAAA+/= me@home', '-o', 'json')
    row = rows(t.ask(*args))[0]
    check(row['state'] == 'pending', f'{row}')
    asked = t.asked()
    check(len(asked) == 1 and asked[0]['form'] == {'hostname': 'web + 1&x', 'product': SIZE, 'template': IMAGE,
                                                   'ssh_public_key': 23}, f'{asked}')


@case()
def node_create_with_a_password_from_a_file(t):
    path = os.path.join(t.folder, 'password')
    with open(path, 'w', encoding='ascii') as f:
        f.write('secret & more\n')
    t.asked()
    t.ask('node', 'create', 'web', IMAGE, SIZE, '--password', '@' + path, '--username', 'deploy').want(DONE)
    asked = t.asked()
    check(len(asked) == 1 and asked[0]['form'].get('password') == 13, f'{asked}')
    check(asked[0]['form']['username'] == 'deploy', f'{asked}')


@case()
def node_create_without_a_way_in(t):
    """Refused before anything is sent."""
    t.asked()
    result = t.ask('node', 'create', 'web', IMAGE, SIZE)
    check(result.status in (FAILED, USAGE), f'{result}')
    result.want(result.status, 'password')
    check(not t.asked(), 'something was sent')


@case()
def node_create_is_not_repeated(t):
    """A create that may have happened is not asked again."""
    neph = t.serve('--fail', '500:1')
    t.asked()
    neph.run('-c', 'bluebox', 'node', 'create', 'web', IMAGE, SIZE, '--public-key', 'ssh-rsa AAAA').want(FAILED)
    check(len(t.asked()) == 1, 'it was repeated')


@case()
def node_list_is_repeated(t):
    neph = t.serve('--fail', '503:1')
    t.asked()
    neph.run('-c', 'bluebox', 'node', 'list').want(DONE)
    check(len(t.asked()) == 2, 'it was not repeated once')


@case()
def node_reboot_and_destroy(t):
    t.ask('node', 'reboot', BLOCK).want(DONE)
    t.ask('node', 'destroy', BLOCK).want(DONE)
    t.ask('node', 'destroy', 'a/../b').want((FAILED, NOT_FOUND, USAGE))
    t.ask('node', 'show', '..').want((FAILED, USAGE))


@case()
def sizes_join_prices(t):
    sizes = {s['id']: s for s in rows(t.ask('size', 'list', '-o', 'json'))}
    check(len(sizes) == 4, f'{len(sizes)} sizes')
    row = sizes[SIZE]
    check(int(row['ram_bytes']) == 1 << 30 and int(row['disk_bytes']) == 20 << 30 and float(row['cpus']) == 0.5, f'{row}')
    check(float(row['price']) == 0.15 and row['currency'] == 'USD', f'{row}')


@case()
def images_and_locations(t):
    images = rows(t.ask('image', 'list', '-o', 'json'))
    check(len(images) == 10 and images[0]['id'] == IMAGE, f'{images[:2]}')
    check(images[0]['created'] == '2009-04-20T22:46:34Z', f'{images[0]}')
    places = rows(t.ask('location', 'list', '-o', 'json'))
    check(len(places) == 1 and places[0]['country'] == 'US', f'{places}')


@case()
def wrong_key(t):
    result = t.neph.with_({'BLUEBOX_API_KEY': 'not-the-key-at-all'}).run('-c', 'bluebox', 'node', 'list').want(AUTH)
    check('not-the-key-at-all' not in result.err, 'the message holds the key')


@case()
def nothing_that_it_cannot(t):
    t.ask('bucket', 'list').want(UNSUPPORTED)


@case()
def nothing_unknown_was_asked(t):
    """All requests so far were such as the service knows, but those that failed on purpose."""
    with open(t.log, encoding='utf-8') as f:
        odd = [line for line in map(json.loads, f) if line['status'] in (400, 405, 415, 422)]
    check(not odd, f'{odd}')


if __name__ == '__main__':
    sys.exit(main_of('bluebox', __doc__, Target))
