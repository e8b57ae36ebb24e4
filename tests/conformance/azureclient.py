"""azureclient.py: a second opinion. The little of Azure's Blob service that the conformance suite needs to see what
really is on a server, written apart from neph: SharedKey over http.client, keys as bytes, no retries, no redirects."""
import base64, hashlib, hmac, http.client, ssl, threading, time, urllib.parse
import xml.etree.ElementTree as ET

from s3client import Reply, S3, encode

VERSION = '2021-12-02'
SIGNED = ('content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date', 'if-modified-since',
          'if-match', 'if-none-match', 'if-unmodified-since', 'range')


class Azure:
    def __init__(self, endpoint, account, key, authorities=None):
        url = urllib.parse.urlsplit(endpoint)
        self.host, self.port, self.base = url.hostname, url.port, url.path.rstrip('/')
        self.account, self.key = account, base64.b64decode(key)
        self.context = ssl.create_default_context(cafile=authorities) if url.scheme == 'https' else None
        self.local = threading.local()

    def sign(self, method, path, query, fields):
        fields['x-ms-date'] = time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime())
        fields['x-ms-version'] = VERSION
        lines = [method] + ['' if n == 'content-length' and fields.get(n) == '0' else fields.get(n, '') for n in SIGNED]
        lines += [f'{n}:{fields[n].strip()}' for n in sorted(fields) if n.startswith('x-ms-')]
        lines += [f'/{self.account}{path}'] + [f'{n}:{v}' for n, v in sorted(query)]
        digest = hmac.new(self.key, '\n'.join(lines).encode(), hashlib.sha256).digest()
        fields['authorization'] = f'SharedKey {self.account}:{base64.b64encode(digest).decode()}'

    def connection(self):
        if self.context:
            return http.client.HTTPSConnection(self.host, self.port, timeout=120, context=self.context)
        return http.client.HTTPConnection(self.host, self.port, timeout=120)

    def request(self, method, bucket='', key=b'', query=(), fields=(), body=b'', want=(200, 201, 202, 206)):
        path = self.base + '/' + bucket + ('/' + encode(key, '/') if key else '')
        text = '&'.join(f'{encode(n)}={encode(v)}' for n, v in query)
        sent = {k.lower(): v for k, v in dict(fields).items()}
        sent['content-length'] = str(len(body))
        self.sign(method, path, query, sent)
        for attempt in (1, 2):  # a connection that was kept may have been closed meanwhile
            conn = getattr(self.local, 'conn', None)
            if conn is None:
                conn = self.local.conn = self.connection()
            try:
                conn.request(method, path + ('?' + text if text else ''), body=body, headers=sent)
                answer = conn.getresponse()
                reply = Reply(answer.status, answer.getheaders(), answer.read())
                break
            except (http.client.HTTPException, OSError):
                conn.close()
                self.local.conn = None
                if attempt == 2:
                    raise
        if want and reply.status not in want:
            raise reply
        return reply

    def put(self, bucket, key, body=b'', **fields):
        sent = {k.replace('_', '-'): v for k, v in fields.items()}
        return self.request('PUT', bucket, key, fields={'x-ms-blob-type': 'BlockBlob', **sent}, body=body)

    def get(self, bucket, key):
        return self.request('GET', bucket, key).body

    def head(self, bucket, key, want=(200,)):
        return self.request('HEAD', bucket, key, want=want)

    def exists(self, bucket, key):
        return self.head(bucket, key, want=(200, 404)).status == 200

    def delete(self, bucket, key):
        self.request('DELETE', bucket, key, fields={'x-ms-delete-snapshots': 'include'})

    def create_bucket(self, bucket):
        self.request('PUT', bucket, query=[('restype', 'container')])

    def listing(self, bucket, **options):
        """Every <Blob> of a bucket, in the server's order."""
        marker = ''
        while True:
            query = [('comp', 'list'), ('restype', 'container'), *options.items()] + ([('marker', marker)] if marker else [])
            root = ET.fromstring(self.request('GET', bucket, query=query).body)
            yield from root.iter('Blob')
            marker = root.findtext('NextMarker')
            if not marker:
                return

    def keys(self, bucket):
        """All keys, as bytes, in the server's order."""
        keys = []
        for blob in self.listing(bucket):
            name = blob.find('Name')
            text = name.text or ''
            keys.append(urllib.parse.unquote_to_bytes(text) if name.get('Encoded') == 'true' else text.encode())
        return keys

    def uploads(self, bucket):
        """Keys of what has blocks that no list holds yet, and of nothing else."""
        listed = self.listing(bucket, include='uncommittedblobs')
        return [b.findtext('Name').encode() for b in listed if b.find('Properties/Etag') is None or not b.findtext('Properties/Etag')]

    def empty(self, bucket):
        """Deletes all objects of a bucket, several at a time."""
        self.each(self.keys(bucket), lambda key: self.delete(bucket, key))

    each = staticmethod(S3.each)
