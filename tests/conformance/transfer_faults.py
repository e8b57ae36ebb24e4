#!/usr/bin/python3
"""transfer_faults.py: transfers through a proxy that misbehaves (tests/servers/proxy.py) to a server that is real.

    transfer_faults.py NEPH CLOUD --profile PROFILE [--set NAME=VALUE]... [--only TEXT]... [--total FILE]

Each case says what goes wrong and what comes of it: it is done all the same, or it fails with words; never a wrong object, a
wrong file, or a half of either. What the server was asked is counted by the proxy, what it holds is looked at by a peer.
"""
import os, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import AUTH, DONE, FAILED, check  # noqa: E402
from storage_target import REMOTE, S3S, SWIFTS, Target, alone, main_on  # noqa: E402
from peer import tree  # noqa: E402
from traffic import Proxy, kind, part_of, rule  # noqa: E402

PART = 5 << 20
DATA = os.urandom(1 << 16) * 272 + b'!'  # 17 MiB + 1: four parts
TERMS = (f'--part-size={PART}', '--parallel=3')


class Faulty(Target):
    def __init__(self, a, folder):
        super().__init__(a, folder)
        self.proxy = Proxy(self.server())
        self.bent = self.through(self.proxy.url)
        self.source = self.write('source', DATA)

    def rules(self, *rules):
        self.proxy.set_rules(rules)

    def on(self, what, do, **more):
        return rule(self.cloud, self.bucket, what, do, **more)

    def asked(self, what):
        return [e for e in self.proxy.exchanges if kind(self.cloud, self.bucket, e) == what]

    def up(self, key, *options, data=DATA, **how):
        """Uploads in parts through the proxy."""
        self.proxy.exchanges.clear()
        source = self.source if data is DATA else self.write('other', data)
        return self.bent.run(*options, 'cp', *TERMS, source, self.neph.at(self.bucket, key), **how)

    def down(self, key, *options, **how):
        """Downloads in ranges through the proxy. The result, and the file's bytes or None."""
        out = self.path('out')
        if os.path.exists(out):
            os.unlink(out)
        result = self.bent.run(*options, 'cp', *TERMS, self.neph.at(self.bucket, key), out, **how)
        if not os.path.exists(out):
            return result, None
        with open(out, 'rb') as f:
            return result, f.read()

    def is_whole(self, key, data=DATA):
        check(self.holds(key), 'the object is not there')
        check(self.content(key) == data, 'the object has other bytes')
        self.is_clean()

    def is_clean(self):
        check(not self.unfinished(), f'left at the server: {self.unfinished()}')
        check(not self.journal(), f'left in the journal: {self.journal()}')

    def journal(self):
        top = os.path.join(self.path('state'), 'neph', 'transfers')
        return os.listdir(top) if os.path.isdir(top) else []

    def sent_once_but(self, number):
        """Every part was sent once, and so many were sent again."""
        parts = self.asked('part')
        names = [part_of(self.cloud, e) for e in parts]
        check(len(set(names)) == 4, f'{len(set(names))} parts')
        check(len(names) == 4 + number, f'{len(names)} requests for 4 parts; wanted {number} more')

    def gives_up(self):
        """What failed and was kept is undone."""
        self.rules()
        kept = [entry['id'] for entry in self.bent.run('transfer', 'list', '-o', 'json').want(DONE).json()]
        if kept:
            self.bent.run('transfer', 'abort', *kept).want(DONE)
        self.is_clean()


def fault(*profiles):
    return alone(*(profiles or REMOTE))


# --- what is done all the same --------------------------------------------------------------------


@fault()
def part_cut(t):
    """The connection breaks in the middle of a part: that part alone is sent again."""
    t.rules(t.on('part', 'cut_up', skip=1, at=1_000_000))
    t.up(b'cut').want(DONE)
    t.sent_once_but(1)
    t.is_whole(b'cut')


@fault()
def part_reply_lost(t):
    t.rules(t.on('part', 'lose', skip=2))
    t.up(b'lost').want(DONE)
    t.sent_once_but(1)
    t.is_whole(b'lost')


@fault()
def storms(t):
    """500, 503 and what throttles, with and without Retry-After, on parts and on what completes."""
    for status, code in ((500, 'InternalError'), (503, 'SlowDown'), (429, 'TooManyRequests')):
        t.rules(t.on('part', 'answer', status=status, code=code, times=3),
                t.on('complete', 'answer', status=status, code=code, times=2, fields={'Retry-After': '0'}))
        t.up(b'storm').want(DONE)
        t.sent_once_but(3)
        t.is_whole(b'storm')


