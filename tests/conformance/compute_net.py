"""compute_net.py: cases of keys, addresses, firewalls, networks and tags."""
import os

from compute_target import *
from harness import *

KEY = ('key.list', 'key.create', 'key.import', 'key.delete')
ADDRESS = [f'address.{v}' for v in ('list', 'allocate', 'associate', 'disassociate', 'release')]
ALREADY = 'already'  # as all say that it is there
FIREWALL = ('firewall.list', 'firewall.create', 'firewall.delete', 'rule.list', 'rule.add', 'rule.remove')


# --- keys ----------------------------------------------------------------------------------------


@case(*LIVE)
@needs(*KEY)
def key_that_the_cloud_makes(t):
    """Its private key is told once, and stands nowhere else."""
    name, kept = t.name('key'), t.path(t.name('kept'))
    os.mkdir(kept)
    result = t.ask('--record', kept, 'key', 'create', name, '--trace', '-o', 'json').want(DONE)
    row = result.json()[0] if isinstance(result.json(), list) else result.json()
    private = row['private_key']
    check(private.startswith('-----BEGIN') and row['name'] == name, f'{row["name"]}: {private[:20]!r}')
    line = private.split('\n')[1][:40]
    check(len(line) >= 20 and line not in result.err, 'the private key is in the trace')
    check('PRIVATE KEY' not in result.err, 'a part of the private key is in the trace')
    for file in os.listdir(kept):
        with open(os.path.join(kept, file), encoding='utf-8') as f:
            check('PRIVATE KEY' not in f.read(), f'the private key is in the recording {file}')
    check(os.listdir(kept) or not t.server, 'nothing was recorded')
    listed = t.ask('key', 'list', '--trace', '-o', 'json').want(DONE)
    check(name in listed.out.decode() and 'PRIVATE KEY' not in listed.out.decode() + listed.err, 'the list tells it')
    t.ask('key', 'create', name).want(FAILED, ALREADY)
    t.do('key', 'delete', name)
    check(name not in [k['name'] for k in t.rows('key', 'list')], 'it was not deleted')


@case(*LIVE)
@needs(*KEY)
def key_that_is_ours(t):
    name, public = t.name('key'), make_public_key(t)
    row = t.row('key', 'import', name, public)
    check(row['name'] == name and row.get('private_key') is None and row['fingerprint'], f'{row}')
    t.ask('key', 'import', name, public).want(FAILED, ALREADY)
    t.ask('key', 'create', name).want(FAILED, ALREADY)
    check([k['fingerprint'] for k in t.rows('key', 'list', '--name', name)] == [row['fingerprint']], 'another fingerprint')
    t.do('key', 'import', name + '-file', '@' + t.write('key.pub', (public + '\n').encode()))
    check({k['fingerprint'] for k in t.rows('key', 'list', '--name', name + '*')} == {row['fingerprint']}, 'the file gave another key')
    for one in (name, name + '-file'):
        t.do('key', 'delete', one)
    check(t.rows('key', 'list', '--name', name + '*') == [], 'a key is left')
    t.ask('key', 'delete', name).want((DONE, NOT_FOUND))


def make_public_key(t):
    """A real one, from ssh-keygen if it is there."""
    import shutil, subprocess
    if not shutil.which('ssh-keygen'):
        return PUBLIC_KEY
    path = t.path(t.name('id'))
    subprocess.run(['ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', 'me@home', '-f', path], check=True)
    with open(path + '.pub', encoding='ascii') as f:
        return f.read().strip()


@case(*LIVE)
@needs(*KEY)
def key_that_is_none(t):
    name = t.name('key')
    t.ask('key', 'import', name, 'ssh-rsa AAAA').want((FAILED, USAGE))
    t.silently((FAILED, USAGE, NOT_FOUND), 'no-such-file', 'key', 'import', name, '@' + t.path('no-such-file'))
    check(t.rows('key', 'list', '--name', name) == [], 'it was taken all the same')


# --- addresses -----------------------------------------------------------------------------------


