"""compute_node.py: cases of sizes, locations and nodes."""
import base64, json, signal, time

from compute_target import *
from harness import *

LIFE = [f'node.{v}' for v in ('list', 'show', 'create', 'destroy', 'start', 'stop', 'reboot', 'rename', 'resize', 'console')]


# --- sizes and locations -------------------------------------------------------------------------


@case()
@needs('size.list')
def sizes(t):
    sizes = t.sizes()
    check(sizes and all(s['id'] for s in sizes), f'{sizes[:2]}')
    check(len({s['id'] for s in sizes}) == len(sizes), 'an id stands twice')
    check(all(s['price'] is None or float(s['price']) > 0 for s in sizes), 'a price is 0 where it is not known')
    check(all((s['price'] is None) == (s['currency'] is None) for s in sizes), 'a price without a currency, or one without a price')
    check(t.size() in [s['id'] for s in sizes], f'{t.size()} is not among them')


@case()
@needs('size.list')
def sizes_tell_what_they_are(t):
    for s in t.sizes():
        check(s['cpus'] and float(s['cpus']) > 0 and s['ram_bytes'] and s['ram_bytes'] >= 1 << 26, f'{s}')


@case()
@needs('size.list')
def size_filters(t):
    sizes = t.sizes()
    one = sizes[-1]['id']
    check([s['id'] for s in t.rows('size', 'list', '--id', one)] == [one], 'by one id')
    two = {s['id'] for s in t.rows('size', 'list', '--id', one, '--id', sizes[0]['id'])}
    check(two == {one, sizes[0]['id']}, f'by two ids: {two}')
    check(len(t.rows('size', 'list', '--limit', '2')) == min(2, len(sizes)), 'by limit')
    check(t.rows('size', 'list', '--name', 'no-such-size-*') == [], 'by a name that none has')
    check(len(t.rows('size', 'list', '--name', '*')) == len([s for s in sizes if s['name']]), 'by any name')


@case()
@needs('location.list')
def locations(t):
    places = t.rows('location', 'list')
    check(places and all(x['id'] for x in places), f'{places}')
    check(len(t.rows('location', 'list', '--limit', '1')) == 1, 'by limit')
    check([x['id'] for x in t.rows('location', 'list', '--id', places[-1]['id'])] == [places[-1]['id']], 'by id')
    check(t.rows('location', 'list', '--id', 'nowhere-7x') == [], 'by an id that none has')


# --- the life of a node --------------------------------------------------------------------------


@case(*LIVE)
@needs(*LIFE)
def node_life(t):
    name, other = t.name(), t.name('renamed')
    row = t.create(name=name)
    node = row['id']
    try:
        shown = t.row('node', 'show', node)
        check(shown['name'] == name and shown['state'] == 'running', f'{shown}')
        check(shown['size_id'] == t.size() and shown['image_id'] == t.image(), f'{shown}')
        check(str(shown['created']).startswith('20') and shown['location_id'], f'{shown}')
        check(shown['private_ips'] or shown['public_ips'], f'no address: {shown}')
        listed = [n for n in t.rows('node', 'list') if n['id'] == node]
        check(listed == [shown], f'listed as {listed}, shown as {shown}')
        t.do('node', 'rename', node, other)
        check(t.row('node', 'show', node)['name'] == other, 'the name stayed')
        t.do('node', 'stop', node, '--wait')
        check(t.row('node', 'show', node)['state'] == 'stopped', 'not stopped after --wait')
        t.do('node', 'stop', node)
        t.do('node', 'resize', node, t.size(1))
        check(t.row('node', 'show', node)['size_id'] == t.size(1), 'the size stayed')
        t.do('node', 'start', node, '--wait')
        check(t.row('node', 'show', node)['state'] == 'running', 'not running after --wait')
        t.do('node', 'start', node)
        t.do('node', 'reboot', node, '--wait')
        check(t.row('node', 'show', node)['state'] == 'running', 'not running after a reboot')
        console = t.row('node', 'console', node)
        check(console['node_id'] == node and (console['output'] is not None or console['url']), f'{console}')
    finally:
        ended = t.ask('node', 'destroy', node, '--wait')
    ended.want(DONE)
    t.gone('node', node)
    t.ask('node', 'destroy', node).want((DONE, NOT_FOUND))


