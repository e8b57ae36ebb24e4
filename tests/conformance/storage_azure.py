"""storage_azure.py: what Azure alone has: tokens in place of a key, connection strings, buckets on their way out, snapshots, tiers."""
import email.utils, os, time

from storage_target import *  # noqa: F401, F403
from traffic import Proxy

NO_KEY = {'AZURE_STORAGE_KEY': None}


# --- who asks ------------------------------------------------------------------------------------


def with_token(t, token):
    return t.neph.with_({**NO_KEY, 'AZURE_STORAGE_SAS_TOKEN': token})


def refused(result, token, words):
    """For want of permission, and without telling the secret."""
    result.want(AUTH, words)
    check(token.rpartition('sig=')[2] not in result.err, f'{result}; it shows the signature')


@case(*AZURES)
def token_does_what_it_permits(t):
    neph = with_token(t, t.peer.sas(t.bucket, 'rwdl'))
    neph.put(t.bucket, b'by token', b'data').want(DONE)
    check(t.content(b'by token') == b'data', 'other bytes')
    check(neph.cat(t.bucket, b'by token').want(DONE).out == b'data', 'other bytes come back')
    check('by token' in [row['key'] for row in neph.listing(t.bucket)], 'it is not listed')
    neph.run('rm', neph.at(t.bucket, b'by token')).want(DONE)
    check(not t.holds(b'by token'), 'it was not deleted')


@case('azurite')  # with TLS it does not trust its own certificate when it fetches what is copied
def token_copies(t):
    """The source is opened with it as well."""
    neph = with_token(t, t.peer.sas(t.bucket, 'rw'))
    t.store(b'to be copied', b'data')
    neph.object('copy', t.bucket, b'to be copied', t.bucket, b'copied by token').want(DONE)
    check(t.content(b'copied by token') == b'data', 'the copy has other bytes')


@case(*AZURES)
def token_expired(t):
    token = t.peer.sas(t.bucket, 'rwdl', end=-60)
    refused(with_token(t, token).object('list', t.bucket), token, 'the SAS token has expired')
    refused(with_token(t, token).put(t.bucket, b'expired', b'data'), token, 'ask for a new one')
    check(not t.holds(b'expired'), 'it was written all the same')


@case(*AZURES)
def token_not_yet_good(t):
    token = t.peer.sas(t.bucket, 'rl', start=1800)
    refused(with_token(t, token).object('list', t.bucket), token, 'the SAS token is not good before')


@case(*AZURES)
def token_without_the_permission(t):
    """It says which one is there, and which is needed."""
    t.store(b'kept', b'data')
    for permissions, words, needed in (('r', ('put', t.bucket, b'kept', t.write('other', b'other')), 'w'),
                                       ('rw', ('delete', t.bucket, b'kept'), 'd'), ('rw', ('list', t.bucket), 'l'),
                                       ('wl', ('head', t.bucket, b'kept'), 'r')):
        token = t.peer.sas(t.bucket, permissions)
        refused(with_token(t, token).object(*words), token, f'its permissions are "{permissions}", and "{needed}" is needed')
    check(t.content(b'kept') == b'data', 'it was written or deleted all the same')


@case(*AZURES)
def token_for_something_else(t):
    """Made for another bucket, or spoilt on the way."""
    token, other = t.peer.sas(t.bucket, 'rwdl'), t.new_bucket()
    refused(with_token(t, token).object('list', other), token, 'the SAS token is refused')
    spoilt = token.replace('sig=', 'sig=AAAA')
    refused(with_token(t, spoilt).object('list', t.bucket), spoilt, 'the SAS token is refused')
    with_token(t, token.rpartition('&')[0]).object('list', t.bucket).want(USAGE, 'no signature')


@case(*AZURES)
def token_presigns_nothing(t):
    with_token(t, t.peer.sas(t.bucket, 'rwdl')).object('presign', t.bucket, b'k').want(UNSUPPORTED, 'set account_key')


@case(*AZURES)
def key_that_is_no_base64(t):
    wrong = t.neph.with_({'AZURE_STORAGE_KEY': 'no/base64!'})
    result = wrong.object('list', t.bucket).want(USAGE, 'no base64')
    check('no/base64!' not in result.err, f'{result}; it shows the key')