@case(*LIVE)
@needs(*ADDRESS)
def address_life(t):
    name, node = t.name('address'), t.node()['id']
    row = t.row('address', 'allocate', '--name', name, '--tags', f'{name}=1')
    address = row['id']
    shown = lambda: t.row('address', 'list', '--id', address)
    with t.a_node() as other:
        try:
            check(row['ip'].count('.') == 3 or ':' in row['ip'], f'{row}')
            check(shown()['name'] == name and shown()['node_id'] is None and shown()['ip'] == row['ip'], f'{shown()}')
            t.do('address', 'associate', address, node)
            check(shown()['node_id'] == node, f'{shown()}')
            check(row['ip'] in (t.row('node', 'show', node)['public_ips'] or []), 'the node does not have it')
            t.do('address', 'associate', address, node)
            t.ask('address', 'associate', address, other['id']).want(FAILED)
            check(shown()['node_id'] == node, 'it was taken from the node that had it')
            t.do('address', 'associate', address, other['id'], '--reassociate')
            check(shown()['node_id'] == other['id'], 'it was not moved')
            t.do('address', 'disassociate', address)
            check(shown()['node_id'] is None, 'it still leads to a node')
            t.do('address', 'disassociate', address)
            for wanted, *options in ((1, '--name', name), (1, '--tag', f'{name}=1'), (0, '--tag', f'{name}=2'), (0, '--name', name + 'x')):
                check(len(t.rows('address', 'list', *options)) == wanted, f'{" ".join(options)}: not {wanted}')
        finally:
            t.ask('address', 'disassociate', address)
            ended = t.ask('address', 'release', address)
    ended.want(DONE)
    check(t.rows('address', 'list', '--id', address) == [], 'it is still there')
    t.ask('address', 'release', address).want(NOT_FOUND)


@case(*LIVE)
@needs(*ADDRESS)
def address_release_while_a_node_has_it(t):
    address = t.row('address', 'allocate')['id']
    try:
        t.do('address', 'associate', address, t.node()['id'])
        t.ask('address', 'release', address).want(FAILED)
        check(len(t.rows('address', 'list', '--id', address)) == 1, 'it was released all the same')
    finally:
        t.ask('address', 'disassociate', address)
        t.ask('address', 'release', address)


@case(*LIVE)
@needs(*ADDRESS)
def addresses_that_are_not_there(t):
    missing, node = 'eipalloc-0123456789abcdef0', t.node()['id']
    for words in (('associate', missing, node), ('disassociate', missing), ('release', missing)):
        t.ask('address', *words).want(NOT_FOUND, missing)
    address = t.row('address', 'allocate')['id']
    try:
        t.ask('address', 'associate', address, 'i-0123456789abcdef0').want(NOT_FOUND, 'i-0123456789abcdef0')
    finally:
        t.do('address', 'release', address)


# --- firewalls -----------------------------------------------------------------------------------


@case(*LIVE)
@needs('firewall.list', 'firewall.create', 'firewall.delete')
def firewall_life(t):
    name = t.name('wall')
    row = t.row('firewall', 'create', name, '--description', 'of a test', '--tags', f'{name}=1')
    try:
        listed = t.row('firewall', 'list', '--id', row['id'])
        check(listed['name'] == name and listed['description'] == 'of a test' and listed['tags'].get(name) == '1', f'{listed}')
        for wanted, *options in ((1, '--name', name), (1, '--tag', f'{name}=*'), (0, '--name', name + 'x'), (0, '--tag', f'{name}=2')):
            check(len(t.rows('firewall', 'list', *options)) == wanted, f'{" ".join(options)}: not {wanted}')
        check([r for r in t.rows('rule', 'list', row['id']) if r['direction'] == 'ingress'] == [], 'a new one lets something in')
        t.ask('firewall', 'create', name).want(FAILED, ALREADY)
        check(len(t.rows('firewall', 'list', '--name', name)) == 1, 'there are two')
    finally:
        ended = t.ask('firewall', 'delete', row['id'])
    ended.want(DONE)
    check(t.rows('firewall', 'list', '--id', row['id']) == [], 'it is still there')
    t.ask('firewall', 'delete', row['id']).want((DONE, NOT_FOUND))