@fault(*SWIFTS)
def rate_limit_of_swift(t):
    t.rules(t.on('part', 'answer', status=498, code='', times=2))
    t.up(b'rate').want(DONE)
    t.sent_once_but(2)
    t.is_whole(b'rate')


@fault(*S3S)
def begin_reply_lost(t):
    """Nobody knows the upload that the server has begun. It may be another writer's, so it is named, and left alone."""
    theirs = []

    def begin_theirs(exchange, what, _):
        if what == 'answered' and exchange.did == 'lose':
            reply = t.peer.request('POST', t.bucket, b'begin', query=[('uploads', '')])
            theirs.append(tree(reply.body).findtext('UploadId'))
    t.rules(t.on('begin', 'lose'))
    t.proxy.watch = begin_theirs
    result = t.up(b'begin').want(DONE)
    t.proxy.watch = None
    left = t.unfinished()
    check(len(left) == 2 and theirs[0] in left, f'left at the server: {left}; another writer has begun {theirs}')
    check(all(upload in result.err for upload in left), f'{result}; {left} are not named')
    for upload in left:
        t.neph.run('-c', t.cloud, 'upload', 'abort', t.bucket, b'begin', upload).want(DONE)
    t.is_whole(b'begin')


@fault()
def complete_reply_lost(t):
    t.rules(t.on('complete', 'lose'))
    t.up(b'complete').want(DONE)
    t.sent_once_but(0)
    t.is_whole(b'complete')


@fault()
def put_reply_lost(t):
    t.rules(t.on('put', 'lose'))
    t.up(b'put', data=b'small').want(DONE)
    t.is_whole(b'put', b'small')


@fault(*S3S)
def complete_says_200_and_fails(t):
    """An error in the body of a 200: asked again; where it stays so, it fails."""
    t.rules(t.on('complete', 'answer', status=200, code='InternalError'))
    t.up(b'liar').want(DONE)
    t.is_whole(b'liar')
    t.rules(t.on('complete', 'answer', status=200, code='InternalError', times=99))
    t.up(b'liar2', '--retries', '2').want(FAILED, 'InternalError')
    check(not t.holds(b'liar2'), 'the object is there')
    t.gives_up()


@fault(*S3S)
def copy_says_200_and_fails(t):
    t.store(b'copied', b'data')
    there = t.neph.at(t.bucket, b'copied'), t.neph.at(t.bucket, b'copy')
    t.rules(t.on('put', 'answer', status=200, code='InternalError'))
    t.bent.run('cp', *there).want(DONE)
    t.is_whole(b'copy', b'data')
    t.peer.delete(t.bucket, b'copy')
    t.rules(t.on('put', 'answer', status=200, code='InternalError', times=99))
    t.bent.run('--retries', '2', 'cp', *there).want(FAILED, 'InternalError')
    check(not t.holds(b'copy'), 'the object is there')


@fault()
def range_cut(t):
    t.store(b'ranges', DATA)
    t.rules(t.on('get', 'cut_down', skip=1, at=1_000_000))
    result, data = t.down(b'ranges')
    result.want(DONE)
    check(data == DATA, 'other bytes')


@fault()
def storms_on_ranges(t):
    t.store(b'ranges', DATA)
    t.rules(t.on('get', 'answer', status=503, code='SlowDown', times=4))
    result, data = t.down(b'ranges')
    result.want(DONE)
    check(data == DATA, 'other bytes')
    t.is_clean()


@fault()
def slow_drip(t):
    """A few bytes at a time, both ways."""
    t.rules(t.on('part', 'drip', at=65536, pause=0.01))
    t.up(b'drip').want(DONE)
    t.is_whole(b'drip')
    t.rules(t.on('get', 'drip', at=65536, pause=0.01))
    result, data = t.down(b'drip')
    result.want(DONE)
    check(data == DATA, 'other bytes')


@fault('rgw', 'moto')
def another_region(t):
    """The server says where the bucket is: signed for there, and asked again."""
    for status, code in ((301, 'PermanentRedirect'), (400, 'AuthorizationHeaderMalformed')):
        for what in ('begin', 'part', 'complete'):
            t.rules(t.on(what, 'answer', status=status, code=code, fields={'x-amz-bucket-region': 'eu-west-9'}))
            t.up(b'region').want(DONE)
            scopes = {e.fields['authorization'].split('/')[2] for e in t.asked(what) if not e.did}
            check('eu-west-9' in scopes, f'{what} after {status} was signed for {scopes}')
            t.is_whole(b'region')


@fault(*S3S)
def redirected(t):
    """307 to the same server: method and body are kept."""
    t.rules(t.on('begin', 'answer', status=307, code='TemporaryRedirect',
                 fields={'Location': f'{t.proxy.url}/{t.bucket}/moved?uploads='}))
    t.up(b'moved').want(DONE)
    t.is_whole(b'moved')


