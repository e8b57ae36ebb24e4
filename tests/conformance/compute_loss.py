"""compute_loss.py: replies that are lost, clouds that are slow to agree, throttling: nothing is made twice.

On moto the proxy forwards a create and closes the connection without the reply; what there is then is counted on moto."""
import datetime, json, os, signal, time

from compute_target import *
from harness import *

LOST = {  # operation: (Action, words before the name, words after it)
    'node.create': ('RunInstances', ['node', 'create'], lambda t: [t.image(), t.size()]),
    'volume.create': ('CreateVolume', ['volume', 'create'], lambda t: ['--size-bytes', gib(1), '--location-id', t.node()['location_id']]),
    'snapshot.create': ('CreateSnapshot', ['snapshot', 'create'], lambda t: []),
    'address.allocate': ('AllocateAddress', ['address', 'allocate', '--name'], lambda t: []),
    'image.create': ('CreateImage', ['image', 'create'], lambda t: []),
    'key.import': ('ImportKeyPair', ['key', 'import'], lambda t: [PUBLIC_KEY]),
    'firewall.create': ('CreateSecurityGroup', ['firewall', 'create'], lambda t: ['--description', 'of a test']),
}


def count(t, operation, name):
    """How many there are on the server."""
    if operation == 'node.create':
        return t.peer.nodes(name)
    if operation == 'firewall.create':
        return t.peer.texts('.//securityGroupInfo/item/groupId', 'DescribeSecurityGroups', Filter_1_Name='group-name', Filter_1_Value_1=name)
    if operation == 'image.create':
        return t.peer.texts('.//imagesSet/item/imageId', 'DescribeImages', Filter_1_Name='name', Filter_1_Value_1=name)
    if operation == 'key.import':
        return t.peer.texts('.//keySet/item/keyName', 'DescribeKeyPairs', Filter_1_Name='key-name', Filter_1_Value_1=name)
    return t.peer.named(operation.split('.')[0], name)


def create_words(t, operation, name, volume):
    action, words, more = LOST[operation]
    if operation == 'snapshot.create':
        words = words + [volume['id']]
    if operation == 'image.create':
        words = words + [t.node()['id']]
    return action, [*words, name, *more(t)]


def lost(t, operation, times=1, **rule):
    """Creates while replies are lost; the row and what there is."""
    name = t.name('lost')
    with t.a_volume() as volume:
        action, words = create_words(t, operation, name, volume)
        t.asked()
        with t.rules({'action': action, 'times': times, **rule}):
            result = t.ask(*words, '-o', 'jsonl')
        asked = [a for a in t.asked() if a['action'] == action]
        try:
            there = count(t, operation, name)
            check(any(a['do'] == rule['do'] for a in asked), 'no reply was lost')
            return result, there, asked
        finally:
            for one in count(t, operation, name):
                t.ask(operation.split('.')[0], {'node': 'destroy', 'address': 'release'}.get(operation.split('.')[0], 'delete'), one)


def lost_case(operation, word, rule):
    @needs(operation)
    def one_is_made(t):
        """Whatever was lost, it is made once, and told."""
        result, there, asked = lost(t, operation, **rule)
        check(len(there) == 1, f'{result}; there are {len(there)}, it was asked {len(asked)} times')
        result.want(DONE)
        row = json.loads(result.out)
        shown = row['name' if operation == 'key.import' else 'id']
        check(shown == there[0], f'it shows {shown}, there is {there[0]}')
    one_is_made.__name__ = f'{operation.replace(".", "_")}_with_a_lost_{word}'
    return one_is_made


for _operation in LOST:
    for _word, _rule in (('reply', {'do': 'swallow'}), ('reply_and_no_memory', {'do': 'swallow', 'forget': True}), ('request', {'do': 'drop'})):
        case('moto')(lost_case(_operation, _word, _rule))


@case('moto')
@needs('key.create')
def key_create_with_a_lost_reply(t):
    """Its private key is lost with it, so there is no other end than to say what may exist, and since when."""
    name = t.name('lost')
    t.asked()
    with t.rules({'action': 'CreateKeyPair', 'times': 1, 'do': 'swallow'}):
        result = t.ask('key', 'create', name)
    asked = [a for a in t.asked() if a['action'] == 'CreateKeyPair']
    result.want(FAILED, 'may exist')
    check(name in result.err and str(datetime.datetime.now(datetime.timezone.utc).year) in result.err, f'{result}; without name or time')
    check(len(asked) == 1, f'it was asked {len(asked)} times')
    check(t.peer.texts('.//keySet/item/keyName', 'DescribeKeyPairs').count(name) == 1, 'there is not one')
    t.do('key', 'delete', name)


