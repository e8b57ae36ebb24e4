"""storage_object.py: objects, their keys, listings, ranges, metadata, copies, deletions."""
import hashlib, os

from storage_target import *  # noqa: F401, F403

KEYS = {
    'space': b'a b  c', 'plus': b'a+b+', 'percent': b'100%', 'percent_escape': b'100%25 %2F %zz', 'double_slash': b'a//b///c',
    'dot_segment': b'a/./b', 'dot_dot_segment': b'a/../b', 'dot_dot_first': b'../up', 'leading_slash': b'/lead',
    'slash_only': b'/', 'trailing_slash': b'dir/', 'dots': b'.', 'dot_dots': b'..', 'utf8': 'ü/日本語/🙂'.encode(),
    'utf8_forms': 'e\u0301 \u00e9'.encode(), 'control': b'\x01\x07\x1b[31m\x1f\x7f', 'tab_return': b'a\tb\rc', 'newline': b'a\nb',
    'bytes_1024': b'x' * 1024, 'long_segments': b'/'.join([b'y' * 200] * 5), 'query': b'what?#&=;:@!$\'()*,[]',
    'xml': b'"quotes" <tag> &amp; &', 'backslash': b'a\\b', 'tilde': b'~user/-_.', 'hidden': b'.hidden/.metadata',
    'under_a_file': b'a b  c/below',
}


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
    check(t.head(b'empty')['size_bytes'] == 0, f'size {t.head(b"empty")}')
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
    if t.cloud in ('s3', 'swift'):
        tag = t.peer.facts(t.bucket, b'five')['etag']
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


# Keys that have neighbours, or that a server may not list the others with.
OF_ITS_OWN = ('under_a_file', 'space', 'control', 'tab_return', 'newline', 'utf8_forms')


def key_case(word, key):
    def one_key(t):
        data = b'data of ' + key[:40]
        bucket = t.new_bucket() if word in OF_ITS_OWN else t.bucket
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


@case('local', *WITHOUT_TLS)
def listing_of_10001(t):
    bucket = t.new_bucket()
    keys = [b'part-%05d' % i for i in range(10001)]
    if t.peer:
        each(keys, lambda key: t.peer.put(bucket, key))
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
    if t.cloud in ('s3', 'swift'):
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
    row = t.head(b'meta')
    check(row['metadata'] == {'colour': 'dark blue', 'answer': '42'}, f'metadata: {row["metadata"]}')
    check(row['content_type'] == 'text/x-test', f'content type: {row["content_type"]}')
    if t.peer:
        facts = t.peer.facts(t.bucket, b'meta')
        check(facts['metadata'] == {'colour': 'dark blue', 'answer': '42'}, f'the server holds {facts}')
        check(facts['content_type'] == 'text/x-test', f'the server holds {facts}')
    t.neph.object('copy', t.bucket, b'meta', t.bucket, b'meta-copy').want(DONE)
    row = t.head(b'meta-copy')
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