# --- bytes that change on their way ----------------------------------------------------------------


@fault()
def part_spoilt(t):
    """One bit of a part changes on its way: noticed, and that part alone is sent again."""
    t.rules(t.on('part', 'flip_up', skip=1, at=2_000_000))
    t.up(b'spoilt').want(DONE)
    t.sent_once_but(1)
    t.is_whole(b'spoilt')


@fault()
def part_spoilt_for_good(t):
    """It changes each time: that is said, not that a key is wrong, and nothing is visible."""
    t.rules(t.on('part', 'flip_up', skip=1, times=99, at=2_000_000))
    t.up(b'spoilt', '--retries', '2').want(FAILED)
    check(not t.holds(b'spoilt'), 'a wrong object is there')
    t.gives_up()


SMALL = b'small object' * 100


@fault()
def small_object_spoilt(t):
    t.rules(t.on('put', 'flip_up', at=500))
    t.up(b'small', data=SMALL).want(DONE)
    t.is_whole(b'small', SMALL)
    t.rules(t.on('put', 'flip_up', times=99, at=500))
    t.up(b'small2', '--retries', '2', data=SMALL).want(FAILED)
    check(not t.holds(b'small2'), 'a wrong object is there')


@fault(*S3S)
def wrong_key_is_no_damage(t):
    """A wrong secret is said to be one, with a body as without."""
    wrong = t.bent.with_(t.provider['wrong'])
    t.rules()
    wrong.run('cp', t.write('other', SMALL), t.neph.at(t.bucket, b'wrong')).want(AUTH)
    check(not t.holds(b'wrong'), 'the object is there')


