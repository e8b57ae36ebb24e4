"""storage_tree.py: transfers by cp, and whole trees by cp -r and sync: compared byte for byte, and by the clients of others."""
import hashlib, os, shutil, subprocess

from storage_target import *  # noqa: F401, F403

PART = 5 << 20
SMALL = 10_000


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.file_digest(f, 'sha256').digest()


def there_and_back(t, source, key, *options):
    """Up in parts of 5 MiB and down again; what the server says of its size."""
    out = t.path('back')
    t.neph.run('cp', f'--part-size={PART}', *options, source, t.neph.at(t.bucket, key), timeout=600).want(DONE)
    t.neph.run('cp', f'--part-size={PART}', *options, t.neph.at(t.bucket, key), out, timeout=600).want(DONE)
    check(os.path.getsize(out) == os.path.getsize(source) and digest(out) == digest(source), 'other bytes come back')
    os.unlink(out)
    check(not t.unfinished(), f'left behind: {t.unfinished()}')
    return t.head(key)


@alone()
def sizes_around_a_part(t):
    """0 B, 1 B, 5 MiB - 1, 5 MiB, 5 MiB + 1, 10 MiB, and parts that do not come out even."""
    for size in (0, 1, PART - 1, PART, PART + 1, 2 * PART, 23 << 20):
        data = os.urandom(size)
        key = b'size %d' % size
        row = there_and_back(t, t.write('sized', data), key)
        check(row['size_bytes'] == size, f'{size} bytes became {row["size_bytes"]}')
        check(t.content(key) == data, f'{size}: the server holds other bytes')


@alone(*ONE_OF_EACH)
def one_gib(t):
    """A sparse file with something at both ends and in the middle."""
    source = t.write('gib', b'begins')
    with open(source, 'r+b') as f:
        for at in ((1 << 29) + 17, (1 << 30) - 4):
            f.seek(at)
            f.write(b'ends')
    row = there_and_back(t, source, b'gib', '--part-size=64MiB')
    check(row['size_bytes'] == 1 << 30, f'it is {row}')
    t.neph.run('rm', t.neph.at(t.bucket, b'gib')).want(DONE)
    os.unlink(source)


@alone()
def pipe_of_unknown_length(t):
    data = os.urandom((12 << 20) + 5)
    t.neph.run('cp', f'--part-size={PART}', '-', t.neph.at(t.bucket, b'piped'), data=data).want(DONE)
    check(t.content(b'piped') == data, 'the server holds other bytes')
    check(t.neph.run('cp', t.neph.at(t.bucket, b'piped'), '-').want(DONE).out == data, 'other bytes come back')
    check(not t.unfinished(), f'left behind: {t.unfinished()}')


@alone()
def metadata_of_parts(t):
    """What goes with an object goes with one of many parts too."""
    t.neph.run('cp', f'--part-size={PART}', '--metadata', 'colour=blue', '--content-type', 'text/x-big',
               t.write('big', bytes(2 * PART + 1)), t.neph.at(t.bucket, b'big')).want(DONE)
    row = t.head(b'big')
    check((row['metadata'].get('colour'), row['content_type']) == ('blue', 'text/x-big'), f'it is {row}')


@alone()
def overwritten_in_parts(t):
    """A large object over a large one, and a small one over that: nothing stays behind."""
    for data in (os.urandom(2 * PART), os.urandom(2 * PART + 9), b'small'):
        t.neph.run('cp', f'--part-size={PART}', t.write('over', data), t.neph.at(t.bucket, b'over')).want(DONE)
        check(t.content(b'over') == data, 'the server holds other bytes')
        check(not t.unfinished(), f'left behind: {t.unfinished()}')
    t.neph.run('cp', f'--part-size={PART}', t.write('over', bytes(2 * PART)), t.neph.at(t.bucket, b'over')).want(DONE)
    t.neph.run('rm', t.neph.at(t.bucket, b'over')).want(DONE)
    check(not t.holds(b'over') and not t.unfinished(), f'left behind: {t.unfinished()}')


@alone()
def cp_with_conditions(t):
    for data, status in ((bytes(2 * PART), DONE), (bytes(2 * PART + 1), FAILED), (b'small', FAILED)):
        t.neph.run('cp', f'--part-size={PART}', '--if-none-match', '*', t.write('cond', data), t.neph.at(t.bucket, b'cond')).want(status)
    check(t.head(b'cond')['size_bytes'] == 2 * PART, 'it was overwritten')
    check(not t.unfinished(), f'left behind: {t.unfinished()}')


