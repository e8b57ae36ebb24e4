"""s3client.py: a second opinion on S3 (see peer.py): SigV4 over http.client."""
import hashlib, hmac, time, urllib.parse

from peer import Peer, encode, tree


class S3(Peer):
    def __init__(self, endpoint, access_key, secret_key, region='us-east-1'):
        super().__init__(endpoint)
        self.access_key, self.secret_key, self.region = access_key, secret_key, region

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
        return self.send(method, path + ('?' + text if text else ''), sent, body, want)

    def create_bucket(self, bucket):
        self.request('PUT', bucket)

    def put(self, bucket, key, body=b'', **fields):
        return self.request('PUT', bucket, key, fields={k.replace('_', '-'): v for k, v in fields.items()}, body=body)

    def facts(self, bucket, key):
        return self.told(bucket, key, 'x-amz-meta-', 'x-amz-storage-class')

    def unfinished(self, bucket):
        return [u.findtext('UploadId') for u in tree(self.request('GET', bucket, query=[('uploads', '')]).body).findall('Upload')]

    def keys(self, bucket):
        token, keys = None, []
        while True:
            query = [('list-type', '2'), ('encoding-type', 'url')] + ([('continuation-token', token)] if token else [])
            root = tree(self.request('GET', bucket, query=query).body)
            encoded = root.findtext('EncodingType') == 'url'
            for entry in root.findall('Contents'):
                key = entry.findtext('Key') or ''
                keys.append(urllib.parse.unquote_to_bytes(key.replace('+', ' ')) if encoded else key.encode())
            token = root.findtext('NextContinuationToken')
            if root.findtext('IsTruncated') != 'true' or not token:
                return keys