@case('sim')
@needs(*LIFE)
def node_states(t):
    """All states between are seen by who does not wait."""
    slow = t.neph.with_(delay_ms='400')
    fast, t.neph = t.neph, slow
    try:
        row = t.row('node', 'create', t.name(), t.image(), t.size())
        check(row['state'] == 'pending', f'created as {row["state"]}')
        steps = [('pending', 'running')]
        seen = [t.states('node', row['id'], 'running')]
        for verb, last in (('stop', 'stopped'), ('start', 'running'), ('reboot', 'running'), ('destroy', 'terminated')):
            t.do('node', verb, row['id'])
            seen.append(t.states('node', row['id'], last))
        steps = [s[0] for s in seen]
        check(steps[:4] == ['pending', 'stopping', 'pending', 'rebooting'], f'{seen}')
        check(seen[4][-1] in ('terminated', None), f'{seen}')
    finally:
        t.neph = fast


@case(*LIVE)
@needs('node.create', 'node.resize')
def node_resize_while_it_runs(t):
    """It does so, or is a conflict: never another size than the one that is shown."""
    with t.a_node() as node:
        result = t.ask('node', 'resize', node['id'], t.size(1)).want((DONE, FAILED))
        shown = t.row('node', 'show', node['id'])['size_id']
        check(shown == t.size(1 if result.status == DONE else 0), f'{result}; the size is {shown}')


@case('sim', 'moto')
@needs('node.create', 'node.list')
def node_filters(t):
    tag = t.name('tag')
    with t.a_node('--tags', f'{tag}=a b', '--tags', 'colour=blue', name=tag + '-web1') as one, \
            t.a_node('--tags', f'{tag}=', name=tag + '-web2') as two:
        t.do('node', 'stop', two['id'], '--wait')
        place = one['location_id'] or t.row('node', 'show', one['id'])['location_id']
        both, first, second = {one['id'], two['id']}, {one['id']}, {two['id']}
        for wanted, *options in (
                (first, '--id', one['id']), (both, '--id', one['id'], '--id', two['id']),
                (first, '--name', tag + '-web1'), (both, '--name', tag + '-web?'), (both, '--name', f'*{tag}*'),
                (set(), '--name', tag + '-w'), (set(), '--name', tag + '-web1?'), (set(), '--name', tag.upper() + '-WEB1'),
                (first, '--tag', f'{tag}=a b'), (both, '--tag', f'{tag}=*'), (second, '--tag', f'{tag}='),
                (first, '--tag', f'{tag}=*', '--tag', 'colour=blue'), (set(), '--tag', f'{tag}=*', '--tag', 'colour=red'),
                (first, '--name', tag + '*', '--state', 'running'), (second, '--name', tag + '*', '--state', 'stopped'),
                (set(), '--name', tag + '*', '--state', 'pending'),
                (both, '--name', tag + '*', '--location', place), (set(), '--name', tag + '*', '--location', 'nowhere-7x'),
                (second, '--id', two['id'], '--tag', f'{tag}=*', '--state', 'stopped', '--name', '*web*'),
                (set(), '--id', one['id'], '--state', 'stopped')):
            got = {n['id'] for n in t.rows('node', 'list', *options)}
            check(got == wanted, f'{" ".join(options)}: {len(got)} nodes, wanted {len(wanted)}')
        check(len(t.rows('node', 'list', '--name', tag + '*', '--limit', '1')) == 1, 'by limit')


@case()
@needs('node.list')
def node_filters_of_what_is_there(t):
    """What a cloud cannot filter by, the host does."""
    if t.profile in LIVE:
        t.node()
    node = t.rows('node', 'list', '--limit', '1')[0]
    by_id, by_state = ('--id', node['id']), ('--state', node['state'])
    by_name = ('--name', node['name']) if node['name'] else ()  # not everything has one
    for options in (by_id, by_state, by_name, by_id + by_state, by_id + by_name):
        check(node['id'] in [n['id'] for n in t.rows('node', 'list', *options)], f'{" ".join(options)}: it is not there')
    other = 'stopped' if node['state'] != 'stopped' else 'running'
    for options in (('--name', 'no-such-name'), ('--id', node['id'], '--state', other), ('--id', 'i-0123456789abcdef0')):
        check(t.rows('node', 'list', *options) == [], f'{" ".join(options)}: something is there')


@case()
@needs('node.list')
def node_filters_that_cannot_be(t):
    t.silently(USAGE, 'state', 'node', 'list', '--state', 'sleeping')
    t.silently(USAGE, 'limit', 'node', 'list', '--limit', '-1')


# --- waiting -------------------------------------------------------------------------------------