@alone()
def mv_there_and_back(t):
    data = os.urandom(PART + 5)
    source = t.write('moved', data)
    t.neph.run('mv', source, t.neph.at(t.bucket, b'moved')).want(DONE)
    check(not os.path.exists(source) and t.content(b'moved') == data, 'it was not moved')
    t.neph.run('mv', t.neph.at(t.bucket, b'moved'), t.neph.at(t.bucket, b'moved again')).want(DONE)
    check(not t.holds(b'moved') and t.content(b'moved again') == data, 'it was not moved within the cloud')
    t.neph.run('mv', t.neph.at(t.bucket, b'moved again'), source).want(DONE)
    check(not t.holds(b'moved again') and digest(source) == hashlib.sha256(data).digest(), 'it was not moved back')


# --- trees -----------------------------------------------------------------------------------------


def make_tree(t, name, files):
    top = t.path(name)
    shutil.rmtree(top, ignore_errors=True)
    os.mkdir(top)
    for path, data in files.items():
        at = os.path.join(os.fsencode(top), path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, 'wb') as f:
            f.write(data)
    return top


def read_tree(top):
    """{path: bytes} of all files below."""
    top, files = os.fsencode(top), {}
    for at, _, names in os.walk(top):
        for name in names:
            with open(os.path.join(at, name), 'rb') as f:
                files[os.path.relpath(os.path.join(at, name), top)] = f.read()
    return files


def held(t, bucket, prefix=b''):
    """{key: bytes} of what the server holds."""
    keys = t.peer.keys(bucket) if t.peer else [r['key'].encode() for r in t.neph.listing(bucket)]
    return {k[len(prefix):]: t.content(k, bucket) for k in keys if k.startswith(prefix)}


def same(got, wanted, where):
    missing, more = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
    check(not missing and not more, f'{where}: {short(missing[:5])} are missing, {short(more[:5])} are too many')
    other = [k for k in wanted if got[k] != wanted[k]]
    check(not other, f'{where}: {short(other[:5])} have other bytes')


NAMES = {b'a b  c': b'1', b'a+b+': b'2', b'100% %25 %2F': b'3', '\u00fc/\u65e5\u672c\u8a9e/\U0001f642'.encode(): b'4',
         'e\u0301 \u00e9'.encode(): b'5', b'dir/-_.~': b'6', b'what?#&=;:@!$\'()*,[]': b'7', b'"q" <tag> &amp;': b'8', b'back\\slash': b'9',
         b'.hidden/.metadata': b'', b'dir/sub/deep': b'10', b'dir.txt': b'11', b'dir-1': b'12', b'x' * 200: b'13'}
# One byte each: all that a name may hold in UTF-8 but '/', and '.' which is the folder itself.
BYTES = {b'bytes/' + chr(c).encode(): b'%d' % c for c in range(1, 256) if chr(c) not in '/.'}


def legal(t, files):
    """Without the names that the service does not know apart (Azure), or its server cannot list (Azurite)."""
    if t.cloud != 'azure':
        return files
    return {n: d for n, d in files.items() if b'\\' not in n and not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in n.decode())}


@case()
def names_of_a_tree(t):
    """Names with what a name may hold go up and come back."""
    bucket, wanted = t.new_bucket(), legal(t, NAMES)
    top = make_tree(t, 'names', wanted)
    t.neph.run('cp', '-r', top, t.neph.at(bucket, b'pre fix/')).want(DONE)
    kept = held(t, bucket, b'pre fix/')
    kept = kept if set(kept) == set(wanted) else {k.partition(b'names/')[2]: v for k, v in kept.items()}
    same(kept, wanted, 'the bucket')
    back = t.path('names-back')
    shutil.rmtree(back, ignore_errors=True)
    t.neph.run('sync', t.neph.at(bucket, b'pre fix/'), back).want(DONE)
    came = read_tree(back)
    same(came if set(came) == set(wanted) else {k.partition(b'names/')[2]: v for k, v in came.items()}, wanted, 'the folder')


@case()
def every_byte_in_a_name(t):
    bucket, wanted = t.new_bucket(), legal(t, BYTES)
    top = make_tree(t, 'bytes', wanted)
    t.neph.run('sync', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), wanted, 'the bucket')
    back = t.path('bytes-back')
    shutil.rmtree(back, ignore_errors=True)
    t.neph.run('sync', t.neph.at(bucket), back).want(DONE)
    same(read_tree(back), wanted, 'the folder')


