"""peer.py: what the second opinions share: HTTP over connections that are kept, no retries, no redirects.

A peer looks at what really is on a server, written apart from neph. Each has the same face: create_bucket(bucket),
put(bucket, key, body), get, exists, delete, keys(bucket) in the server's order, facts(bucket, key): a dict with size, etag,
content_type, metadata, storage_class, and unfinished(bucket): what uploads have left that were neither completed nor aborted.
Keys are bytes.
"""
import http.client, ssl, threading, urllib.parse
import xml.etree.ElementTree as ET

from harness import each

UNRESERVED = '-_.~'


def encode(value, safe=''):
    return urllib.parse.quote(value, safe=UNRESERVED + safe)


def tree(body):
    """A document of XML, its elements without namespaces."""
    root = ET.fromstring(body)
    for element in root.iter():
        element.tag = element.tag.rpartition('}')[2]
    return root


class Reply(Exception):
    """A reply; raised where its status is not what it must be."""

    def __init__(self, status, fields, body):
        super().__init__(f'status {status}: {body[:300]!r}')
        self.status, self.fields, self.body = status, {k.lower(): v for k, v in fields}, body


class Peer:
    def __init__(self, endpoint, ca_file=None):
        url = urllib.parse.urlsplit(endpoint)
        self.tls, self.host, self.port, self.base = url.scheme == 'https', url.hostname, url.port, url.path.rstrip('/')
        self.ca_file, self.local = ca_file, threading.local()

    def connect(self):
        if self.tls:
            context = ssl.create_default_context(cafile=self.ca_file)
            return http.client.HTTPSConnection(self.host, self.port, timeout=120, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=120)

    def send(self, method, target, fields, body, want):
        """One request; target: path and query, encoded."""
        for attempt in (1, 2):  # a connection that was kept may have been closed meanwhile
            conn = getattr(self.local, 'conn', None)
            if conn is None:
                conn = self.local.conn = self.connect()
            try:
                conn.request(method, target, body=body, headers=fields)
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

    def get(self, bucket, key):
        return self.request('GET', bucket, key).body

    def head(self, bucket, key, want=(200,)):
        return self.request('HEAD', bucket, key, want=want)

    def exists(self, bucket, key):
        return self.head(bucket, key, want=(200, 404)).status == 200

    def delete(self, bucket, key):
        self.request('DELETE', bucket, key)

    def empty(self, bucket):
        """Deletes all objects of a bucket, several at a time."""
        each(self.keys(bucket), lambda key: self.delete(bucket, key))

    def told(self, bucket, key, word, storage_class):
        """facts() of one whose metadata stand in fields that begin with WORD."""
        fields = self.head(bucket, key).fields
        return {'size': int(fields['content-length']), 'etag': fields['etag'].strip('"'), 'content_type': fields.get('content-type'),
                'metadata': {n[len(word):]: v for n, v in fields.items() if n.startswith(word)},
                'storage_class': fields.get(storage_class)}
