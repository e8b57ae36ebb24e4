"""compute_disk.py: cases of volumes, snapshots and images."""
from compute_target import *
from harness import *

VOLUME = [f'volume.{v}' for v in ('list', 'show', 'create', 'attach', 'detach', 'resize', 'delete')]
SNAPSHOT = [f'snapshot.{v}' for v in ('list', 'show', 'create', 'delete')]
GIB = 1 << 30


# --- volumes -------------------------------------------------------------------------------------


@case(*LIVE)
@needs(*VOLUME)
def volume_life(t):
    node = t.node()
    with t.a_volume() as volume:
        row = t.row('volume', 'show', volume['id'])
        check(row['state'] == 'available' and row['size_bytes'] == GIB and row['node_id'] is None, f'{row}')
        check(row['location_id'] == node['location_id'] and str(row['created']).startswith('20'), f'{row}')
        check([v for v in t.rows('volume', 'list') if v['id'] == row['id']] == [row], 'listed otherwise than shown')
        t.do('volume', 'attach', row['id'], node['id'], '--wait')
        row = t.row('volume', 'show', row['id'])
        check(row['state'] == 'in-use' and row['attachment_state'] == 'attached', f'{row}')
        check(row['node_id'] == node['id'] and row['device'], f'{row}')
        t.ask('volume', 'delete', row['id']).want(FAILED)
        t.do('volume', 'detach', row['id'])
        row = t.row('volume', 'show', row['id'])
        check(row['state'] == 'available' and row['node_id'] is None, f'detach is done, and it is {row}')
        t.ask('volume', 'detach', row['id']).want(FAILED)
        t.do('volume', 'delete', row['id'], '--wait')
        t.gone('volume', row['id'])
        t.ask('volume', 'delete', row['id']).want((DONE, NOT_FOUND))


@case('sim')
@needs(*VOLUME)
def volume_states(t):
    fast, node = t.neph, t.node()
    t.neph = fast.with_(delay_ms='400')
    try:
        row = t.row('volume', 'create', t.name(), '--size-bytes', gib(1), '--location-id', node['location_id'])
        check(row['state'] == 'creating', f'created as {row["state"]}')
        check(t.states('volume', row['id'], 'available') == ['creating', 'available'], 'other states')
        t.do('volume', 'attach', row['id'], node['id'])
        seen = t.states('volume', row['id'], 'in-use')
        check(seen in (['attaching', 'in-use'], ['in-use']), f'{seen}')
        t.do('volume', 'detach', row['id'])
        check(t.row('volume', 'show', row['id'])['state'] == 'available', 'detach did not wait')
        t.do('volume', 'delete', row['id'])
        check(t.states('volume', row['id'], 'deleted')[0] in ('deleting', None), 'other states')
    finally:
        t.neph = fast


@case(*LIVE)
@needs(*VOLUME)
def volume_detach_by_node(t):
    """A node named with detach must be the one that has it."""
    node = t.node()
    with t.a_node() as other, t.a_volume() as volume:
        t.do('volume', 'attach', volume['id'], node['id'], '--device', '/dev/sdh', '--wait')
        check(t.row('volume', 'show', volume['id'])['device'] == '/dev/sdh', 'another device')
        t.ask('volume', 'detach', volume['id'], '--node-id', other['id']).want((FAILED, NOT_FOUND))
        t.do('volume', 'detach', volume['id'], '--node-id', node['id'], '--force')
        check(t.row('volume', 'show', volume['id'])['state'] == 'available', 'still attached')


@case(*LIVE)
@needs(*VOLUME)
def volume_attach_of_what_is_attached(t):
    with t.a_node() as other, t.a_volume() as volume:
        t.do('volume', 'attach', volume['id'], t.node()['id'], '--wait')
        for node in (t.node()['id'], other['id']):
            t.ask('volume', 'attach', volume['id'], node).want(FAILED)
            check(t.row('volume', 'show', volume['id'])['node_id'] == t.node()['id'], 'another node has it now')
        t.do('volume', 'detach', volume['id'])


@case(*LIVE)
@needs(*VOLUME)
def volume_resize(t):
    with t.a_volume(size=2) as volume:
        t.do('volume', 'resize', volume['id'], gib(3))
        check(t.row('volume', 'show', volume['id'])['size_bytes'] == 3 * GIB, 'the size stayed')


