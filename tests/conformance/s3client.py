"""s3client.py: a second opinion. The little of S3 that the conformance suite needs to see what really is on a
server, written apart from neph: SigV4 over http.client, keys as bytes, no retries, no redirects."""
import hashlib, hmac, http.client, threading, time, urllib.parse
import xml.etree.ElementTree as ET

UNRESERVED = '-_.~'


def encode(value, safe=''):
    return urllib.parse.quote(value, safe=UNRESERVED + safe)


class Reply(Exception):
    """A reply; raised where its status is not what it must be."""

    def __init__(self, status, fields, body):
        super().__init__(f'status {status}: {body[:300]!r}')
        self.status, self.fields, self.body = status, {k.lower(): v for k, v in fields}, body


class S3:
    def __init__(self, endpoint, access_key, secret_key, region='us-east-1'):
        url = urllib.parse.urlsplit(endpoint)
        self.host, self.port = url.hostname, url.port
        self.access_key, self.secret_key, self.region = access_key, secret_key, region
        self.local = threading.local()

    def key_for(self, day):
        key = ('AWS4' + self.secret_key).encode()
        for part in (day, self.region, 's3', 'aws4_request'):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def sign(self, method, path, query, fields, body):
        stamp = time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())
        fields.update({'host': f'{self.host}:{self.port}', 'x-amz-date': stamp,
                       'x-amz-content-sha256': hashlib.sha256(body).hexdigest()})
        names = ';'.join(sorted(fields))
        text = '\n'.join([method, path, query] + [f'{n}:{fields[n].strip()}' for n in sorted(fields)] +
                         ['', names, fields['x-amz-content-sha256']])
        scope = f'{stamp[:8]}/{self.region}/s3/aws4_request'
        to_sign = '\n'.join(['AWS4-HMAC-SHA256', stamp, scope, hashlib.sha256(text.encode()).hexdigest()])
        signature = hmac.new(self.key_for(stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
        fields['authorization'] = (f'AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, '
                                   f'Signature={signature}')

    def request(self, method, bucket='', key=b'', query=(), fields=(), body=b'', want=(200, 204, 206)):
        path = '/' + bucket + ('/' + encode(key, '/') if key else '')
        text = '&'.join(f'{encode(n)}={encode(v)}' for n, v in sorted(query))
        sent = dict(fields)
        self.sign(method, path, text, sent, body)
        for attempt in (1, 2):  # a connection that was kept may have been closed meanwhile
            conn = getattr(self.local, 'conn', None)
            if conn is None:
                conn = self.local.conn = http.client.HTTPConnection(self.host, self.port, timeout=120)
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
        return self.request('PUT', bucket, key, fields={k.replace('_', '-'): v for k, v in fields.items()}, body=body)

    def get(self, bucket, key):
        return self.request('GET', bucket, key).body

    def head(self, bucket, key, want=(200,)):
        return self.request('HEAD', bucket, key, want=want)

    def exists(self, bucket, key):
        return self.head(bucket, key, want=(200, 404)).status == 200

    def delete(self, bucket, key):
        self.request('DELETE', bucket, key)

    def create_bucket(self, bucket):
        self.request('PUT', bucket)

    def keys(self, bucket):
        """All keys, as bytes, in the server's order."""
        token, keys = None, []
        while True:
            query = [('list-type', '2'), ('encoding-type', 'url')] + ([('continuation-token', token)] if token else [])
            root = ET.fromstring(self.request('GET', bucket, query=query).body)
            for name in root.iter():
                name.tag = name.tag.rpartition('}')[2]
            encoded = root.findtext('EncodingType') == 'url'
            for entry in root.findall('Contents'):
                key = entry.findtext('Key') or ''
                keys.append(urllib.parse.unquote_to_bytes(key.replace('+', ' ')) if encoded else key.encode())
            token = root.findtext('NextContinuationToken')
            if root.findtext('IsTruncated') != 'true' or not token:
                return keys

    def empty(self, bucket):
        """Deletes all objects of a bucket, several at a time."""
        self.each(self.keys(bucket), lambda key: self.delete(bucket, key))

    @staticmethod
    def each(items, function, threads=24):
        """function(item) for all items, in several threads; raises what the first one raised."""
        left, lock, failed = list(items), threading.Lock(), []

        def work():
            while not failed:
                with lock:
                    if not left:
                        return
                    item = left.pop()
                try:
                    function(item)
                except Exception as e:
                    failed.append(e)

        workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        if failed:
            raise failed[0]
