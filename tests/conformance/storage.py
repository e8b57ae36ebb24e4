#!/usr/bin/python3
"""storage.py: what every storage provider must do, asked through the neph command.

    storage.py NEPH CLOUD --profile rgw|swift|moto|local [--set NAME=VALUE]... [--only TEXT]...

The server is real and runs already; its credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, its address
from --set endpoint=URL (local: --set root=DIR). What the server holds is looked at by s3client.py, not by neph.
PROFILE.expect beside this file lists what cannot hold there, each with the reply that shows it. The last line is
'N passed, N failed'; with --total FILE "PASSED KNOWN FAILED" is appended to that instead.
"""
import argparse, hashlib, os, shutil, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402
from s3client import S3  # noqa: E402

REMOTE = ('rgw', 'swift', 'moto')
FIVE = os.urandom(1 << 16) * 80 + b'!'  # 5 MiB + 1
KEYS = {
    'space': b'a b  c', 'plus': b'a+b+', 'percent': b'100%', 'percent_escape': b'100%25 %2F %zz', 'double_slash': b'a//b///c',
    'dot_segment': b'a/./b', 'dot_dot_segment': b'a/../b', 'dot_dot_first': b'../up', 'leading_slash': b'/lead',
    'slash_only': b'/', 'trailing_slash': b'dir/', 'dots': b'.', 'dot_dots': b'..', 'utf8': 'ü/日本語/🙂'.encode(),
    'utf8_forms': 'e\u0301 \u00e9'.encode(), 'control': b'\x01\x07\x1b[31m\x1f\x7f', 'tab_return': b'a\tb\rc', 'newline': b'a\nb',
    'bytes_1024': b'x' * 1024, 'long_segments': b'/'.join([b'y' * 200] * 5), 'query': b'what?#&=;:@!$\'()*,[]',
    'xml': b'"quotes" <tag> &amp; &', 'backslash': b'a\\b', 'tilde': b'~user/-_.', 'hidden': b'.hidden/.metadata',
    'under_a_file': b'a b  c/below',
}