@case(*AZURES)
def connection_string(t):
    """A key or a token in it opens the account; one of another account does not."""
    name, key = t.variables['AZURE_STORAGE_ACCOUNT'], t.variables['AZURE_STORAGE_KEY']
    nothing = {n: None for n in os.environ if n.startswith('AZURE_')}
    bare = Neph(t.neph.program, t.cloud, {}, {**t.variables, **nothing}, t.neph.options)
    head = f'BlobEndpoint={t.settings["endpoint"]};AccountName={name};'
    t.store(b'by string', b'data')
    for tail in (f'AccountKey={key}', f'SharedAccessSignature={t.peer.sas(t.bucket, "r")}'):
        neph = bare.with_({'AZURE_STORAGE_CONNECTION_STRING': head + tail})
        check(neph.cat(t.bucket, b'by string').want(DONE).out == b'data', 'other bytes')
    for text, words in ((head, 'AccountKey'), (head + 'AccountKey=*', 'no base64'), ('nothing of the kind', 'connection_string')):
        bare.with_({'AZURE_STORAGE_CONNECTION_STRING': text}).cat(t.bucket, b'by string').want(USAGE, words)


@case(*AZURES)
def bucket_that_cannot_be(t):
    for name in ('Not_A_Bucket', 'ab', 'a--b', 'ab-', 'x' * 64):
        t.neph.bucket('create', name).want(FAILED, 'is no name for a bucket: 3 to 63')


# --- through a proxy ---------------------------------------------------------------------------


def through(t, *rules):
    proxy = Proxy(t.server(), rules)
    return proxy, t.through(proxy.url)


def being_deleted(method, target, times=1):
    return {'method': method, 'target': target, 'times': times, 'do': 'answer', 'status': 409, 'code': 'ContainerBeingDeleted'}


@case('azurite')
def bucket_on_its_way_out(t):
    """Who creates it waits, who deletes it has what he wanted, and others are told at once."""
    name = t.new_name('leaving')
    proxy, neph = through(t, being_deleted('PUT', 'restype=container', 2))
    neph.bucket('create', name).want(DONE)
    check(len(proxy.exchanges) == 3, f'asked {len(proxy.exchanges)} times')
    proxy.set_rules([being_deleted('PUT', f'/{name}/k')])
    neph.put(name, b'k', b'data').want(FAILED, 'the bucket is being deleted')
    check(len(proxy.exchanges) == 1, f'asked {len(proxy.exchanges)} times')
    proxy.set_rules([being_deleted('PUT', 'restype=container', 1000)])
    neph.run('--timeout', '2', '-c', t.cloud, 'bucket', 'create', name).want(FAILED, 'ContainerBeingDeleted')
    proxy.set_rules([{'method': 'DELETE', 'target': 'restype=container', 'do': 'lose'},
                     being_deleted('DELETE', 'restype=container')])
    neph.bucket('delete', name).want(DONE)
    proxy.close()


@case('azurite')
def clock_that_is_wrong(t):
    """The service tells the time when it refuses a request for its date: learnt once, and asked again with it."""
    ahead = email.utils.formatdate(time.time() + 3600, usegmt=True)
    refusal = {'method': 'GET', 'do': 'answer', 'status': 403, 'code': 'AuthenticationFailed', 'fields': {'Date': ahead}}
    t.store(b'late', b'data')
    proxy, neph = through(t, refusal)
    check(neph.cat(t.bucket, b'late').want(DONE).out == b'data', 'other bytes')
    dates = [email.utils.parsedate_to_datetime(e.fields['x-ms-date']).timestamp() for e in proxy.exchanges if e.method == 'GET']
    check(len(dates) == 2 and 3590 < dates[1] - dates[0] < 3700, f'dated {dates}')
    proxy.set_rules([{**refusal, 'times': 1000}])
    result = neph.cat(t.bucket, b'late')
    check(result.status == AUTH and 'AuthenticationFailed' in result.err, f'{result}; wanted status 4 and the refusal')
    check(len([e for e in proxy.exchanges if e.method == 'GET']) == 2, f'asked {len(proxy.exchanges)} times')
    proxy.close()


# --- snapshots -----------------------------------------------------------------------------------


