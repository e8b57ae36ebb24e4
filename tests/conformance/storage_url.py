"""storage_url.py: presigned URLs, used with curl."""
from storage_target import *  # noqa: F401, F403

PUT_FIELDS = {'azure': ('-H', 'x-ms-blob-type: BlockBlob')}  # what a PUT needs beside its URL


def presign(t, key, method):
    return one(t.neph.object('presign', t.bucket, key, '--method', method, '--seconds', '300', '-o', 'json'))['url']


@case(*REMOTE)
def presign_get_put_delete(t):
    for key in (b'signed', b'signed + / %20 // \xc3\xbc?&=#'):
        status, body = curl('-T', '-', '-H', 'Transfer-Encoding:', '-H', 'Content-Length: 5', *PUT_FIELDS.get(t.cloud, ()),
                            presign(t, key, 'PUT'), data=b'hello')
        check(status in (200, 201) and t.content(key) == b'hello', f'PUT: {status} {body[:300]!r}')
        status, body = curl(presign(t, key, 'GET'))
        check((status, body) == (200, b'hello'), f'GET: {status} {body[:300]!r}')
        status, body = curl('-X', 'DELETE', presign(t, key, 'DELETE'))
        check(status in (202, 204) and not t.holds(key), f'DELETE: {status} {body[:300]!r}')


@case(*REMOTE)
def presign_is_bound(t):
    """A URL is good for its method and its key alone."""
    t.store(b'bound', b'hello')
    url = presign(t, b'bound', 'GET')
    status, body = curl('-X', 'DELETE', url)
    check(status in (401, 403) and t.holds(b'bound'), f'DELETE with a URL for GET: {status} {body[:300]!r}')
    status, body = curl(url.replace('/bound?', '/other?'))
    check(status in (401, 403), f'another key: {status} {body[:300]!r}')


@case('local')
def presign_unsupported(t):
    t.neph.put(t.bucket, b'unsigned', b'data').want(DONE)
    t.neph.object('presign', t.bucket, b'unsigned').want(UNSUPPORTED)