@case(*LIVE)
@needs(*VOLUME)
def volume_resize_to_less(t):
    with t.a_volume(size=2) as volume:
        for size in (1, 2):
            t.ask('volume', 'resize', volume['id'], gib(size)).want((FAILED, USAGE))
        check(t.row('volume', 'show', volume['id'])['size_bytes'] == 2 * GIB, 'it became smaller')


@case(*LIVE)
@needs(*VOLUME)
def volume_across_locations(t):
    node = t.node()
    elsewhere = [x for x in t.locations() if x != node['location_id']][0]
    with t.a_volume(location=elsewhere) as volume:
        t.ask('volume', 'attach', volume['id'], node['id']).want(FAILED)
        check(t.row('volume', 'show', volume['id'])['state'] == 'available', 'it was attached all the same')


@case(*LIVE)
@needs(*VOLUME)
def volume_filters(t):
    name, node = t.name('disk'), t.node()
    elsewhere = [x for x in t.locations() if x != node['location_id']][0]
    with t.a_volume('--tags', f'{name}=1', name=name + '-a') as one, \
            t.a_volume('--tags', f'{name}=2', name=name + '-b', location=elsewhere) as two:
        t.do('volume', 'attach', one['id'], node['id'], '--wait')
        mine = ('--name', name + '*')
        for wanted, *options in (
                ({one['id']}, '--id', one['id']), ({one['id'], two['id']}, *mine), ({two['id']}, '--tag', f'{name}=2'),
                ({one['id'], two['id']}, '--tag', f'{name}=*'), ({one['id']}, *mine, '--state', 'in-use'),
                ({two['id']}, *mine, '--state', 'available'), ({two['id']}, *mine, '--location', elsewhere),
                (set(), *mine, '--state', 'creating'), (set(), '--id', one['id'], '--location', elsewhere)):
            got = {v['id'] for v in t.rows('volume', 'list', *options)}
            check(got == wanted, f'{" ".join(options)}: {got}, wanted {wanted}')
        check(len(t.rows('volume', 'list', *mine, '--limit', '1')) == 1, 'by limit')
        t.do('volume', 'detach', one['id'])


@case(*LIVE)
@needs('volume.create', 'volume.resize')
def volume_sizes_with_units(t):
    row = t.row('volume', 'create', t.name('units'), '--size-bytes', '2GiB', '--location-id', t.node()['location_id'], '--wait')
    try:
        check(row['size_bytes'] == 2 * GIB, f'{row}')
        t.do('volume', 'resize', row['id'], '3GiB')
        check(t.row('volume', 'show', row['id'])['size_bytes'] == 3 * GIB, 'another size')
        for size in ('2XB', 'GiB', '-1GiB', '1e3', '99999999999TiB'):
            t.silently(USAGE, 'size_bytes', 'volume', 'create', t.name(), '--size-bytes', size)
    finally:
        t.do('volume', 'delete', row['id'])


@case(*LIVE)
@needs('volume.create')
def volume_options(t):
    kind = 'io1' if t.profile == 'moto' else None
    options = ('--is-encrypted', *(('--type', kind, '--iops', '150') if kind else ()))
    with t.a_volume(*options, size=10) as volume:
        row = t.row('volume', 'show', volume['id'])
        check(row['is_encrypted'] is True and row['size_bytes'] == 10 * GIB, f'{row}')
        check(not kind or (row['type'] == kind and row['iops'] == 150), f'{row}')


# --- snapshots -----------------------------------------------------------------------------------


@case(*LIVE)
@needs(*SNAPSHOT, 'volume.create')
def snapshot_life(t):
    name, place = t.name('snapshot'), t.node()['location_id']
    with t.a_volume(size=2) as volume:
        row = t.row('snapshot', 'create', volume['id'], name, '--description', 'of a test & more', '--tags', f'{name}=1', '--wait')
        check(row['state'] == 'completed', f'created with --wait and is {row["state"]}')
        try:
            row = t.row('snapshot', 'show', row['id'])
            check(row['volume_id'] == volume['id'] and row['size_bytes'] == 2 * GIB and row['name'] == name, f'{row}')
            check(row['description'] == 'of a test & more' and row['progress_percent'] in (100, None), f'{row}')
            check(str(row['created']).startswith('20') and row['tags'].get(name) == '1', f'{row}')
            for wanted, *options in ((1, '--id', row['id']), (1, '--name', name), (1, '--tag', f'{name}=1'), (0, '--tag', f'{name}=2'),
                                     (1, '--name', name, '--state', 'completed'), (0, '--name', name, '--state', 'pending')):
                check(len(t.rows('snapshot', 'list', *options)) == wanted, f'{" ".join(options)}: not {wanted}')
            with t.a_volume('--snapshot-id', row['id'], size=None, location=place) as filled:
                shown = t.row('volume', 'show', filled['id'])
                check(shown['size_bytes'] == 2 * GIB and shown['snapshot_id'] == row['id'], f'{shown}')
            with t.a_volume('--snapshot-id', row['id'], size=3, location=place) as filled:
                check(t.row('volume', 'show', filled['id'])['size_bytes'] == 3 * GIB, 'the size asked for was not taken')
        finally:
            ended = t.ask('snapshot', 'delete', row['id'])
    ended.want(DONE)
    t.gone('snapshot', row['id'])
    t.ask('snapshot', 'delete', row['id']).want((DONE, NOT_FOUND))