@case(*ONE_OF_EACH)
def ten_thousand_files(t):
    bucket = t.new_bucket()
    files = {b'%02d/%05d' % (i % 97, i): b'file %d' % i * (i % 40) for i in range(SMALL)}
    top = make_tree(t, 'many', files)
    t.neph.run('sync', '--jobs=32', top, t.neph.at(bucket), timeout=600).want(DONE)
    keys = t.peer.keys(bucket) if t.peer else [r['key'].encode() for r in t.neph.listing(bucket)]
    check(sorted(keys) == sorted(files), f'{len(keys)} objects')
    back = t.path('many-back')
    shutil.rmtree(back, ignore_errors=True)
    t.neph.run('sync', '--jobs=32', t.neph.at(bucket), back, timeout=600).want(DONE)
    same(read_tree(back), files, 'the folder')
    check(planned(t, top, t.neph.at(bucket)) == set(), 'a second sync would do something')


# --- sync ------------------------------------------------------------------------------------------

TREE = {b'a': b'1', b'b/c': b'22', b'b/d': b'333', b'b.txt': b'4444', b'e/f/g': b'', b'z': b'6'}


def planned(t, *args):
    """What a dry run says: {(action, name)}."""
    rows = t.neph.run('sync', '--dry-run', *args, '-o', 'json').want(DONE).json()
    return {(r['action'], r['name']) for r in rows if r['action'] != 'summary'}


@case()
def sync_up_and_again(t):
    bucket, top = t.new_bucket(), make_tree(t, 'tree', TREE)
    check(planned(t, top, t.neph.at(bucket)) == {('copy', k.decode()) for k in TREE}, 'the dry run says something else')
    check(held(t, bucket) == {}, 'the dry run has copied')
    t.neph.run('sync', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), TREE, 'the bucket')
    check(planned(t, top, t.neph.at(bucket)) == set(), 'a second run would do something')
    with open(os.path.join(top, 'b', 'c'), 'wb') as f:
        f.write(b'changed')
    os.unlink(os.path.join(top, 'z'))
    check(planned(t, top, t.neph.at(bucket)) == {('copy', 'b/c')}, f'it would do {planned(t, top, t.neph.at(bucket))}')
    t.neph.run('sync', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), {**TREE, b'b/c': b'changed'}, 'without --delete the bucket')
    t.neph.run('sync', '--delete', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), {k: v for k, v in {**TREE, b'b/c': b'changed'}.items() if k != b'z'}, 'with --delete the bucket')


@case()
def sync_down_and_again(t):
    bucket, top = t.new_bucket(), t.path('down-tree')
    for key, data in TREE.items():
        t.store(key, data, bucket)
    shutil.rmtree(top, ignore_errors=True)
    t.neph.run('sync', t.neph.at(bucket), top).want(DONE)
    same(read_tree(top), TREE, 'the folder')
    check(planned(t, t.neph.at(bucket), top) == set(), 'a second run would do something')
    t.write('down-tree/more', b'more')
    t.neph.run('sync', t.neph.at(bucket), top).want(DONE)
    check(os.path.exists(os.path.join(top, 'more')), 'it was deleted without being asked to')
    t.neph.run('sync', '--delete', t.neph.at(bucket), top).want(DONE)
    same(read_tree(top), TREE, 'with --delete the folder')


@case()
def sync_within_the_cloud(t):
    one_bucket, other = t.new_bucket(), t.new_bucket()
    for key, data in TREE.items():
        t.store(b'from/' + key, data, one_bucket)
    t.store(b'to/old', b'old', other)
    t.neph.run('sync', '--delete', t.neph.at(one_bucket, b'from/'), t.neph.at(other, b'to/')).want(DONE)
    same(held(t, other), {b'to/' + k: v for k, v in TREE.items()}, 'the other bucket')
    check(planned(t, t.neph.at(one_bucket, b'from/'), t.neph.at(other, b'to/')) == set(), 'a second run would do something')