RULES = {  # the words that add it, what is listed
    'tcp': (['--port-from', '22', '--cidr', '192.0.2.0/24'],
            {'direction': 'ingress', 'protocol': 'tcp', 'port_from': 22, 'port_to': 22, 'cidr': '192.0.2.0/24'}),
    'udp_range': (['--protocol', 'udp', '--port-from', '5000', '--port-to', '6000', '--cidr', '198.51.100.7/32', '--description', 'a range'],
                  {'direction': 'ingress', 'protocol': 'udp', 'port_from': 5000, 'port_to': 6000, 'description': 'a range'}),
    'icmp': (['--protocol', 'icmp', '--port-from', '8', '--port-to', '-1', '--cidr', '0.0.0.0/0'], {'protocol': 'icmp', 'cidr': '0.0.0.0/0'}),
    'any_protocol': (['--protocol', 'any', '--cidr', '203.0.113.0/24'], {'direction': 'ingress', 'protocol': 'any', 'cidr': '203.0.113.0/24'}),
    'ipv6': (['--port-from', '443', '--cidr', '2001:db8::/32'], {'protocol': 'tcp', 'port_from': 443, 'cidr': '2001:db8::/32'}),
    'egress': (['--direction', 'egress', '--port-from', '53', '--cidr', '192.0.2.53/32'], {'direction': 'egress', 'port_from': 53}),
    'peer': (['--port-from', '3306', '--peer-id', 'PEER'], {'port_from': 3306, 'cidr': None}),
}
BAD_RULES = {
    'cidr_no_address': ['--port-from', '22', '--cidr', '300.0.0.0/8'],
    'cidr_a_word': ['--port-from', '22', '--cidr', 'everybody'],
    'port_too_high': ['--port-from', '70000', '--cidr', '192.0.2.0/24'],
    'ports_turned_round': ['--port-from', '30', '--port-to', '20', '--cidr', '192.0.2.0/24'],
    'protocol': ['--protocol', 'frob', '--port-from', '1', '--cidr', '192.0.2.0/24'],
    'no_other_end': ['--port-from', '22'],
    'two_other_ends': ['--port-from', '22', '--cidr', '192.0.2.0/24', '--peer-id', 'sg-0123456789abcdef0'],
    'direction': ['--direction', 'sideways', '--port-from', '22', '--cidr', '192.0.2.0/24'],
}


def rule_case(word, words, wanted):
    @needs(*FIREWALL)
    def one_rule(t):
        """Added once, listed, removed by the same words."""
        wall = t.row('firewall', 'create', t.name('wall'))['id']
        peer = t.row('firewall', 'create', t.name('peer'))['id'] if 'PEER' in words else ''
        said = [w.replace('PEER', peer) for w in words]
        try:
            before = t.rows('rule', 'list', wall)
            t.do('rule', 'add', wall, *said)
            new = [r for r in t.rows('rule', 'list', wall) if r not in before]
            check(len(new) == 1, f'{len(new)} rules were added')
            check({n: new[0][n] for n in wanted} == wanted and new[0]['firewall_id'] == wall, f'{new[0]}')
            check(new[0]['peer_id'] == (peer or None), f'{new[0]}')
            t.ask('rule', 'add', wall, *said).want(FAILED, ALREADY)
            check(len(t.rows('rule', 'list', wall)) == len(before) + 1, 'it stands twice')
            t.do('rule', 'remove', wall, *said)
            check(t.rows('rule', 'list', wall) == before, 'it was not removed, or another one')
            t.ask('rule', 'remove', wall, *said).want(NOT_FOUND)
        finally:
            for one in filter(None, (wall, peer)):
                t.do('firewall', 'delete', one)
    one_rule.__name__ = 'rule_' + word
    return one_rule


for _word, (_words, _wanted) in RULES.items():
    case(*LIVE)(rule_case(_word, _words, _wanted))


def bad_rule_case(word, words):
    @needs(*FIREWALL)
    def one_rule(t):
        wall = t.row('firewall', 'create', t.name('wall'))['id']
        try:
            t.ask('rule', 'add', wall, *words).want((FAILED, USAGE))
            check([r for r in t.rows('rule', 'list', wall) if r['direction'] == 'ingress'] == [], 'it was added all the same')
        finally:
            t.do('firewall', 'delete', wall)
    one_rule.__name__ = 'rule_that_cannot_be_' + word
    return one_rule


for _word, _words in BAD_RULES.items():
    case(*LIVE)(bad_rule_case(_word, _words))


@case(*LIVE)
@needs(*FIREWALL)
def firewall_delete_while_a_node_is_behind_it(t):
    wall = t.row('firewall', 'create', t.name('wall'))['id']
    try:
        with t.a_node('--firewall-ids', wall):
            t.ask('firewall', 'delete', wall).want(FAILED)
            check(len(t.rows('firewall', 'list', '--id', wall)) == 1, 'it was deleted all the same')
    finally:
        t.ask('firewall', 'delete', wall)


@case(*LIVE)
@needs(*FIREWALL)
def firewall_delete_of_what_is_not_there(t):
    t.ask('firewall', 'delete', 'sg-0123456789abcdef0').want((DONE, NOT_FOUND))


@case(*LIVE)
@needs(*FIREWALL)
def rule_list_of_what_is_not_there(t):
    t.ask('rule', 'list', 'sg-0123456789abcdef0').want(NOT_FOUND, 'sg-0123456789abcdef0')