@case('sim')
@needs(*SNAPSHOT)
def snapshot_states(t):
    with t.a_volume() as volume:
        slow = t.neph.with_(delay_ms='400')
        row = t.row('snapshot', 'create', volume['id'], t.name(), neph=slow)
        check(row['state'] == 'pending', f'created as {row["state"]}')
        check(t.states('snapshot', row['id'], 'completed') == ['pending', 'completed'], 'other states')
        t.do('snapshot', 'delete', row['id'])


@case(*LIVE)
@needs('volume.create')
def volume_from_a_snapshot_that_is_not_there(t):
    t.ask('volume', 'create', t.name(), '--location-id', t.locations()[0], '--snapshot-id', t.missing('snapshot')).want(NOT_FOUND, 'snap')


@case(*LIVE)
@needs('volume.create')
def volume_of_no_size(t):
    t.ask('volume', 'create', t.name(), '--location-id', t.locations()[0]).want((USAGE, FAILED))
    t.ask('volume', 'create', t.name(), '--location-id', t.locations()[0], '--size-bytes', '0').want((USAGE, FAILED))


# --- images --------------------------------------------------------------------------------------


@case()
@needs('image.list')
def images(t):
    few = t.rows('image', 'list', '--limit', '3')
    check(1 <= len(few) <= 3 and all(i['id'] for i in few), f'{few}')
    one = few[-1]
    check([i['id'] for i in t.rows('image', 'list', '--id', one['id'])] == [one['id']], 'by id')
    if one['name']:
        check(one['id'] in [i['id'] for i in t.rows('image', 'list', '--name', one['name'][:4] + '*')], 'by a pattern')
    check(t.rows('image', 'list', '--name', 'no-such-image-*') == [], 'by a name that none has')


@case()
@needs('image.show')
def image_show(t):
    row = t.row('image', 'show', t.image())
    check(row['id'] == t.image() and row['state'] in ('available', None, 'unknown'), f'{row}')


@case(*LIVE)
@needs('image.list', 'image.show', 'image.create', 'image.delete')
def image_life(t):
    name = t.name('image')
    row = t.row('image', 'create', t.node()['id'], name, '--description', 'of a test', '--tags', f'{name}=1', '--wait')
    check(row['state'] == 'available', f'created with --wait and is {row["state"]}')
    try:
        shown = t.row('image', 'show', row['id'])
        check(shown['name'] == name and shown['description'] == 'of a test' and shown['is_public'] is False, f'{shown}')
        check(shown['tags'].get(name) == '1', f'{shown}')
        for wanted, *options in ((1, '--name', name), (1, '--tag', f'{name}=1'), (1, '--name', name, '--state', 'available'),
                                 (0, '--name', name, '--state', 'pending'), (1, '--id', row['id'])):
            check(len(t.rows('image', 'list', *options)) == wanted, f'{" ".join(options)}: not {wanted}')
        if t.takes('image.list', '--owner'):
            own = {i['id'] for i in t.rows('image', 'list', '--owner', 'self')}
            check(row['id'] in own and t.image() not in own, 'owner self')
            check(t.rows('image', 'list', '--name', name, '--owner', '000000000000') == [], 'another owner')
        with t.a_node(image=row['id']) as node:
            check(t.row('node', 'show', node['id'])['image_id'] == row['id'], 'another image')
        t.ask('image', 'create', t.node()['id'], name).want((FAILED, DONE))
    finally:
        for image in t.rows('image', 'list', '--name', name):
            t.do('image', 'delete', image['id'])
    t.gone('image', row['id'])
    t.do('node', 'show', t.node()['id'])