@case('moto')
@needs('node.create')
def many_lost_replies(t):
    """Whatever comes of it, there is one at most, and what there is is named."""
    result, there, _ = lost(t, 'node.create', times=50, do='swallow', forget=True)
    check(len(there) <= 1, f'{result}; there are {len(there)}')
    if result.status != DONE:
        result.want(FAILED)
        check(not there or there[0] in result.err or 'may exist' in result.err, f'{result}; there is {there}')


@case('moto')
@needs('node.create', 'node.show')
def not_known_everywhere_yet(t):
    """NotFound twice before the truth, after a create: waited out."""
    with t.rules({'action': 'DescribeInstances', 'times': 2, 'do': 'error', 'status': 400, 'code': 'InvalidInstanceID.NotFound'}):
        row = t.row('node', 'create', t.name(), t.image(), t.size(), '--wait')
    check(row['state'] == 'running', f'{row}')
    t.do('node', 'destroy', row['id'])


@case('moto')
@needs('volume.create')
def a_volume_not_known_everywhere_yet(t):
    t.node()
    with t.rules({'action': 'DescribeVolumes', 'times': 2, 'do': 'error', 'status': 400, 'code': 'InvalidVolume.NotFound'}):
        with t.a_volume() as volume:
            check(volume['state'] == 'available', f'{volume}')


@case('moto')
@needs('node.show')
def not_found_is_not_waited_out_without_a_create(t):
    began = time.monotonic()
    t.ask('node', 'show', 'i-0123456789abcdef0').want(NOT_FOUND)
    check(time.monotonic() - began < 5, f'it took {time.monotonic() - began:.0f} s')


@case('moto')
@needs('node.list', 'node.create')
def throttling_is_backed_off(t):
    name = t.name()
    for action, words in (('DescribeInstances', ('node', 'list')), ('RunInstances', ('node', 'create', name, t.image(), t.size()))):
        t.asked()
        with t.rules({'action': action, 'times': 2, 'do': 'error', 'status': 503, 'code': 'RequestLimitExceeded'}):
            t.ask(*words).want(DONE)
        asked = [a for a in t.asked() if a['action'] == action]
        check(len(asked) == 3, f'{action} was asked {len(asked)} times')
    there = t.peer.nodes(name)
    check(len(there) == 1, f'there are {len(there)}')
    t.do('node', 'destroy', there[0])


@case('moto')
@needs('node.list')
def throttling_without_end(t):
    with t.rules({'action': 'DescribeInstances', 'do': 'error', 'status': 503, 'code': 'RequestLimitExceeded'}):
        t.asked()
        t.ask('--retries', '2', 'node', 'list').want(FAILED, 'RequestLimitExceeded')
        check(len(t.asked()) == 3, 'not three attempts')


@case('moto')
@needs('node.list')
def clock_skew(t):
    library = next((p for p in ('/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/'
                                'libfaketime.so.1') if os.path.exists(p)), None)
    check(library, 'libfaketime is not installed')
    for ahead in ('+3600', '-3600'):
        late = t.neph.with_({'LD_PRELOAD': library, 'FAKETIME': ahead, 'DONT_FAKE_MONOTONIC': '1'})
        t.asked()
        t.ask('node', 'list', neph=late).want(DONE)
        check([a['do'] for a in t.asked()] == ['refuse', 'forward'], 'the clock was not learnt at once')


@case('moto')
@needs('node.list')
def pages(t):
    """All of them, to the end, whatever filters leave of each; the proxy has the server make them small."""
    name = t.name('page')
    ids = {t.peer.ask('RunInstances', ImageId=t.image(), InstanceType=t.size(), MinCount='1', MaxCount='1',
                      TagSpecification_1_ResourceType='instance', TagSpecification_1_Tag_1_Key='Name',
                      TagSpecification_1_Tag_1_Value=f'{name}-{i % 3}').findtext('.//instanceId') for i in range(13)}
    try:
        with t.rules({'action': 'DescribeInstances', 'do': 'change', 'form': {'MaxResults': '5'}}):
            t.asked()
            rows = t.rows('node', 'list')
            check(ids <= {n['id'] for n in rows} and len({n['id'] for n in rows}) == len(rows), 'not all of them, or one twice')
            asked = t.asked()
            check(len(asked) >= 3 and all('MaxResults' in a['form'] for a in asked), f'{len(asked)} pages: {asked[0]["form"]}')
            check(len(t.rows('node', 'list', '--limit', '7')) == 7, 'a limit across pages')
            check(len(t.rows('node', 'list', '--name', name + '-?', '--limit', '11')) == 11, 'a limit across pages with a filter')
    finally:
        t.peer.ask('TerminateInstances', **{f'InstanceId_{n}': i for n, i in enumerate(sorted(ids), 1)})


