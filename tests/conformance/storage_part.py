"""storage_part.py: objects in parts, limits, conditions, many at once, versions: by the command's generic operations."""
import hashlib, os

from storage_target import *  # noqa: F401, F403

PART = 5 << 20


def upload(t, verb, *args):
    return t.neph.run('-c', t.cloud, 'upload', verb, *args)


def begin(t, key, *options):
    return one(upload(t, 'begin', t.bucket, key, *options, '-o', 'json'))['id']


def send(t, key, upload_id, number, data):
    """A part; its NUMBER=ETAG."""
    path = t.write(f'part-{number}', data)
    row = one(upload(t, 'part', t.bucket, key, upload_id, str(number), path, '-o', 'json'))
    return f'{number}={row["etag"]}'


def uploads(t):
    return [u['id'] for u in upload(t, 'list', t.bucket, '-o', 'json').want(DONE).json()]


@alone()
def limits(t):
    row = one(t.neph.run('-c', t.cloud, 'storage', 'limits', '-o', 'json'))
    for name in ('object_bytes', 'put_bytes', 'part_bytes_min', 'part_bytes_max', 'part_count'):
        check(row[name] is None or row[name] >= 0, f'{name} is {row[name]}')
    most = row['part_count'] and row['part_bytes_max'] and row['part_count'] * row['part_bytes_max']
    check(not (most and row['object_bytes']) or most >= row['object_bytes'] // 2, f'parts do not suffice for the largest object: {row}')


@alone()
def parts_make_an_object(t):
    """Sent in any order, listed in theirs; nothing is visible before it is complete."""
    key, pieces = 'in parts ü'.encode(), (os.urandom(PART), os.urandom(PART), b'the end')
    upload_id = begin(t, key, '--content-type', 'text/x-parts', '--metadata', 'colour=blue')
    tags = {n: send(t, key, upload_id, n, pieces[n - 1]) for n in (3, 1, 2)}
    check(not t.holds(key), 'it is visible before it is complete')
    listed = upload(t, 'parts', t.bucket, key, upload_id, '-o', 'json').want(DONE).json()
    check([(p['number'], p['size_bytes']) for p in listed] == [(1, PART), (2, PART), (3, 7)], f'listed as {short(listed)}')
    check([f'{p["number"]}={p["etag"]}' for p in listed] == [tags[n] for n in (1, 2, 3)], f'listed as {short(listed)}, sent as {tags}')
    upload(t, 'complete', t.bucket, key, upload_id, *(tags[n] for n in (1, 2, 3)), '--content-type', 'text/x-parts',
           '--metadata', 'colour=blue').want(DONE)
    check(t.content(key) == b''.join(pieces), 'the object has other bytes')
    row = t.head(key)
    check(row['size_bytes'] == 2 * PART + 7, f'its size is {row["size_bytes"]}')
    check((row['content_type'], row['metadata']) == ('text/x-parts', {'colour': 'blue'}), f'it is {row}')
    check(not t.unfinished(), f'left behind: {t.unfinished()}')
    listed = [r['key'].encode() for r in t.neph.listing(t.bucket)]
    check(listed.count(key) == 1, f'listed as {short(listed)}')


@alone()
def part_sent_again_replaces(t):
    upload_id = begin(t, b'again')
    send(t, b'again', upload_id, 1, b'first')
    tag = send(t, b'again', upload_id, 1, b'second')
    upload(t, 'complete', t.bucket, b'again', upload_id, tag).want(DONE)
    check(t.content(b'again') == b'second', f'the object is {short(t.content(b"again"))}')


@alone()
def upload_given_up(t):
    """Nothing of it stays; what was there stays what it was; giving it up again is no error."""
    t.store(b'given up', b'before')
    upload_id = begin(t, b'given up')
    send(t, b'given up', upload_id, 1, os.urandom(1000))
    upload(t, 'abort', t.bucket, b'given up', upload_id).want(DONE)
    check(not t.unfinished(), f'left behind: {t.unfinished()}')
    check(t.content(b'given up') == b'before', 'the object was touched')
    upload(t, 'abort', t.bucket, b'given up', upload_id).want(DONE)
    upload(t, 'parts', t.bucket, b'given up', upload_id).want(NOT_FOUND)


@alone()
def uploads_are_listed(t):
    check(uploads(t) == [], 'an empty bucket lists uploads')
    upload_id = begin(t, b'on its way')
    send(t, b'on its way', upload_id, 1, b'data')
    rows = upload(t, 'list', t.bucket, '-o', 'json').want(DONE).json()
    check([r['key'] for r in rows] == ['on its way'], f'listed as {rows}')
    upload(t, 'abort', t.bucket, b'on its way', rows[0]['id']).want(DONE)
    check(uploads(t) == [], 'it is still listed')


@alone()
def part_with_another_tag(t):
    upload_id = begin(t, b'wrong tag')
    send(t, b'wrong tag', upload_id, 1, b'data')
    result = upload(t, 'complete', t.bucket, b'wrong tag', upload_id, '1=' + hashlib.md5(b'other').hexdigest())
    check(result.status == FAILED, f'{result}; wanted it to be refused')
    check(not t.holds(b'wrong tag'), 'the object is there')
    upload(t, 'abort', t.bucket, b'wrong tag', upload_id).want(DONE)


@alone(*S3S, *SWIFTS)
def part_copied(t):
    """A part is made of a range of another object."""
    data = os.urandom(PART + 1000)
    t.store(b'part source', data)
    upload_id = begin(t, b'of copies')
    row = one(upload(t, 'copy', t.bucket, b'part source', t.bucket, b'of copies', upload_id, '1', '--offset', '1000', '--length',
                     str(PART), '-o', 'json'))
    upload(t, 'complete', t.bucket, b'of copies', upload_id, f'1={row["etag"]}').want(DONE)
    check(t.content(b'of copies') == data[1000:], 'other bytes')


@case(*S3S)
def copied_in_parts(t):
    """An object that is larger than one copy may be."""
    data = os.urandom(1 << 16) * 272 + b'!'
    t.store(b'large', data)
    neph = t.neph.with_(quirks=t.settings.get('quirks', 'auto') + ',copy-max=6M')
    neph.run('cp', f'--part-size={PART}', t.neph.at(t.bucket, b'large'), t.neph.at(t.bucket, b'large copy')).want(DONE)
    check(t.content(b'large copy') == data, 'the copy has other bytes')
    tag = t.peer.facts(t.bucket, b'large copy')['etag']
    check(tag.endswith('-4'), f'it was not copied in four parts: its entity tag is {tag}')


@alone()
def copy_of_parts_stands_alone(t):
    """A copy of what was made of parts stays whole when that is deleted, or goes away with a move."""
    data, source = FIVE + b'more', t.write('parts', FIVE + b'more')
    t.neph.run('cp', f'--part-size={PART}', source, t.neph.at(t.bucket, b'of parts')).want(DONE)
    t.neph.run('cp', t.neph.at(t.bucket, b'of parts'), t.neph.at(t.bucket, b'copied parts')).want(DONE)
    t.neph.object('delete', t.bucket, b'of parts').want(DONE)
    check(t.content(b'copied parts') == data, 'the copy has other bytes')
    t.neph.run('mv', t.neph.at(t.bucket, b'copied parts'), t.neph.at(t.bucket, b'moved parts')).want(DONE)
    check(not t.holds(b'copied parts') and t.content(b'moved parts') == data, 'what was moved has other bytes')
    check(not t.unfinished(), f'left behind: {t.unfinished()}')


# --- many at once ----------------------------------------------------------------------------------


@case()
def delete_many(t):
    keys = [f'many/{i} ü&<>"+%'.encode() for i in range(25)]
    for key in keys:
        t.store(key, b'')
    t.store(b'stays', b'data')
    left = t.neph.object('delete-many', t.bucket, *keys, b'was never there', '-o', 'json').want((DONE, FAILED, NOT_FOUND))
    check(left.status == DONE, f'{left}; a key that is not there is none that could not be deleted')
    held = [k for k in keys if t.holds(k)]
    check(not held, f'{len(held)} are still there')
    check(t.content(b'stays') == b'data', 'more was deleted than was asked for')


@case()
def rm_of_many(t):
    for key in (b'rm/1', b'rm/2', b'rm/3'):
        t.store(key, b'')
    t.neph.run('rm', *(t.neph.at(t.bucket, k) for k in (b'rm/1', b'rm/3'))).want(DONE)
    check([t.holds(k) for k in (b'rm/1', b'rm/2', b'rm/3')] == [False, True, False], 'others are gone than were asked for')


# --- conditions ------------------------------------------------------------------------------------


@case()
def put_if_there_is_none(t):
    t.neph.put(t.bucket, b'once', b'first', '--if-none-match', '*').want(DONE)
    t.neph.put(t.bucket, b'once', b'second', '--if-none-match', '*').want(FAILED)
    check(t.content(b'once') == b'first', 'it was overwritten')


@case()
def put_if_it_is_still_this(t):
    t.neph.put(t.bucket, b'still', b'first').want(DONE)
    tag = t.head(b'still')['etag']
    t.neph.put(t.bucket, b'still', b'second', '--if-match', tag).want(DONE)
    t.neph.put(t.bucket, b'still', b'third', '--if-match', tag).want(FAILED)
    check(t.content(b'still') == b'second', f'the object is {short(t.content(b"still"))}')


@case()
def get_if(t):
    t.neph.put(t.bucket, b'tagged', b'data').want(DONE)
    tag, out = t.head(b'tagged')['etag'], t.path('tagged.out')
    t.neph.object('get', t.bucket, b'tagged', out, '--if-match', tag).want(DONE)
    os.unlink(out)
    t.neph.object('get', t.bucket, b'tagged', out, '--if-match', 'f' * 32).want(FAILED)
    t.neph.object('get', t.bucket, b'tagged', out, '--if-none-match', tag).want(FAILED)
    check(not t.left_over('tagged.out'), f'left behind: {t.left_over("tagged.out")}')
    t.neph.object('get', t.bucket, b'tagged', out, '--if-none-match', 'f' * 32).want(DONE)


@case()
def copy_if(t):
    t.neph.put(t.bucket, b'copied', b'data').want(DONE)
    tag = t.head(b'copied')['etag']
    t.neph.object('copy', t.bucket, b'copied', t.bucket, b'copied-1', '--from-if-match', tag).want(DONE)
    t.neph.object('copy', t.bucket, b'copied', t.bucket, b'copied-2', '--from-if-match', 'f' * 32).want(FAILED)
    check(t.holds(b'copied-1') and not t.holds(b'copied-2'), 'the condition was not heeded')


@case()
def delete_if(t):
    t.neph.put(t.bucket, b'deleted', b'data').want(DONE)
    t.neph.object('delete', t.bucket, b'deleted', '--if-match', 'f' * 32).want((FAILED, UNSUPPORTED))
    check(t.holds(b'deleted'), 'it was deleted all the same')


# --- what is kept with it --------------------------------------------------------------------------


@case()
def copy_with_other_facts(t):
    t.neph.put(t.bucket, b'facts', b'data', '--metadata', 'a=1', '--content-type', 'text/x-one').want(DONE)
    t.neph.object('copy', t.bucket, b'facts', t.bucket, b'facts-2', '--metadata', 'b=2', '--content-type', 'text/x-two').want(DONE)
    row = t.head(b'facts-2')
    check((row['metadata'], row['content_type']) == ({'b': '2'}, 'text/x-two'), f'the copy is {row}')


@case()
def content_type_by_extension(t):
    for name, wanted in (('page.html', 'text/html'), ('picture.png', 'image/png'), ('data.json', 'application/json')):
        t.neph.run('cp', t.write(name, b'x'), t.neph.at(t.bucket)).want(DONE)
        check(t.head(name.encode())['content_type'] == wanted, f'{name} is {t.head(name.encode())["content_type"]}')
    t.neph.run('cp', '--content-type', 'text/x-given', t.path('page.html'), t.neph.at(t.bucket, b'given.html')).want(DONE)
    check(t.head(b'given.html')['content_type'] == 'text/x-given', f'it is {t.head(b"given.html")}')


@case()
def local_time_is_kept(t):
    """When the file was written goes with the object."""
    t.neph.put(t.bucket, b'timed', b'data', '--local-modified', '2001-02-03T04:05:06.789Z').want(DONE)
    told = t.head(b'timed')['local_modified'] or ''
    check(told.startswith('2001-02-03T04:05:06'), f'it is {told!r}')


@case('rgw', 'moto', 'azurite', 'azurite-tls')
def storage_class(t):
    wanted = 'Cool' if t.cloud == 'azure' else 'REDUCED_REDUNDANCY' if t.profile == 'moto' else 'STANDARD'
    t.neph.put(t.bucket, b'cold', b'data', '--storage-class', wanted).want(DONE)
    check((t.peer.facts(t.bucket, b'cold')['storage_class'] or 'STANDARD') == wanted, f'the server holds {t.peer.facts(t.bucket, b"cold")}')


# --- versions --------------------------------------------------------------------------------------


def versioned_bucket(t):
    """With an object that was put twice and deleted; all that it lists."""
    bucket = t.new_bucket()
    body = (b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>'
            b'</VersioningConfiguration>')
    t.peer.request('PUT', bucket, query=[('versioning', '')], body=body)
    for data in (b'one', b'two'):
        t.neph.put(bucket, b'versioned', data).want(DONE)
    t.neph.object('delete', bucket, b'versioned').want(DONE)
    return bucket, t.neph.object('versions', bucket, '-o', 'json').want(DONE).json()


@case(*S3S)
def versions(t):
    bucket, rows = versioned_bucket(t)
    gone, kept = [r for r in rows if r['is_deleted']], [r for r in rows if not r['is_deleted']]
    check([bool(r['is_latest']) for r in gone + kept] == [True, False, False], f'{rows}')
    out = t.path('versioned.out')
    for row, wanted in zip(kept, (b'two', b'one')):
        t.neph.object('get', bucket, b'versioned', out, '--version', row['version']).want(DONE)
        with open(out, 'rb') as f:
            check(f.read() == wanted, 'another version came')
    t.neph.object('delete', bucket, b'versioned', '--version', gone[0]['version']).want(DONE)
    check(t.neph.cat(bucket, b'versioned').want(DONE).out == b'two', 'deleting what deletes did not bring it back')


@case(*S3S)
def versions_are_in_order(t):
    """The latest first, what deleted it among them."""
    _, rows = versioned_bucket(t)
    check([bool(r['is_deleted']) for r in rows] == [True, False, False], f'{rows}')