@case(*REMOTE)
def sync_to_another_cloud(t):
    """Streamed from this one to the local provider, and back to another bucket."""
    bucket, other, root = t.new_bucket(), t.new_bucket(), t.path('other-root')
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, 'copy'))
    for key, data in TREE.items():
        t.store(key, data, bucket)
    t.store(b'big', FIVE, bucket)
    both = t.neph.with_({'NEPH_LOCAL_ROOT': root})
    both.run('sync', both.at(bucket), 'local:copy').want(DONE)
    same({k: v for k, v in read_tree(os.path.join(root, 'copy')).items() if not k.startswith(b'.neph')}, {**TREE, b'big': FIVE}, 'the other cloud')
    both.run('sync', 'local:copy', both.at(other)).want(DONE)
    same(held(t, other), {**TREE, b'big': FIVE}, 'the bucket it came back to')


@case()
def sync_of_some(t):
    bucket, top = t.new_bucket(), make_tree(t, 'some', TREE)
    t.neph.run('sync', '--exclude', 'b/**', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), {k: v for k, v in TREE.items() if not k.startswith(b'b/')}, 'without b/ the bucket')
    bucket = t.new_bucket()
    t.neph.run('sync', '--include', '*.txt', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), {b'b.txt': b'4444'}, 'with *.txt alone the bucket')


@case()
def sync_deletes_no_more_than(t):
    bucket, top = t.new_bucket(), make_tree(t, 'few', {b'a': b'1'})
    for key, data in TREE.items():
        t.store(key, data, bucket)
    t.neph.run('sync', '--delete', '--max-delete=3', top, t.neph.at(bucket)).want(FAILED, '3')
    check(len(held(t, bucket)) >= 3, f'{len(held(t, bucket))} are left')
    t.neph.run('sync', '--delete', '--max-delete=5', top, t.neph.at(bucket))
    t.neph.run('sync', '--delete', top, t.neph.at(bucket)).want(DONE)
    same(held(t, bucket), {b'a': b'1'}, 'the bucket')


@case()
def sync_from_nowhere_deletes_nothing(t):
    bucket = t.new_bucket()
    t.store(b'stays', b'data', bucket)
    t.neph.run('sync', '--delete', t.path('no-such-folder'), t.neph.at(bucket)).want((FAILED, NOT_FOUND))
    t.neph.run('sync', '--delete', t.neph.at(t.new_name('missing')), t.neph.at(bucket)).want((FAILED, NOT_FOUND))
    check(held(t, bucket) == {b'stays': b'data'}, 'it was deleted')


# --- read back by the clients of others -------------------------------------------------------------


def foreign(command, variables):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False,
                          env={**os.environ, **variables})
    check(done.returncode == 0, f'{command[0]}: {short(done.stderr.decode())}')
    return done.stdout


BIG = os.urandom(1 << 16) * 192 + b'!'  # 12 MiB + 1


def put_big(t):
    t.neph.run('cp', f'--part-size={PART}', t.write('foreign', BIG), t.neph.at(t.bucket, b'foreign')).want(DONE)


@alone(*SWIFTS)
def read_by_the_swift_client(t):
    put_big(t)
    out = t.path('by-swift')
    foreign(['swift', 'download', t.bucket, 'foreign', '-o', out], {})
    with open(out, 'rb') as f:
        check(f.read() == BIG, 'swift reads other bytes')
    foreign(['swift', 'upload', t.bucket, t.path('foreign'), '--object-name', 'theirs', '--use-slo', '--segment-size', str(PART)], {})
    check(t.neph.cat(t.bucket, b'theirs').want(DONE).out == BIG, 'other bytes come of what swift has written')


@alone('rgw', 'swift')
def read_by_the_aws_client(t):
    put_big(t)
    out = t.path('by-aws')
    aws = ['aws', '--endpoint-url', t.settings['endpoint'], 's3', 'cp', '--no-progress']
    foreign([*aws, f's3://{t.bucket}/foreign', out], {})
    with open(out, 'rb') as f:
        check(f.read() == BIG, 'aws reads other bytes')
    foreign([*aws, t.path('foreign'), f's3://{t.bucket}/theirs'], {})
    check(t.neph.cat(t.bucket, b'theirs').want(DONE).out == BIG, 'other bytes come of what aws has written')


@alone(*AZURES)
def read_by_curl(t):
    """With a URL that bears its own rights."""
    put_big(t)
    url = one(t.neph.object('presign', t.bucket, b'foreign', '-o', 'json'))['url']
    status, body = curl(url)
    check((status, body == BIG) == (200, True), f'curl reads {status} and other bytes')
