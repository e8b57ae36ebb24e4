"""compute_bad.py: what cannot be. One line that says what, the documented status, nothing made, nothing lost."""
import os, stat

from compute_target import *
from harness import *


def has_case(operation):
    def has(t):
        """It has the operation, or says that it has not, before anything is asked."""
        if operation not in t.operations:
            result = t.refused(operation)
            check(t.cloud in result.err and operation in result.err, f'{result}; the message tells not what cannot be done where')
            raise Failure(str(result))
    has.__name__ = 'has_' + operation.replace('.', '_')
    return has


for _operation in WORDS:
    case()(has_case(_operation))


@case()
@needs('node.create')
def options_that_it_does_not_take_are_refused_unasked(t):
    args = ('node', 'create', t.name(), t.image(), t.size(), *t.create_options)
    t.asked()
    for option in (('--user-data', 'x'), ('--user-data-base64', 'eA=='), ('--key-name', 'k'), ('--firewall-ids', 'f'), ('--network-id', 'n'),
                   ('--subnet-id', 's'), ('--tags', 'a=b'), ('--location-id', 'l'), ('--username', 'u'), ('--public-key', 'ssh-rsa AAAA')):
        if t.takes('node.create', option[0]):
            continue
        result = t.silently(UNSUPPORTED, None, *args, *option)
        check(option[0][2:].replace('-', '_') in result.err.replace('-', '_'), f'{result}; it does not name {option[0]}')


MISSING = ('node.show', 'node.destroy', 'node.reboot', 'node.start', 'node.stop', 'node.rename', 'node.resize', 'node.console', 'image.show',
           'image.delete', 'volume.show', 'volume.attach', 'volume.detach', 'volume.resize', 'volume.delete', 'snapshot.show', 'snapshot.delete',
           'snapshot.create', 'image.create')


def missing_case(operation):
    @needs(operation)
    def missing(t):
        noun = {'snapshot.create': 'volume', 'image.create': 'node'}.get(operation, operation.split('.')[0])
        words = [t.missing(noun)] + WORDS[operation][1:]
        if operation == 'node.resize':
            words[1] = t.size()
        if operation == 'volume.attach':
            words[1] = t.node()['id']
        t.ask(*operation.split('.'), *words).want(NOT_FOUND, words[0])
    missing.__name__ = operation.replace('.', '_') + '_of_what_is_not_there'
    return missing


for _operation in MISSING:
    case(*(TARGETS if _operation in ('node.show', 'node.destroy', 'node.reboot') else LIVE))(missing_case(_operation))


@case()
@needs('node.create')
def size_that_does_not_exist(t):
    name = t.name()
    t.ask('node', 'create', name, t.image(), 'no.such-size', *t.create_options).want((FAILED, NOT_FOUND, USAGE))
    check(t.profile not in LIVE or t.rows('node', 'list', '--name', name) == [], 'a node was made all the same')


@case()
@needs('node.create')
def image_that_does_not_exist(t):
    name = t.name()
    t.ask('node', 'create', name, t.missing('image'), t.size(), *t.create_options).want((FAILED, NOT_FOUND))
    check(t.profile not in LIVE or t.rows('node', 'list', '--name', name) == [], 'a node was made all the same')


def given_case(word, option):
    @needs('node.create')
    def given(t):
        name = t.name()
        t.ask('node', 'create', name, t.image(), t.size(), *option).want((FAILED, NOT_FOUND), option[1])
        check(t.rows('node', 'list', '--name', name) == [], 'a node was made all the same')
    given.__name__ = word + '_that_does_not_exist'
    return given


for _word, _option in (('key', ('--key-name', 'no-such-key')), ('firewall', ('--firewall-ids', 'sg-0123456789abcdef0')),
                       ('subnet', ('--subnet-id', 'subnet-0123456789abcdef0')), ('location', ('--location-id', 'nowhere-7x'))):
    case(*LIVE)(given_case(_word, _option))


@case()
@needs('node.create')
def words_that_are_no_numbers(t):
    t.silently(USAGE, '"soon"', 'node', 'create', t.name(), t.image(), t.size(), *t.create_options, '--wait', '--wait-seconds', 'soon')
    t.silently(USAGE, 'SIZE_ID', 'node', 'create', t.name(), t.image())
    t.silently(USAGE, 'one word too many', 'node', 'show', 'a', 'b')
    t.silently(USAGE, '--frob', 'node', 'list', '--frob')


@case()
@needs('node.show', 'node.destroy')
def ids_that_are_paths(t):
    """An id never becomes another request than the one meant."""
    for odd in ('..', 'a/../b', 'i-1&Action=TerminateInstances', 'i-1\nx', '%2e%2e', 'ü', ''):
        for verb in ('show', 'destroy'):
            t.ask('node', verb, odd).want((FAILED, NOT_FOUND, USAGE))


@case('moto', 'bluebox', 'nimbus')
def wrong_credentials(t):
    wrong = t.neph.with_({t.secret_variable: 'not-the-secret-at-all'})
    result = t.ask('node', 'list', neph=wrong).want(AUTH)
    check('not-the-secret-at-all' not in result.err, f'{result}; it shows the secret')
    result = t.ask('node', 'list', '--trace', neph=wrong)
    check('not-the-secret-at-all' not in result.err, 'the trace shows the secret')