@case()
@needs('node.create')
def a_wait_that_is_over_names_the_state(t):
    """A clear time-out: the state seen last, and the id of what was made."""
    name, began = t.name(), time.monotonic()
    with t.slow() as neph:
        result = t.ask('node', 'create', name, t.image(), t.size(), *t.create_options, '--wait', '--wait-seconds', '1', neph=neph)
    result.want(FAILED, 'pending')
    check(time.monotonic() - began < 10, f'it took {time.monotonic() - began:.0f} s')
    if t.profile in LIVE:
        made = t.rows('node', 'list', '--name', name)
        check(len(made) == 1 and made[0]['id'] in result.err, f'{result}; it made {[n["id"] for n in made]}')
        t.ask('node', 'destroy', made[0]['id'])


@case('sim')
@needs('node.stop', 'volume.create')
def other_waits_that_are_over(t):
    slow = t.neph.with_(delay_ms='60000')
    with t.a_node() as node:
        t.ask('node', 'stop', node['id'], '--wait', '--wait-seconds', '1', neph=slow).want(FAILED, 'stopping')
    t.ask('volume', 'create', t.name(), '--size-bytes', gib(1), '--location-id', t.locations()[0], '--wait', '--wait-seconds', '1',
          neph=slow).want(FAILED, 'creating')


@case(*LIVE)
@needs('node.create')
def waiting_can_be_interrupted(t):
    name = t.name()
    with t.slow() as neph:
        process = neph.start('-c', t.cloud, 'node', 'create', name, t.image(), t.size(), '--wait')
        try:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)
        finally:
            process.kill()
    check(process.returncode == INTERRUPTED, f'status {process.returncode}: {err!r}')
    made = t.rows('node', 'list', '--name', name)
    check(len(made) == 1 and made[0]['id'].encode() in err, f'{err!r}; it does not name what it made, {[n["id"] for n in made]}')
    t.ask('node', 'destroy', made[0]['id'])


# --- what a node is made with --------------------------------------------------------------------


def user_data_of(t, node):
    """As the cloud holds it; sim tells it in its state file alone."""
    if t.peer:
        return base64.b64decode(t.peer.user_data(node) or '')
    with open(t.neph.settings['state'], 'rb') as f:
        return f.read()


def holds(t, node, data):
    held = user_data_of(t, node)
    return held == data if t.peer else base64.b64encode(data) in held or data in held


@case(*LIVE)
@needs('node.create')
def user_data(t):
    text, raw = '#!/bin/sh\necho "ü + & = %41"\n', bytes(range(256)) * 4
    for data, option in ((text.encode(), ('--user-data', text)), (b'from a file\n\n', ('--user-data', '@' + t.write('ud', b'from a file\n\n'))),
                         (raw, ('--user-data-base64', base64.b64encode(raw).decode()))):
        with t.a_node(*option) as node:
            check(holds(t, node['id'], data), f'{option[0]} {option[1][:20]!r}: the cloud holds {user_data_of(t, node["id"])[:60]!r}')


@case(*LIVE)
@needs('node.create')
def user_data_that_cannot_be(t):
    name = t.name()
    args = ('node', 'create', name, t.image(), t.size())
    t.silently((USAGE, FAILED), '16384', *args, '--user-data', '@' + t.write('large', b'x' * 16385))
    t.silently((USAGE, FAILED), '16384', *args, '--user-data', 'x' * 16385)
    t.silently((USAGE, FAILED), '16384', *args, '--user-data-base64', base64.b64encode(b'x' * 16385).decode())
    t.silently((USAGE, FAILED), 'user_data_base64', *args, '--user-data-base64', 'no base64!')
    t.silently((USAGE, FAILED, NOT_FOUND), 'no-such-file', *args, '--user-data', '@' + t.path('no-such-file'))
    t.silently((USAGE, FAILED), 'not both', *args, '--user-data', 'x', '--user-data-base64', 'eA==')
    check(t.rows('node', 'list', '--name', name) == [], 'a node was made all the same')


@case(*LIVE)
@needs('node.create')
def user_data_up_to_the_limit(t):
    for data in (b'y' * 16384, b'no\0text \xff\n'):
        with t.a_node('--user-data', '@' + t.write('data', data)) as node:
            check(holds(t, node['id'], data), f'the cloud holds other bytes than {data[:20]}')