class Target:
    """What the cases get: the command (neph), the second opinion (peer; None for local), a bucket, a folder."""

    def __init__(self, a, folder):
        settings = dict(s.partition('=')[::2] for s in a.set)
        names = ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION')
        self.variables = {n: os.environ[n] for n in names if n in os.environ} if a.profile != 'local' else {}
        self.profile, self.folder, self.settings = a.profile, folder, settings
        self.neph = Neph(a.neph, a.cloud, settings, self.variables)
        self.peer = None
        if a.profile != 'local':
            self.peer = S3(settings['endpoint'], os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY'])
        self.serial = 0
        self.bucket = self.new_bucket()

    def new_name(self, word='conformance'):
        self.serial += 1
        return f'{word}-{os.getpid()}-{self.serial}'

    def new_bucket(self):
        name = self.new_name()
        self.neph.bucket('create', name).want(DONE)
        return name

    def path(self, name):
        return os.path.join(self.folder, name)

    def store(self, key, data, bucket=None):
        """An object that neph did not make, where there is another way to make one."""
        if self.peer:
            self.peer.put(bucket or self.bucket, key, data)
        else:
            self.neph.put(bucket or self.bucket, key, data).want(DONE)

    def content(self, key, bucket=None):
        """What the server holds."""
        if self.peer:
            return self.peer.get(bucket or self.bucket, key)
        return self.neph.cat(bucket or self.bucket, key).want(DONE).out

    def holds(self, key, bucket=None):
        if self.peer:
            return self.peer.exists(bucket or self.bucket, key)
        return self.neph.object('head', bucket or self.bucket, key).status == DONE

    def left_over(self, name):
        """What lies in the folder and begins with name, the temporary files of a download among it."""
        return [n for n in os.listdir(self.folder) if name in n]


# --- buckets -------------------------------------------------------------------------------------


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
    for name in ('Not_A_Bucket', '..', 'a/b') if t.peer else ('..', '.', 'a/b'):
        result = t.neph.bucket('create', name)
        check(result.status in (FAILED, USAGE), f'{result}; wanted it to be refused')
        result.want(result.status)


# --- who asks ------------------------------------------------------------------------------------


@case(*REMOTE)
def wrong_secret(t):
    wrong = t.neph.with_({'AWS_SECRET_ACCESS_KEY': 'not-the-secret-key'})
    for result in (wrong.bucket('list'), wrong.object('list', t.bucket), wrong.put(t.bucket, b'forbidden', b'x')):
        result.want(AUTH)
        check('not-the-secret-key' not in result.err, 'the message holds the secret')
    check(not t.holds(b'forbidden'), 'the object was written all the same')


@case(*REMOTE)
def unknown_access_key(t):
    t.neph.with_({'AWS_ACCESS_KEY_ID': 'AKIANOBODYKNOWSME000'}).object('list', t.bucket).want(AUTH)


@case(*REMOTE)
def wrong_region(t):
    """Whether the server says so or not, the command does what was asked."""
    t.store(b'region', b'data')
    other = t.neph.with_({'AWS_REGION': None}, region='eu-nowhere-7')
    check(other.cat(t.bucket, b'region').want(DONE).out == b'data', 'other bytes')
    other.put(t.bucket, b'region-put', FIVE).want(DONE)
    check(t.content(b'region-put') == FIVE, 'other bytes were put')
    check(len(other.listing(t.bucket, '--prefix', 'region')) == 2, 'the listing is not whole')


@case(*REMOTE)
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


# --- objects -------------------------------------------------------------------------------------


@case()
def round_trip(t):
    t.neph.put(t.bucket, b'round', b'hello\n').want(DONE)
    check(t.content(b'round') == b'hello\n', 'the server holds other bytes')
    check(t.neph.cat(t.bucket, b'round').want(DONE).out == b'hello\n', 'other bytes come back')


@case()
def overwrite(t):
    for data in (b'first, and longer', b'second'):
        t.neph.put(t.bucket, b'again', data).want(DONE)
        check(t.content(b'again') == data, 'the server holds other bytes')


@case()
def zero_length(t):
    t.neph.put(t.bucket, b'empty', b'').want(DONE)
    check(t.content(b'empty') == b'', 'the server holds bytes')
    head = t.neph.object('head', t.bucket, b'empty', '-o', 'json').want(DONE).json()
    row = head[0] if isinstance(head, list) else head
    check(row['size_bytes'] == 0, f'size {row["size_bytes"]}')
    out = t.path('empty.out')
    t.neph.run('cp', t.neph.at(t.bucket, b'empty'), out).want(DONE)
    check(os.path.getsize(out) == 0, 'the file is not empty')


@case()
def five_mib_and_one(t):
    source, out = t.path('five.in'), t.path('five.out')
    with open(source, 'wb') as f:
        f.write(FIVE)
    t.neph.run('cp', source, t.neph.at(t.bucket, b'five')).want(DONE)
    check(t.content(b'five') == FIVE, 'the server holds other bytes')
    t.neph.run('cp', t.neph.at(t.bucket, b'five'), out).want(DONE)
    with open(out, 'rb') as f:
        check(f.read() == FIVE, 'other bytes come back')
    if t.peer:
        tag = t.peer.head(t.bucket, b'five').fields['etag'].strip('"')
        check(tag == hashlib.md5(FIVE).hexdigest(), f'the server computed another MD5: {tag}')


@case()
def from_a_pipe(t):
    """Its length is not known beforehand."""
    t.neph.run('cp', '-', t.neph.at(t.bucket, b'piped'), data=FIVE).want(DONE)
    check(t.content(b'piped') == FIVE, 'the server holds other bytes')


@case()
def into_a_folder(t):
    t.store(b'deep/er/name.txt', b'data')
    os.mkdir(t.path('into'))
    t.neph.run('cp', t.neph.at(t.bucket, b'deep/er/name.txt'), t.path('into') + '/').want(DONE)
    check(os.path.exists(t.path('into/name.txt')), f'into holds {os.listdir(t.path("into"))}')
    t.neph.run('cp', t.path('into/name.txt'), t.neph.at(t.bucket, b'copied/')).want(DONE)
    check(t.content(b'copied/name.txt') == b'data', 'other bytes')


@case()
def key_missing(t):
    out = t.path('missing.out')
    t.neph.cat(t.bucket, b'no-such-key').want(NOT_FOUND)
    t.neph.object('head', t.bucket, b'no-such-key').want(NOT_FOUND)
    t.neph.run('cp', t.neph.at(t.bucket, b'no-such-key'), out).want(NOT_FOUND)
    check(not t.left_over('missing.out'), f'left behind: {t.left_over("missing.out")}')


@case()
def key_too_long(t):
    result = t.neph.put(t.bucket, b'x' * 1025, b'data')
    check(result.status == FAILED, f'{result}; wanted it to be refused')
    result.want(FAILED)


def key_case(word, key):
    def one_key(t):
        data = b'data of ' + key[:40]
        bucket = t.new_bucket() if word in ('under_a_file', 'space') else t.bucket
        if word == 'under_a_file':
            t.neph.put(bucket, b'a b  c', b'file').want(DONE)
        t.neph.put(bucket, key, data).want(DONE)
        if t.peer:
            check(key in t.peer.keys(bucket), f'the server lists {short(t.peer.keys(bucket)[-5:])}')
        check(t.content(key, bucket) == data, 'the server holds other bytes')
        listed = [row['key'].encode() for row in t.neph.listing(bucket)]
        check(key in listed, f'listed as {short([k for k in listed if k[:3] == key[:3]])}')
        check(listed == sorted(listed), f'not in byte order: {short(listed)}')
        check(t.neph.cat(bucket, key).want(DONE).out == data, 'other bytes come back')
        t.neph.object('head', bucket, key).want(DONE)
        t.neph.object('copy', bucket, key, bucket, b'copy of ' + word.encode()).want(DONE)
        check(t.content(b'copy of ' + word.encode(), bucket) == data, 'the copy has other bytes')
        t.neph.object('delete', bucket, key).want(DONE)
        check(not t.holds(key, bucket), 'it was not deleted')
    one_key.__name__ = 'key_' + word
    return one_key


for _word, _key in KEYS.items():
    case()(key_case(_word, _key))


@case()
def keys_stay_inside(t):
    """Nothing of a key is taken as a path: neighbours of the bucket stay what they were."""
    other = t.new_bucket()
    t.store(b'mine', b'other', other)
    t.neph.put(t.bucket, f'../{other}/mine'.encode(), b'escaped').want(DONE)
    t.neph.put(t.bucket, b'../../../../tmp/neph-escaped', b'escaped').want(DONE)
    check(t.content(b'mine', other) == b'other', 'the key reached another bucket')
    check(not os.path.exists('/tmp/neph-escaped'), 'the key reached another folder')
    check(t.content(f'../{other}/mine'.encode()) == b'escaped', 'other bytes')


@case()
def terminal_gets_no_control_characters(t):
    bucket = t.new_bucket()
    t.neph.put(bucket, b'\x1b]0;title\x07', b'').want(DONE)
    result = t.neph.object('list', bucket, '-o', 'table').want(DONE)
    check(not set(result.out) - {10} & set(range(32)), f'raw control characters: {result.out!r}')


# --- listings ------------------------------------------------------------------------------------


@case()
def listing_of_10001(t):
    bucket = t.new_bucket()
    keys = [b'part-%05d' % i for i in range(10001)]
    if t.peer:
        t.peer.each(keys, lambda key: t.peer.put(bucket, key))
    else:
        for key in keys:
            open(os.path.join(t.settings['root'], bucket, key.decode()), 'wb').close()
    result = t.neph.run('ls', t.neph.at(bucket), '-o', 'tsv').want(DONE)
    listed = [line.split(b'\t')[0] for line in result.out.splitlines()]
    check(listed == keys, f'{len(listed)} keys, {len(set(listed))} of them different')
    rows = t.neph.listing(bucket, '--limit', '1500', '--start-after', 'part-00999')
    check([r['key'] for r in rows] == [k.decode() for k in keys[1000:2500]], f'{len(rows)} rows after part-00999')


@case()
def listing_members(t):
    t.neph.put(t.bucket, b'members', b'12345').want(DONE)
    row = t.neph.listing(t.bucket, '--prefix', 'members')[0]
    check(row['size_bytes'] == 5, f'size {row["size_bytes"]}')
    check(row['modified'].startswith('20') and row['modified'].endswith('Z'), f'modified {row["modified"]}')
    if t.peer:
        check(row['etag'] == hashlib.md5(b'12345').hexdigest(), f'etag {row["etag"]}')


@case()
def listing_prefix_delimiter(t):
    bucket = t.new_bucket()
    for key in (b'a', b'dir/1', b'dir/2', b'dir/sub/3', b'dir+/4', b'z'):
        t.store(key, b'', bucket)
    rows = t.neph.listing(bucket, '--prefix', 'dir/')
    check([r['key'] for r in rows] == ['dir/1', 'dir/2', 'dir/sub/3'], f'prefix: {rows}')
    rows = t.neph.listing(bucket, '--delimiter', '/')
    check({r['key'] for r in rows if 'key' in r} == {'a', 'z'}, f'delimiter: {rows}')
    check({r['name'] for r in rows if 'name' in r} == {'dir/', 'dir+/'}, f'delimiter: {rows}')
    rows = t.neph.listing(bucket, '--prefix', 'dir/', '--delimiter', '/')
    check(sorted(r.get('key') or r['name'] for r in rows) == ['dir/1', 'dir/2', 'dir/sub/'], f'both: {rows}')
    rows = t.neph.listing(bucket, '--start-after', 'dir/2')
    check([r['key'] for r in rows] == ['dir/sub/3', 'z'], f'start-after: {rows}')
    rows = t.neph.listing(bucket, '--limit', '2')
    check([r['key'] for r in rows] == ['a', 'dir+/4'], f'limit: {rows}')


# --- ranges --------------------------------------------------------------------------------------


def get_range(t, key, *options):
    out = t.path(t.new_name('range'))
    result = t.neph.object('get', t.bucket, key, out, *options)
    if result.status != DONE:
        check(not t.left_over(os.path.basename(out)), f'left behind: {t.left_over(os.path.basename(out))}')
        return result, None
    with open(out, 'rb') as f:
        return result, f.read()


@case()
def ranges(t):
    data = bytes(range(256)) * 8
    t.store(b'ranges', data)
    for options, wanted in ((('--offset', '10', '--length', '5'), data[10:15]), (('--offset', '2000'), data[2000:]),
                            (('--offset', '0', '--length', '1'), data[:1]), (('--offset', '-7'), data[-7:]),
                            (('--offset', '2040', '--length', '100'), data[2040:])):
        result, got = get_range(t, b'ranges', *options)
        result.want(DONE)
        check(got == wanted, f'{options}: {short(got)}')


@case()
def range_past_the_end(t):
    t.store(b'tenbytes', b'0123456789')
    result, _ = get_range(t, b'tenbytes', '--offset', '10')
    result.want(FAILED)
    result, _ = get_range(t, b'tenbytes', '--offset', '1000', '--length', '10')
    result.want(FAILED)


# --- metadata, copies, deletions -----------------------------------------------------------------


@case()
def metadata(t):
    t.neph.put(t.bucket, b'meta', b'data', '--metadata', 'colour=dark blue', '--metadata', 'answer=42', '--content-type',
               'text/x-test').want(DONE)
    row = t.neph.object('head', t.bucket, b'meta', '-o', 'json').want(DONE).json()
    row = row[0] if isinstance(row, list) else row
    check(row['metadata'] == {'colour': 'dark blue', 'answer': '42'}, f'metadata: {row["metadata"]}')
    check(row['content_type'] == 'text/x-test', f'content type: {row["content_type"]}')
    if t.peer:
        fields = t.peer.head(t.bucket, b'meta').fields
        check(fields.get('x-amz-meta-colour') == 'dark blue', f'the server holds {fields}')
    t.neph.object('copy', t.bucket, b'meta', t.bucket, b'meta-copy').want(DONE)
    row = t.neph.object('head', t.bucket, b'meta-copy', '-o', 'json').want(DONE).json()
    row = row[0] if isinstance(row, list) else row
    check(row['metadata'] == {'colour': 'dark blue', 'answer': '42'}, f'metadata of the copy: {row["metadata"]}')


@case()
def copy(t):
    other = t.new_bucket()
    t.store(b'from + here', FIVE)
    t.neph.run('cp', t.neph.at(t.bucket, b'from + here'), t.neph.at(other, 'to/ü'.encode())).want(DONE)
    check(t.content('to/ü'.encode(), other) == FIVE, 'the copy has other bytes')
    check(t.holds(b'from + here'), 'the original is gone')
    t.neph.run('cp', t.neph.at(t.bucket, b'not there'), t.neph.at(other, b'x')).want(NOT_FOUND)


@case()
def delete(t):
    t.store(b'gone', b'data')
    t.neph.run('rm', t.neph.at(t.bucket, b'gone')).want(DONE)
    check(not t.holds(b'gone'), 'it is still there')
    result = t.neph.run('rm', t.neph.at(t.bucket, b'gone'))
    check(result.status in (DONE, NOT_FOUND), f'{result}; a second deletion')


# --- URLs, used with curl ------------------------------------------------------------------------


def presign(t, key, method):
    result = t.neph.object('presign', t.bucket, key, '--method', method, '--seconds', '300', '-o', 'json').want(DONE)
    row = result.json()
    return (row[0] if isinstance(row, list) else row)['url']


def curl(*args, data=None):
    done = subprocess.run(['curl', '-sS', '--noproxy', '*', '--max-time', '60', '-w', '%{http_code}', *args], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90, check=False)
    check(done.returncode == 0, f'curl: {done.stderr.decode()}')
    return int(done.stdout[-3:]), done.stdout[:-3]


@case(*REMOTE)
def presign_get_put_delete(t):
    for key in (b'signed', b'signed + / %20 // \xc3\xbc?&=#'):
        status, body = curl('-T', '-', '-H', 'Transfer-Encoding:', '-H', 'Content-Length: 5', presign(t, key, 'PUT'), data=b'hello')
        check(status == 200 and t.content(key) == b'hello', f'PUT: {status} {body[:300]!r}')
        status, body = curl(presign(t, key, 'GET'))
        check((status, body) == (200, b'hello'), f'GET: {status} {body[:300]!r}')
        status, body = curl('-X', 'DELETE', presign(t, key, 'DELETE'))
        check(status == 204 and not t.holds(key), f'DELETE: {status} {body[:300]!r}')


@case(*REMOTE)
def presign_is_bound(t):
    """A URL is good for its method and its key alone."""
    t.store(b'bound', b'hello')
    url = presign(t, b'bound', 'GET')
    status, body = curl('-X', 'DELETE', url)
    check(status == 403 and t.holds(b'bound'), f'DELETE with a URL for GET: {status} {body[:300]!r}')
    status, body = curl(url.replace('/bound?', '/other?'))
    check(status == 403, f'another key: {status} {body[:300]!r}')


@case('local')
def presign_unsupported(t):
    t.neph.put(t.bucket, b'unsigned', b'data').want(DONE)
    t.neph.object('presign', t.bucket, b'unsigned').want(UNSUPPORTED)


# --- when it breaks ------------------------------------------------------------------------------


def cut(t, **limits):
    host, _, port = t.settings['endpoint'].partition('://')[2].partition(':')
    proxy = Cutter(host, int(port.rstrip('/')), **limits)
    return proxy, t.neph.with_(endpoint=f'http://127.0.0.1:{proxy.port}')


@case(*REMOTE)
def server_dies_in_a_download(t):
    t.store(b'dies', FIVE)
    out = t.path('dies.out')
    proxy, neph = cut(t, down=1 << 20)
    neph.run('cp', neph.at(t.bucket, b'dies'), out).want(FAILED, 'the connection to')
    check(not t.left_over('dies.out'), f'left behind: {t.left_over("dies.out")}')
    with open(out, 'wb') as f:
        f.write(b'before')
    neph.run('cp', neph.at(t.bucket, b'dies'), out).want(FAILED, 'the connection to')
    proxy.close()
    with open(out, 'rb') as f:
        check(f.read() == b'before', 'what was there before is gone')
    check(t.left_over('dies.out') == ['dies.out'], f'left behind: {t.left_over("dies.out")}')


@case(*REMOTE)
def server_dies_in_an_upload(t):
    proxy, neph = cut(t, up=1 << 20)
    result = neph.put(t.bucket, b'dies-up', FIVE)
    proxy.close()
    result.want(FAILED, 'the connection')
    time.sleep(0.5)
    check(not t.holds(b'dies-up'), 'a part of the object is there')


@case(*REMOTE)
def server_dies_once(t):
    """What may be asked again is asked again."""
    proxy, neph = cut(t)
    limits = [200, None]
    proxy.limits = {'up': None, 'down': None}
    accept, state = proxy.pump, {'n': 0}

    def pump(way, source, sink):
        if way == 'down':
            proxy.limits['down'] = limits[min(state['n'], 1)]
            state['n'] += 1
        accept(way, source, sink)
    proxy.pump = pump
    result = neph.bucket('list', '-o', 'json')
    proxy.close()
    result.want(DONE)
    check(proxy.connections == 2, f'{proxy.connections} connections')


@case()
def disk_full_in_a_download(t):
    t.store(b'full', FIVE)
    out = t.path('full.out')
    t.neph.run('cp', t.neph.at(t.bucket, b'full'), out, before=limit_files(1 << 20)).want(FAILED)
    check(not t.left_over('full.out'), f'left behind: {t.left_over("full.out")}')


@case('local')
def disk_full_in_an_upload(t):
    source = t.path('full.in')
    with open(source, 'wb') as f:
        f.write(FIVE)
    before = sum(len(f) for _, _, f in os.walk(t.settings['root']))
    t.neph.run('cp', source, t.neph.at(t.bucket, b'full-up'), before=limit_files(1 << 20)).want(FAILED)
    check(not t.holds(b'full-up'), 'a part of the object is there')
    after = sum(len(f) for _, _, f in os.walk(t.settings['root']))
    check(before == after, f'{after - before} files were left behind')


@case()
def destination_not_writable(t):
    t.store(b'nowhere', b'data')
    t.neph.run('cp', t.neph.at(t.bucket, b'nowhere'), t.path('no/such/folder/file')).want(FAILED)
    t.neph.run('cp', t.path('no-such-file'), t.neph.at(t.bucket, b'nowhere')).want((FAILED, NOT_FOUND))
    check(t.content(b'nowhere') == b'data', 'the object was touched')


@case('local')
def no_way_out(t):
    """A symbolic link in the root is no way to what lies outside."""
    outside = t.path('outside')
    os.mkdir(outside)
    with open(os.path.join(outside, 'secret'), 'w', encoding='ascii') as f:
        f.write('secret')
    os.symlink(outside, os.path.join(t.settings['root'], t.bucket, 'link'))
    result = t.neph.cat(t.bucket, b'link/secret')
    check(result.status != DONE and b'secret' not in result.out, f'{result}; the link was followed')
    t.neph.put(t.bucket, b'link/new', b'data')
    check(os.listdir(outside) == ['secret'], f'outside there is {os.listdir(outside)}')
    os.unlink(os.path.join(t.settings['root'], t.bucket, 'link'))


@case('local')
def files_are_objects(t):
    """An object is the file of its name, and the other way round."""
    t.neph.put(t.bucket, b'folder/plain.txt', b'data').want(DONE)
    path = os.path.join(t.settings['root'], t.bucket, 'folder', 'plain.txt')
    check(os.path.isfile(path), f'{path} is no file')
    with open(os.path.join(t.settings['root'], t.bucket, 'folder', 'by-hand'), 'w', encoding='ascii') as f:
        f.write('by hand')
    check(t.neph.cat(t.bucket, b'folder/by-hand').want(DONE).out == b'by hand', 'other bytes')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('cloud')
    ap.add_argument('--profile', required=True, choices=REMOTE + ('local',))
    ap.add_argument('--set', action='append', default=[], metavar='NAME=VALUE')
    ap.add_argument('--only', action='append', help='cases whose name has this in it')
    ap.add_argument('--total', help='file to append "PASSED KNOWN FAILED" to')
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    folder = tempfile.mkdtemp(prefix='conformance-')
    try:
        t = Target(a, folder)
    except Failure as e:
        print(f'not ok {a.profile} start: {e}')
        counts = (0, 0, 1)
    else:
        counts = run_cases(a.profile, a.profile, t, read_expectations(os.path.join(HERE, a.profile + '.expect')), a.only)
    shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


if __name__ == '__main__':
    sys.exit(main())