def call(t, name, *words, options=('-o', 'json')):
    return t.neph.run('call', f'azure.{name}', *words, *options)


def about(t, key, *more):
    return (f'bucket={t.bucket}', f'key={key}', *more)


def snapshots(t, key):
    return call(t, 'snapshot_list', *about(t, key)).want(DONE).json()


@case(*AZURES)
def extensions_are_told(t):
    told = t.neph.run('provider', 'show', 'azure').want(DONE).out.decode()
    for name in ('snapshot_create', 'snapshot_list', 'snapshot_delete', 'tier_set'):
        check(f'azure.{name} ' in told, f'provider show does not tell azure.{name}')
        check(call(t, name, options=('--help',)).want(DONE).out.startswith(b'usage: neph'), f'no help on azure.{name}')


@case(*AZURES)
def snapshot(t):
    """Of what an object is: listed, read, copied from, and deleted; the object goes on."""
    key = 'snapped + ü&<'
    t.neph.put(t.bucket, key.encode(), b'before').want(DONE)
    made = one(call(t, 'snapshot_create', *about(t, key)))
    t.neph.put(t.bucket, key.encode(), b'now').want(DONE)
    t.neph.put(t.bucket, key.encode() + b' too', b'a neighbour').want(DONE)
    call(t, 'snapshot_create', *about(t, key + ' too')).want(DONE)
    rows = snapshots(t, key)
    check([(r['version'], r['size_bytes']) for r in rows] == [(made['version'], 6)], f'listed as {rows}')
    version, out = ('--version', made['version']), t.path('snapped.out')
    t.neph.object('get', t.bucket, key.encode(), out, *version).want(DONE)
    with open(out, 'rb') as f:
        check(f.read() == b'before', 'other bytes')
    check(t.head(key.encode(), None, *version)['size_bytes'] == 6, 'head tells of something else')
    t.neph.object('copy', t.bucket, key.encode(), t.bucket, b'from a snapshot', '--from-version', made['version']).want(DONE)
    check(t.content(b'from a snapshot') == b'before', 'the copy has other bytes')
    check(t.content(key.encode()) == b'now', 'the object was touched')
    t.neph.object('delete', t.bucket, key.encode()).want(FAILED, 'the object has snapshots: delete them first')
    call(t, 'snapshot_delete', *about(t, key, f'version={made["version"]}')).want(DONE)
    check(snapshots(t, key) == [] and len(snapshots(t, key + ' too')) == 1, f'still listed: {snapshots(t, key)}')
    t.neph.object('get', t.bucket, key.encode(), out, *version).want(NOT_FOUND)
    t.neph.object('delete', t.bucket, key.encode()).want(DONE)


@case(*AZURES)
def snapshot_that_is_none(t):
    """What names no snapshot deletes nothing."""
    t.store(b'no snapshot', b'data')
    for version in ('snapshot:', '2026-11-26T00:00:00.0000000Z', ''):
        call(t, 'snapshot_delete', *about(t, 'no snapshot', f'version={version}')).want(USAGE)
    call(t, 'snapshot_delete', *about(t, 'no snapshot', 'version=snapshot:2020-11-26T00:00:00.0000000Z')).want(NOT_FOUND)
    check(t.content(b'no snapshot') == b'data', 'the object was touched')
    call(t, 'snapshot_create', *about(t, 'was never there')).want(NOT_FOUND)
    call(t, 'snapshot_create', f'bucket={t.bucket}').want(USAGE, 'key')


# --- tiers ---------------------------------------------------------------------------------------


@case(*AZURES)
def tiers(t):
    t.store(b'tiered', b'data')
    for tier in ('Cool', 'Hot'):
        row = one(call(t, 'tier_set', *about(t, 'tiered', f'tier={tier}')))
        check(row == {'key': 'tiered', 'tier': tier, 'done': True}, f'{row}')
        check(t.peer.facts(t.bucket, b'tiered')['storage_class'] == tier, f'the server holds {t.peer.facts(t.bucket, b"tiered")}')
        check(t.head(b'tiered')['storage_class'] == tier, f'head tells {t.head(b"tiered")}')
    call(t, 'tier_set', *about(t, 'tiered', 'tier=Lukewarm')).want(USAGE, 'Hot')
    call(t, 'tier_set', *about(t, 'was never there', 'tier=Hot')).want(NOT_FOUND)


