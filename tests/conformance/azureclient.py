"""azureclient.py: a second opinion on Azure Blobs (see peer.py): SharedKey over http.client."""
import base64, hashlib, hmac, time, urllib.parse

from peer import Peer, encode, tree

VERSION = '2021-12-02'
SIGNED = ('content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date', 'if-modified-since',
          'if-match', 'if-none-match', 'if-unmodified-since', 'range')


class Azure(Peer):
    def __init__(self, endpoint, account, key, ca_file=None):
        super().__init__(endpoint, ca_file)
        self.account, self.key = account, base64.b64decode(key)

    def signature(self, lines):
        return base64.b64encode(hmac.new(self.key, '\n'.join(lines).encode(), hashlib.sha256).digest()).decode()

    def sas(self, bucket, permissions, end=3600, start=None):
        """A token for a bucket and what is in it, from and until so many seconds from now."""
        times = [time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + t)) if t is not None else '' for t in (start, end)]
        lines = [permissions, *times, f'/blob/{self.account}/{bucket}', '', '', '', VERSION, 'c', *[''] * 7]
        query = {'sv': VERSION, 'sr': 'c', 'sp': permissions, 'st': times[0], 'se': times[1], 'sig': self.signature(lines)}
        return urllib.parse.urlencode({n: v for n, v in query.items() if v})

    def sign(self, method, path, query, fields):
        fields.update({'x-ms-date': time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime()), 'x-ms-version': VERSION})
        lines = [method] + [fields.get(n, '') for n in SIGNED]
        lines += [f'{n}:{fields[n]}' for n in sorted(fields) if n.startswith('x-ms-')]
        lines += [f'/{self.account}{path}'] + [f'{n}:{v}' for n, v in sorted(query)]
        fields['authorization'] = f'SharedKey {self.account}:{self.signature(lines)}'

    def request(self, method, bucket='', key=b'', query=(), fields=(), body=b'', want=(200, 201, 202, 206)):
        path = self.base + '/' + bucket + ('/' + encode(key, '/') if key else '')
        text = '&'.join(f'{encode(n)}={encode(v)}' for n, v in query)
        sent = {'content-length': str(len(body)) if body else '', **dict(fields)}
        self.sign(method, path, query, sent)
        sent['content-length'] = str(len(body))
        return self.send(method, path + ('?' + text if text else ''), sent, body, want)

    def create_bucket(self, bucket):
        self.request('PUT', bucket, query=[('restype', 'container')])

    def put(self, bucket, key, body=b'', **fields):
        fields = {n.replace('_', '-'): v for n, v in fields.items()}
        return self.request('PUT', bucket, key, fields={'x-ms-blob-type': 'BlockBlob', **fields}, body=body)

    def delete(self, bucket, key):
        self.request('DELETE', bucket, key, fields={'x-ms-delete-snapshots': 'include'})

    def facts(self, bucket, key):
        return self.told(bucket, key, 'x-ms-meta-', 'x-ms-access-tier')

    def listing(self, bucket, **more):
        marker = ''
        while True:
            query = [('restype', 'container'), ('comp', 'list'), *more.items()] + ([('marker', marker)] if marker else [])
            root = tree(self.request('GET', bucket, query=query).body)
            for blob in root.iter('Blob'):
                name = blob.find('Name')
                encoded = name.get('Encoded') == 'true'
                yield urllib.parse.unquote_to_bytes(name.text) if encoded else (name.text or '').encode()
            marker = root.findtext('NextMarker')
            if not marker:
                return

    def keys(self, bucket):
        return list(self.listing(bucket))

    def unfinished(self, bucket):
        left = []
        for key in self.listing(bucket, include='uncommittedblobs'):
            query = [('comp', 'blocklist'), ('blocklisttype', 'uncommitted')]
            reply = self.request('GET', bucket, key, query=query, want=(200, 404))
            if reply.status == 200:
                left += [f'{key.decode()}: {b.findtext("Name")}' for b in tree(reply.body).iter('Block')]
        return left
