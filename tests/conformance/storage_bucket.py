"""storage_bucket.py: buckets, and who asks."""
import os, time

from storage_target import *  # noqa: F401, F403


@case()
def bucket_create_list_delete(t):
    name = t.new_bucket()
    listed = [b['name'] for b in t.neph.bucket('list', '-o', 'json').want(DONE).json()]
    check(name in listed, f'{name} is not in {short(listed)}')
    t.neph.bucket('delete', name).want(DONE)
    listed = [b['name'] for b in t.neph.bucket('list', '-o', 'json').want(DONE).json()]
    check(name not in listed, f'{name} is still in {short(listed)}')


@case()
def bucket_list_tells_when(t):
    rows = [b for b in t.neph.bucket('list', '-o', 'json').want(DONE).json() if b['name'] == t.bucket]
    check(len(rows) == 1 and str(rows[0].get('created')).startswith('20'), f'no creation time: {rows}')


@case()
def bucket_missing(t):
    name = t.new_name('missing')
    t.neph.object('list', name).want(NOT_FOUND, name)
    t.neph.cat(name, b'key').want(NOT_FOUND)
    t.neph.put(name, b'key', b'data').want(NOT_FOUND)
    t.neph.bucket('delete', name).want(NOT_FOUND)


@case()
def bucket_not_empty(t):
    name = t.new_bucket()
    t.store(b'inside', b'data', name)
    t.neph.bucket('delete', name).want(FAILED, 'empty')
    check(t.content(b'inside', name) == b'data', 'the object is gone')


@case()
def bucket_empty_is_listed(t):
    name = t.new_bucket()
    check(t.neph.object('list', name, '-o', 'json').want(DONE).json() == [], 'an empty bucket lists something')
    check(t.neph.run('ls', t.neph.at(name), '-o', 'tsv').want(DONE).out == b'', 'ls of an empty bucket prints something')


@case()
def bucket_name_refused(t):
    for name in {'local': ('..', '.', 'a/b'), 'swift': ('a/b', 'x' * 257)}.get(t.cloud, ('Not_A_Bucket', '..', 'a/b')):
        result = t.neph.bucket('create', name)
        check(result.status in (FAILED, USAGE), f'{result}; wanted it to be refused')
        result.want(result.status)


# --- who asks ------------------------------------------------------------------------------------


@case(*REMOTE)
def wrong_secret(t):
    wrong = t.with_credential('wrong')
    for result in (wrong.bucket('list'), wrong.object('list', t.bucket), wrong.put(t.bucket, b'forbidden', b'x')):
        result.want(AUTH)
        for secret in t.provider['wrong'].values():
            check(secret not in result.err, 'the message holds the secret')
    check(not t.holds(b'forbidden'), 'the object was written all the same')


@case(*REMOTE)
def unknown_user(t):
    t.with_credential('nobody').object('list', t.bucket).want(AUTH)


@case(*S3S)
def wrong_region(t):
    """Whether the server says so or not, the command does what was asked."""
    t.store(b'region', b'data')
    other = t.neph.with_({'AWS_REGION': None}, region='eu-nowhere-7')
    check(other.cat(t.bucket, b'region').want(DONE).out == b'data', 'other bytes')
    other.put(t.bucket, b'region-put', FIVE).want(DONE)
    check(t.content(b'region-put') == FIVE, 'other bytes were put')
    check(len(other.listing(t.bucket, '--prefix', 'region')) == 2, 'the listing is not whole')


@case(*WITHOUT_TLS)
def clock_skew(t):
    """Our clock is an hour fast, an hour slow: learnt from the server's Date."""
    library = next((p for p in ('/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/'
                                'libfaketime.so.1') if os.path.exists(p)), None)
    check(library, 'libfaketime is not installed')
    t.store(b'skew', b'data')
    for ahead in ('+3600', '-3600'):
        late = t.neph.with_({'LD_PRELOAD': library, 'FAKETIME': ahead, 'DONT_FAKE_MONOTONIC': '1'})
        check(late.cat(t.bucket, b'skew').want(DONE).out == b'data', f'{ahead}: other bytes')
        late.put(t.bucket, b'skew-put', FIVE).want(DONE)


@case('rgw', 'swift')
def clock_skew_is_real(t):
    """The case above is not empty: the server refuses a signature that is an hour old."""
    hold, time.gmtime = time.gmtime, lambda *s: hold(*(s or (time.time() - 3600,)))
    try:
        reply = t.peer.request('GET', t.bucket, want=None)
    finally:
        time.gmtime = hold
    check(reply.status == 403, f'status {reply.status}: {reply.body[:200]!r}')