@case(*LIVE)
@needs('node.create', 'key.import', 'firewall.create', 'subnet.list')
def node_with_all_that_it_can_be_given(t):
    key, wall, place = t.name('key'), t.name('wall'), t.locations()[-1]
    t.do('key', 'import', key, PUBLIC_KEY)
    subnets = t.rows('subnet', 'list', '--location', place)
    network = subnets[0]['network_id']
    firewall = t.row('firewall', 'create', wall, '--description', 'of a test', '--network-id', network)['id']
    try:
        with t.a_node('--key-name', key, '--firewall-ids', firewall, '--location-id', place, '--subnet-id', subnets[0]['id']) as node:
            row = t.row('node', 'show', node['id'])
            check(row['key_name'] == key and row['firewall_ids'] == [firewall] and row['location_id'] == place, f'{row}')
            check(row['subnet_id'] == subnets[0]['id'] and row['network_id'] == network, f'{row}')
    finally:
        t.do('key', 'delete', key)
        t.do('firewall', 'delete', firewall)


def twice(t):
    name, token = t.name(), t.name('token')
    args = ('node', 'create', name, t.image(), t.size(), '--token', token)
    first, second = t.row(*args), t.row(*args)
    check(first['id'] == second['id'], f'{first["id"]}, then {second["id"]}')
    check(len(t.rows('node', 'list', '--name', name)) == 1, 'there are two')
    t.do('node', 'destroy', first['id'])


@case(*LIVE)
@needs('node.create')
def a_token_makes_nothing_twice(t):
    twice(t)


@case('moto')
@needs('node.create')
def a_token_that_the_cloud_ignores_makes_nothing_twice(t):
    with t.rules({'action': 'RunInstances', 'do': 'forward', 'forget': True}):
        twice(t)


# --- many at once --------------------------------------------------------------------------------


@case(*LIVE)
@needs('node.create', 'node.destroy')
def several_at_once(t):
    name = t.name('many')
    rows = t.rows('node', 'create', name, t.image(), t.size(), '--count', '3', '--wait')
    ids = [r['id'] for r in rows]
    check(len(set(ids)) == 3 and all(r['state'] == 'running' for r in rows), f'{rows}')
    check(len(t.rows('node', 'list', '--name', name + '*')) == 3, 'the names differ from the one asked for')
    t.do('node', 'stop', *ids, '--wait')
    check({t.row('node', 'show', i)['state'] for i in ids} == {'stopped'}, 'not all are stopped')
    result = t.ask('node', 'destroy', ids[0], 'i-0123456789abcdef0', *ids[1:], '--wait')
    check(result.status == FAILED, f'{result}; wanted status 1, since one failed')
    check('i-0123456789abcdef0' in result.err and ids[0] not in result.err.split('i-0123456789abcdef0')[0],
          f'{result}; the message does not tell which one failed')
    for i in ids:
        t.gone('node', i)


@case(*LIVE)
@needs('node.create', 'size.list')
def the_cheapest_size_that_fits(t):
    glob = 'ubuntu*' if t.profile == 'moto' else '*'
    name = t.name()
    result = t.ask('node', 'create', name, '--image-name', glob, '--min-cpu', '2', '--min-ram', '2GiB', '--wait', '-o', 'jsonl').want(DONE)
    row = json.loads(result.out)
    t.do('node', 'destroy', row['id'])
    kind = t.row('image', 'show', row['image_id'])['architecture']
    fit = [s for s in t.sizes() if float(s['cpus'] or 0) >= 2 and int(s['ram_bytes'] or 0) >= 2 << 30 and s['price'] is not None and
           (kind is None or not s['architectures'] or kind in s['architectures'])]
    check(fit, f'no size for {kind} has a price')
    chosen = [s for s in fit if s['id'] == row['size_id']]
    cheapest = min(float(s['price']) for s in fit)
    check(chosen and float(chosen[0]['price']) == cheapest, f'it took {row["size_id"]} for {kind}, {chosen}; the cheapest costs {cheapest}')
    check(row['size_id'] in result.err, f'{result}; it does not say which size it took')
    for options, words in ((('--max-price', '0.000001', '--image-name', glob), 'fits'), (('--min-cpu', '100000', '--image-name', glob), 'fits'),
                           (('--min-ram', '1GiB', '--image-name', 'no-such-image-*'), 'no-such-image-*')):
        result = t.ask('node', 'create', name + '-none', *options)  # it may have told the size before
        check(result.status in (FAILED, NOT_FOUND) and words in result.err.strip().split('\n')[-1], f'{result}; wanted "{words}"')
    check(t.rows('node', 'list', '--name', name + '-none') == [], 'a node was made all the same')