@case('moto')
def errors_by_code(t):
    """What Amazon says, told with its code and request id."""
    node = t.node()['id']
    for http, code, status in ((403, 'UnauthorizedOperation', AUTH), (401, 'AuthFailure', AUTH), (400, 'OptInRequired', AUTH),
                               (400, 'InstanceLimitExceeded', FAILED), (400, 'VcpuLimitExceeded', FAILED),
                               (400, 'InsufficientInstanceCapacity', FAILED), (400, 'IncorrectInstanceState', FAILED),
                               (400, 'InvalidParameterValue', FAILED), (400, 'NoSuchThingEver', FAILED)):
        with t.rules({'action': 'StopInstances', 'do': 'error', 'status': http, 'code': code}):
            result = t.ask('node', 'stop', node).want(status, code)
        check('swallow-request-1' in result.err, f'{result}; without the request id')
    check(t.row('node', 'show', node)['state'] == 'running', 'it was stopped')


@case('moto')
def no_permission_makes_nothing(t):
    name = t.name()
    t.asked()
    with t.rules({'action': 'RunInstances', 'do': 'error', 'status': 403, 'code': 'UnauthorizedOperation'}):
        t.ask('node', 'create', name, t.image(), t.size()).want(AUTH, 'UnauthorizedOperation')
    check(len([a for a in t.asked() if a['action'] == 'RunInstances']) == 1, 'it was asked again')


# --- sim: quotas, and its state file --------------------------------------------------------------


@case('sim')
def quotas(t):
    neph = t.fresh(quota_nodes='2', quota_volumes='1', quota_addresses='1')
    ids = [t.row('node', 'create', t.name(), t.image(), t.size(), neph=neph)['id'] for _ in range(2)]
    t.ask('node', 'create', t.name(), t.image(), t.size(), neph=neph).want(FAILED, 'quota')
    check(len(t.rows('node', 'list', neph=neph)) == 2, 'there are more')
    t.ask('node', 'destroy', ids[0], '--wait', neph=neph).want(DONE)
    t.ask('node', 'create', t.name(), t.image(), t.size(), neph=neph).want(DONE)
    for words in (('volume', 'create', 'v', '--size-bytes', gib(1), '--location-id', t.locations()[0]), ('address', 'allocate')):
        t.ask(*words, neph=neph).want(DONE)
        t.ask(*words, neph=neph).want(FAILED, 'quota')


@case('sim')
def state_file_cut_short(t):
    """Refused with its name at any length, and left as it is."""
    neph = t.fresh()
    t.ask('node', 'create', 'kept', t.image(), t.size(), '--tags', 'a=b', '--user-data', 'x' * 200, neph=neph).want(DONE)
    path = neph.settings['state']
    with open(path, 'rb') as f:
        whole = f.read()
    for size in sorted({1, 5, len(whole) // 4, len(whole) // 2, len(whole) - 20, len(whole) - 5, len(whole) - 2}):
        with open(path, 'wb') as f:
            f.write(whole[:size])
        for words in (('node', 'list'), ('node', 'create', 'new', t.image(), t.size())):
            t.ask(*words, neph=neph).want(FAILED, path)
        with open(path, 'rb') as f:
            check(f.read() == whole[:size], f'{size} bytes: the file was changed')
    for odd in (b'\0' * 64, b'{"nodes": []}\n', whole.replace(b'kept', b'ke\0t'), whole + b'[node]\n', b'\xff' * 300):
        with open(path, 'wb') as f:
            f.write(odd)
        t.ask('node', 'list', neph=neph).want(FAILED, path)
    with open(path, 'wb') as f:
        f.write(whole)
    check([n['name'] for n in t.rows('node', 'list', neph=neph)] == ['kept'], 'the whole file is not taken')


@case('sim')
def state_file_that_cannot_be_written(t):
    neph = t.fresh()
    t.ask('node', 'create', 'kept', t.image(), t.size(), neph=neph).want(DONE)
    path = neph.settings['state']
    with open(path, 'rb') as f:
        whole = f.read()
    t.ask('node', 'create', 'lost', t.image(), t.size(), '--user-data', 'x' * 9000, neph=neph, before=limit_files(2048)).want(FAILED)
    with open(path, 'rb') as f:
        check(f.read() == whole, 'the file was changed')
    left = [n for n in os.listdir(os.path.dirname(path)) if n not in (os.path.basename(path), os.path.basename(path) + '.lock')]
    check(not left, f'left behind: {left}')
    t.ask('node', 'list', neph=neph.with_(state=t.path('no/such/folder/state'))).want((FAILED, DONE, NOT_FOUND))
    t.ask('node', 'create', 'x', t.image(), t.size(), neph=neph.with_(state=t.path('no/such/folder/state'))).want((FAILED, NOT_FOUND, USAGE))
    t.ask('node', 'list', neph=neph.with_(state='/dev/zero')).want(FAILED)


@case('sim')
def state_file_is_private(t):
    neph = t.fresh()
    t.ask('node', 'create', 'kept', t.image(), t.size(), '--user-data', 'a secret', neph=neph).want(DONE)
    mode = stat.S_IMODE(os.stat(neph.settings['state']).st_mode)
    check(mode & 0o077 == 0, f'others may read it: {mode:o}')


@case('sim')
def settings_that_cannot_be(t):
    for name, value in (('delay_ms', '-1'), ('delay_ms', 'soon'), ('fail', 'create'), ('fail', 'create:2'), ('fail', 'frobnicate:0.1'),
                        ('fail', 'create:-1'), ('seed', 'x'), ('quota_nodes', '-5'), ('throttle', 'x')):
        t.ask('node', 'list', neph=t.neph.with_(**{name: value})).want(USAGE, name)