TRAILERS = {'chunked': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'unsigned': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'}


def trailers():
    for payload, mode in TRAILERS.items():
        for checksum in ('crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'):
            yield payload, mode, checksum


@fault('versity')
def trailers_are_taken(t):
    """The checksum behind the body, in signed chunks and in unsigned ones: the server compares it, and keeps it."""
    t.rules()
    for payload, mode, checksum in trailers():
        key, header = f'{payload} {checksum}'.encode(), 'x-amz-checksum-' + checksum
        t.bent.with_(payload=payload, checksum=checksum).run('cp', t.write('other', SMALL), t.neph.at(t.bucket, key)).want(DONE)
        sent, told = t.asked('put')[-1].fields, t.peer.request('HEAD', t.bucket, key, fields={'x-amz-checksum-mode': 'ENABLED'}).fields
        check((sent['x-amz-content-sha256'], sent['x-amz-trailer']) == (mode, header), f'it was sent as {sent}')
        check(told.get(header), f'the server has no {checksum}: {told}')
        t.is_whole(key, SMALL)


@fault('versity')
def trailers_tell_spoilt_bytes(t):
    """The server itself refuses what has another checksum than its trailer says, a small object and a part."""
    for payload, mode, checksum in trailers():
        bent = t.bent.with_(payload=payload, checksum=checksum)
        t.rules(t.on('put', 'flip_up', at=500))
        bent.run('cp', t.write('other', SMALL), t.neph.at(t.bucket, b'small')).want(DONE)
        check(400 <= t.asked('put')[0].status < 500, f'the server answered {t.asked("put")[0].status}')
        t.is_whole(b'small', SMALL)
        if not checksum.startswith('crc'):  # no part has one that cannot be made one of the whole
            continue
        t.rules(t.on('part', 'flip_up', skip=1, at=2_000_000))
        bent.run('cp', *TERMS, t.source, t.neph.at(t.bucket, b'large')).want(DONE)
        t.sent_once_but(1)
        check({e.fields['x-amz-trailer'] for e in t.asked('part') if e.fields['x-amz-content-sha256'] == mode} ==
              {'x-amz-checksum-' + checksum}, f'no part went out as {mode}')
        check(200 not in [e.status for e in t.asked('part') if e.did], 'the server took other bytes')
        t.is_whole(b'large')


def spoilt_download(t, key, times):
    t.rules(t.on('get', 'flip_down', skip=1, times=times, at=2_000_000))
    result, data = t.down(key, '--retries', '2')
    left = [n for n in os.listdir(t.folder) if 'out' in n and n != 'out']
    check(result.status == DONE or data is None, f'{result}; there is a file all the same')
    if result.status != DONE:
        result.want(FAILED)
        t.gives_up()
        left = [n for n in os.listdir(t.folder) if 'out' in n]
    check(not left, f'left behind: {left}')
    return result, data


@fault()
def range_spoilt(t):
    """One bit of a range, of an object whose checksum the server knows: the file is right, or there is none."""
    t.store(b'fine', DATA)
    for times in (1, 99):
        result, data = spoilt_download(t, b'fine', times)
        check(data in (None, DATA), 'a wrong file is there')
        check(times == 1 or result.status != DONE, f'{result}; nothing was noticed')


@fault()
def range_of_parts_spoilt(t):
    """The same of one that was sent in parts: where the server knows no checksum of it, it is said that nothing was compared."""
    t.neph.run('cp', *TERMS, t.source, t.neph.at(t.bucket, b'fine')).want(DONE)
    result, data = spoilt_download(t, b'fine', 99)
    check(data in (None, DATA) or 'unverified' in result.err, f'{result}; a wrong file is there, and nothing is said')
    t.rules(t.on('get', 'flip_down', skip=1, times=99, at=2_000_000))
    result = t.bent.run('--retries', '2', 'cp', '--verify=required', *TERMS, t.neph.at(t.bucket, b'fine'), t.path('required2'))
    check(result.status != DONE and not os.path.exists(t.path('required2')), f'{result}; a wrong file is there')
    t.gives_up()


@fault()
def small_download_spoilt(t):
    t.neph.put(t.bucket, b'tiny', b'small object').want(DONE)
    t.rules(t.on('get', 'flip_down', times=99, at=3))
    result, data = t.down(b'tiny', '--retries', '2')
    result.want(FAILED)
    check(data is None, 'there is a file all the same')
    t.bent.run('cp', t.neph.at(t.bucket, b'tiny'), '-').want(FAILED)


@fault()
def changes_in_a_download(t):
    """Another object takes its place between two ranges: an error, never a mixture."""
    t.store(b'moving', DATA)

    def replace(exchange, what, _):
        is_get = kind(t.cloud, t.bucket, exchange) == 'get'
        if is_get and what == 'asked' and len(t.asked('get')) == 4:
            t.proxy.watch = None
            t.store(b'moving', DATA[::-1])
    t.rules()
    t.proxy.watch = replace
    result, data = t.down(b'moving')
    t.proxy.watch = None
    result.want(FAILED, 'changed')
    check(data is None, 'there is a file')
    t.gives_up()


# --- what fails, and goes on when it can -----------------------------------------------------------


@fault()
def refused_and_taken_up(t):
    """A part is refused: it fails at once; run again, it sends what is missing and no part twice."""
    t.rules(t.on('part', 'answer', status=403, code='AccessDenied', skip=2, times=99))
    t.up(b'refused').want(AUTH)
    check(not t.holds(b'refused'), 'the object is there')
    held = {part_of(t.cloud, e) for e in t.asked('part') if e.status in (200, 201)}
    t.rules()
    t.up(b'refused').want(DONE)
    again = {part_of(t.cloud, e) for e in t.asked('part')}
    check(not held & again, f'{len(held & again)} finished parts were sent again')
    t.is_whole(b'refused')


@fault()
def list_of_parts_cut(t):
    """The list of what the server has breaks in its middle when it is taken up: it is asked for again."""
    t.rules(t.on('part', 'answer', status=403, code='AccessDenied', skip=2, times=99))
    t.up(b'listed').want(AUTH)
    held = {part_of(t.cloud, e) for e in t.asked('part') if e.status in (200, 201)}
    t.rules(t.on('parts', 'cut_down', at=150))
    t.up(b'listed').want(DONE)
    check([e.did for e in t.asked('parts')][:2] == ['cut_down', None], 'the list was not cut, or not asked for again')
    again = {part_of(t.cloud, e) for e in t.asked('part')}
    check(not held & again, f'{len(held & again)} finished parts were sent again')
    t.is_whole(b'listed')


@fault(*S3S)
def upload_gone_meanwhile(t):
    """The server has forgotten the upload: it begins anew."""
    t.rules(t.on('part', 'answer', status=403, code='AccessDenied', skip=2, times=99))
    t.up(b'gone').want(AUTH)
    check(t.proxy.idle(), 'parts are still on their way')  # they would bring it back
    for upload in t.unfinished():
        t.peer.request('DELETE', t.bucket, b'gone', query=[('uploadId', upload)])
    t.rules()
    t.up(b'gone').want(DONE)
    t.is_whole(b'gone')


@fault()
def source_changed_meanwhile(t):
    """The file is another one when it is run again: what was sent of the old one is dropped."""
    data = DATA[:12 << 20]
    t.rules(t.on('part', 'answer', status=403, code='AccessDenied', skip=1, times=99))
    t.up(b'changed', data=data).want(AUTH)
    t.rules()
    t.up(b'changed', data=data[::-1]).want(DONE)
    t.is_whole(b'changed', data[::-1])


if __name__ == '__main__':
    sys.exit(main_on(__doc__, 'faults ', REMOTE, Faulty))
