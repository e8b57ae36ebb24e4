"""swiftpeer.py: a second opinion on Swift (see peer.py): tokens of TempAuth (ST_AUTH, ST_USER, ST_KEY) or Keystone (OS_*)."""
import json, os

from peer import Peer, encode


class Swift(Peer):
    def __init__(self):
        url, self.token = keystone() if 'ST_AUTH' not in os.environ else tempauth()
        super().__init__(url)

    def request(self, method, bucket='', key=b'', query=(), fields=(), body=b'', want=(200, 201, 202, 204, 206)):
        path = self.base + ('/' + encode(bucket) if bucket else '') + ('/' + encode(key, '/') if key else '')
        text = '&'.join(f'{encode(n)}={encode(v)}' for n, v in query)
        sent = {'x-auth-token': self.token, 'content-length': str(len(body)), **dict(fields)}
        return self.send(method, path + ('?' + text if text else ''), sent, body, want)

    def create_bucket(self, bucket):
        self.request('PUT', bucket)

    def put(self, bucket, key, body=b'', **fields):
        return self.request('PUT', bucket, key, fields={n.replace('_', '-'): v for n, v in fields.items()}, body=body)

    def facts(self, bucket, key):
        return self.told(bucket, key, 'x-object-meta-', 'x-storage-class')

    def listing(self, bucket=''):
        """The rows of an account or a container."""
        marker, rows = '', []
        while True:
            query = [('format', 'json')] + ([('marker', marker)] if marker else [])
            page = json.loads(self.request('GET', bucket, query=query).body or b'[]')
            if not page:
                return rows
            rows += page
            marker = page[-1].get('name') or page[-1]['subdir']

    def keys(self, bucket):
        return [row['name'].encode() for row in self.listing(bucket)]

    def segments_of(self, bucket, key):
        """What a large object is made of, as CONTAINER/NAME."""
        reply = self.head(bucket, key)
        if reply.fields.get('x-static-large-object', '').lower() != 'true':
            return []
        manifest = self.request('GET', bucket, key, query=[('multipart-manifest', 'get')]).body
        if not manifest:
            return self.segments_guessed(bucket, key, reply.fields)
        return [segment['name'].lstrip('/') for segment in json.loads(manifest)]

    def segments_guessed(self, bucket, key, fields):
        """The same from a server that does not tell (Ceph): the segments of the upload that the object names, whose sizes must
        make its own."""
        place, start = bucket + '_segments', f'{key.decode()}/{fields.get("x-object-meta-neph-upload", "?")}/'
        rows = [row for row in self.listing(place) if row['name'].startswith(start)]
        if sum(row['bytes'] for row in rows) != int(fields['content-length']):
            return []
        return [f'{place}/{row["name"]}' for row in rows]

    def unfinished(self, bucket):
        """Segments of this bucket that no object is made of."""
        used = {s for key in self.keys(bucket) for s in self.segments_of(bucket, key)}
        places = [row['name'] for row in self.listing() if row['name'] in (bucket + '_segments', bucket + '+segments')]
        return [f'{p}/{key.decode()}' for p in places for key in self.keys(p) if f'{p}/{key.decode()}' not in used]

    def set_url_key(self, key):
        """The account's key that TempURLs are signed with."""
        self.request('POST', fields={'x-account-meta-temp-url-key': key})


def tempauth():
    peer = Peer(os.environ['ST_AUTH'])
    reply = peer.send('GET', peer.base, {'x-auth-user': os.environ['ST_USER'], 'x-auth-key': os.environ['ST_KEY']}, b'', (200, 204))
    return reply.fields['x-storage-url'], reply.fields['x-auth-token']


def keystone():
    get, peer = os.environ.get, Peer(os.environ['OS_AUTH_URL'])
    user = {'name': os.environ['OS_USERNAME'], 'password': os.environ['OS_PASSWORD'], 'domain': {'id': get('OS_USER_DOMAIN_ID', 'default')}}
    project = {'name': os.environ['OS_PROJECT_NAME'], 'domain': {'id': get('OS_PROJECT_DOMAIN_ID', 'default')}}
    wanted = {'auth': {'identity': {'methods': ['password'], 'password': {'user': user}}, 'scope': {'project': project}}}
    base = peer.base if peer.base.endswith('/v3') else peer.base + '/v3'
    reply = peer.send('POST', base + '/auth/tokens', {'content-type': 'application/json'}, json.dumps(wanted).encode(), (201,))
    stores = [s for s in json.loads(reply.body)['token']['catalog'] if s['type'] == 'object-store']
    urls = [e['url'] for e in stores[0]['endpoints'] if e['interface'] == 'public']
    return urls[0], reply.fields['x-subject-token']