@case('moto')
def nothing_unknown_was_asked(t):
    """Every request was one that the server behind or the proxy takes, but for what fails on purpose."""
    with open(t.server.log, encoding='utf-8') as f:
        odd = [line for line in map(json.loads, f) if line['do'] == 'refuse' and line['status'] == 400 and 'Expired' not in line['why']]
    check(not odd, f'{odd[:3]}')


# --- sim: failures to order -----------------------------------------------------------------------


@case('sim')
def failures_to_order_are_the_same_each_time(t):
    outcomes = []
    for _ in range(2):
        neph = t.fresh(fail='create:0.5', seed='7')
        outcomes.append([t.ask('--retries', '0', 'node', 'create', f'n{i}', t.image(), t.size(), neph=neph).status for i in range(16)])
        made = t.rows('node', 'list', neph=neph)
        check(len(made) == outcomes[-1].count(DONE), f'{len(made)} were made, {outcomes[-1].count(DONE)} succeeded')
    check(outcomes[0] == outcomes[1], f'{outcomes}')
    check({DONE, FAILED} == set(outcomes[0]), f'{outcomes[0]}')
    other = t.fresh(fail='create:0.5', seed='8')
    third = [t.ask('--retries', '0', 'node', 'create', f'n{i}', t.image(), t.size(), neph=other).status for i in range(16)]
    check(third != outcomes[0], 'another seed fails the same')


@case('sim')
def failures_to_order_are_one_line(t):
    neph = t.fresh(fail='create:1')
    t.ask('--retries', '0', 'node', 'create', 'n', t.image(), t.size(), neph=neph).want(FAILED)
    t.ask('--retries', '0', 'volume', 'create', 'v', '--size-bytes', gib(1), '--location-id', t.locations()[0], neph=neph).want(FAILED)
    check(t.rows('node', 'list', neph=neph) == [], 'it was made all the same')


@case('sim')
def eventual_consistency(t):
    """What was made is not listed for a while; whoever waits for it gets it."""
    neph = t.fresh(consistency_ms='500')
    row = t.row('node', 'create', 'late', t.image(), t.size(), neph=neph)
    check(t.rows('node', 'list', neph=neph) == [], 'it is listed at once')
    t.ask('node', 'show', row['id'], neph=neph).want(NOT_FOUND)
    time.sleep(0.6)
    check(len(t.rows('node', 'list', neph=neph)) == 1, 'it is never listed')
    check(t.row('node', 'create', 'later', t.image(), t.size(), '--wait', neph=neph)['state'] == 'running', 'it was not waited out')


@case('sim')
def throttling(t):
    neph = t.fresh(throttle='2')
    results = [t.ask('--retries', '0', 'node', 'list', neph=neph) for _ in range(8)]
    check(any(r.status == FAILED for r in results) and results[0].status == DONE, f'{[r.status for r in results]}')
    for _ in range(4):
        t.ask('node', 'list', neph=neph).want(DONE)


@case('sim')
def many_at_the_same_time(t):
    """Twelve commands on one file: nothing is lost."""
    neph = t.fresh()
    started = [neph.start('-c', t.cloud, 'node', 'create', f'n{i}', t.image(), t.size()) for i in range(12)]
    for process in started:
        _, err = process.communicate(timeout=60)
        check(process.returncode == DONE, f'status {process.returncode}: {err!r}')
    rows = t.rows('node', 'list', neph=neph)
    check({r['name'] for r in rows} == {f'n{i}' for i in range(12)} and len({r['id'] for r in rows}) == 12, f'{len(rows)} nodes')


@case('sim')
def killed_at_any_moment(t):
    """The file is the old or the new one, and nobody waits for a lock that is nobody's."""
    neph = t.fresh()
    t.ask('node', 'create', 'first', t.image(), t.size(), neph=neph).want(DONE)
    known = 1
    for i in range(25):
        process = neph.start('-c', t.cloud, 'node', 'create', f'n{i}', t.image(), t.size(), '--user-data', 'x' * 8000)
        time.sleep(0.001 * i)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        rows = t.rows('node', 'list', neph=neph)
        check(known <= len(rows) <= known + 1, f'{len(rows)} nodes, before {known}')
        known = len(rows)
    left = [n for n in os.listdir(os.path.dirname(neph.settings['state']))]
    check(len(left) < 30, f'left behind: {left}')


@case('sim')
def the_clock_goes_on_between_commands(t):
    neph = t.fresh(delay_ms='300')
    row = t.row('node', 'create', 'n', t.image(), t.size(), neph=neph)
    check(row['state'] == 'pending', f'{row["state"]}')
    time.sleep(0.4)
    check(t.row('node', 'show', row['id'], neph=neph)['state'] == 'running', 'nothing changed by itself')