@case(*LIVE)
@needs(*FIREWALL)
def rule_add_of_what_is_not_there(t):
    t.ask('rule', 'add', 'sg-0123456789abcdef0', '--port-from', '22', '--cidr', '192.0.2.0/24').want(NOT_FOUND, 'sg-0123456789abcdef0')


# --- networks ------------------------------------------------------------------------------------


@case(*LIVE)
@needs('network.list', 'subnet.list')
def networks(t):
    networks, subnets = t.rows('network', 'list'), t.rows('subnet', 'list')
    check(networks and subnets, f'{len(networks)} networks, {len(subnets)} subnets')
    check(all(n['cidrs'] for n in networks) and any(n['is_default'] for n in networks), f'{networks[:2]}')
    known = {n['id'] for n in networks}
    check(all(s['network_id'] in known and '/' in s['cidr'] for s in subnets), f'{subnets[:2]}')
    check(all(s['location_id'] in t.locations() for s in subnets), f'{subnets[:2]}')
    check(all(s['free_addresses'] is None or s['free_addresses'] > 0 for s in subnets), f'{subnets[:2]}')
    one = subnets[-1]
    check([s['id'] for s in t.rows('subnet', 'list', '--id', one['id'])] == [one['id']], 'subnets by id')
    check([n['id'] for n in t.rows('network', 'list', '--id', networks[0]['id'])] == [networks[0]['id']], 'networks by id')
    here = {s['id'] for s in t.rows('subnet', 'list', '--location', one['location_id'])}
    check(here == {s['id'] for s in subnets if s['location_id'] == one['location_id']}, 'subnets by location')
    check(t.rows('network', 'list', '--tag', 'no-such-tag=*') == [], 'networks by a tag that none has')


# --- tags ----------------------------------------------------------------------------------------


@case(*LIVE)
@needs('tag.set', 'tag.list', 'tag.remove', 'volume.create')
def tags(t):
    name = t.name('tagged')
    with t.a_volume('--tags', 'first=at creation', '--tags', 'empty=', '--tags', 'sign=a=b&c', name=name) as volume:
        # what a name and a token become is the cloud's business
        given = lambda tags: {n: v for n, v in tags.items() if n not in ('Name', 'neph-token')}
        listed = lambda: given({x['name']: x['value'] for x in t.rows('tag', 'list', volume['id'])})
        made = {'first': 'at creation', 'empty': '', 'sign': 'a=b&c'}
        check(listed() == made, f'{listed()}')
        check(given(t.row('volume', 'show', volume['id'])['tags']) == made, 'show tells others')
        t.do('tag', 'set', volume['id'], 'first', 'again')
        t.do('tag', 'set', volume['id'], 'ü + x/y', '日本語 <&>')
        check(listed().get('first') == 'again' and listed().get('ü + x/y') == '日本語 <&>', f'{listed()}')
        check(all(x['resource_id'] == volume['id'] for x in t.rows('tag', 'list', volume['id'])), 'of another resource')
        t.do('tag', 'remove', volume['id'], 'first')
        t.do('tag', 'remove', volume['id'], 'first')
        t.do('tag', 'remove', volume['id'], 'never-there')
        check('first' not in listed() and len(listed()) == 3, f'{listed()}')
        check(t.row('volume', 'show', volume['id'])['name'] == name, 'the name was lost')


@case(*LIVE)
@needs('tag.set', 'tag.list', 'tag.remove')
def tags_of_all_that_bears_them(t):
    name, node = t.name('tagged'), t.node()['id']
    address = t.row('address', 'allocate')['id']
    wall = t.row('firewall', 'create', name)['id']
    try:
        with t.a_volume() as volume:
            snapshot = t.row('snapshot', 'create', volume['id'], name, '--wait')['id']
            try:
                for one in (node, address, wall, volume['id'], snapshot):
                    t.do('tag', 'set', one, name, one)
                    check({x['name']: x['value'] for x in t.rows('tag', 'list', one)}.get(name) == one, f'{one} does not bear it')
                    t.do('tag', 'remove', one, name)
            finally:
                t.do('snapshot', 'delete', snapshot)
    finally:
        t.do('address', 'release', address)
        t.do('firewall', 'delete', wall)


@case(*LIVE)
@needs('tag.set')
def tags_of_what_is_not_there(t):
    t.ask('tag', 'set', 'i-0123456789abcdef0', 'name', 'value').want(NOT_FOUND, 'i-0123456789abcdef0')