@case(*AZURES)
def archived(t):
    """It cannot be read until it was fetched, and that it is being fetched is said."""
    t.store(b'archived', b'data')
    check(one(call(t, 'tier_set', *about(t, 'archived', 'tier=Archive')))['done'] is True, 'it is not in the archive')
    t.neph.cat(t.bucket, b'archived').want(FAILED, 'the object is in the archive: fetch it first (neph call azure.tier_set')
    out = t.path('archived.out')
    t.neph.run('cp', t.neph.at(t.bucket, b'archived'), out).want(FAILED, 'in the archive')
    check(not t.left_over('archived.out'), f'left behind: {t.left_over("archived.out")}')
    check(one(call(t, 'tier_set', *about(t, 'archived', 'tier=Hot', 'priority=High')))['done'] is False, 'it is said to be done')
    check(t.neph.cat(t.bucket, b'archived').want(DONE).out == b'data', 'other bytes')


# --- copies ----------------------------------------------------------------------------------------


@case(*AZURES)
def copy_keeps_what_it_was_not_told(t):
    """Another media type, and all else as it was: the service would drop what is not sent again."""
    kept = {'cache-control': 'max-age=60', 'content-disposition': 'inline', 'content-encoding': 'x-none', 'content-language': 'de'}
    t.peer.put(t.bucket, b'facts of all kinds', b'data', x_ms_meta_a='1', **{f'x-ms-blob-{n}': v for n, v in kept.items()})
    before = t.peer.head(t.bucket, b'facts of all kinds').fields
    t.neph.object('copy', t.bucket, b'facts of all kinds', t.bucket, b'and of another type', '--content-type', 'text/x-two').want(DONE)
    after = t.peer.head(t.bucket, b'and of another type').fields
    check(after['content-type'] == 'text/x-two' and t.content(b'and of another type') == b'data', f'the server holds {after}')
    for name in (*kept, 'content-md5', 'x-ms-meta-a'):
        check(before[name] == after.get(name), f'{name} was {before[name]}, and is {after.get(name)}')


@case('azurite')
def copy_whose_type_was_not_heard(t):
    """The reply to the second request is lost: asked again, it finds what it has done."""
    t.store(b'to be typed', b'data')
    proxy, neph = through(t, {'method': 'PUT', 'target': 'comp=properties', 'do': 'lose'})
    row = one(neph.object('copy', t.bucket, b'to be typed', t.bucket, b'typed', '--content-type', 'text/x-two', '-o', 'json'))
    check(row['content_type'] == 'text/x-two' and t.head(b'typed')['content_type'] == 'text/x-two', f'it is {row}')
    proxy.close()


# --- many deletions: a request for each ------------------------------------------------------------


@alone(*AZURES)
def deletions_name_what_stays(t):
    """One of many has a snapshot: it is named, the others are gone, whatever the command."""
    keys = [f'held/{i:02}' for i in range(50)]
    held, top = keys[17], t.path('nothing')
    os.mkdir(top)
    t.store(held.encode(), b'data')
    call(t, 'snapshot_create', *about(t, held)).want(DONE)
    addresses = [t.neph.at(t.bucket, key.encode()) for key in keys]
    for words in (('-c', t.cloud, 'object', 'delete-many', t.bucket, *keys), ('rm', *addresses),
                  ('rm', '-r', t.neph.at(t.bucket, b'held/')), ('sync', '--delete', top, t.neph.at(t.bucket, b'held/'))):
        each((key for key in keys if key != held), lambda key: t.store(key.encode(), b''))
        result = t.neph.run(*words)
        check(result.status == FAILED and held in result.err and 'has snapshots' in result.err, f'{result}; wanted {held} to be named')
        check(keys[18] not in result.err, f'{result}; more is named')
        check(t.peer.keys(t.bucket) == [held.encode()], f'{result}; left: {short(t.peer.keys(t.bucket))}')


@case(*AZURES)
def deletions_where_there_is_no_bucket(t):
    name = t.new_name('missing')
    t.neph.object('delete-many', name, 'a', 'b').want(NOT_FOUND, 'ContainerNotFound')
