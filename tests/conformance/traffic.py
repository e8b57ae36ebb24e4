"""traffic.py: what the requests that passed the proxy were for, in the words of each provider's protocol."""
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'servers'))
from proxy import Gone, Proxy  # noqa: E402, F401

# provider: what a request is for: method and pattern of its target, {} being the bucket; the first that fits.
PATTERNS = {
    's3': (('begin', 'POST', r'\?uploads'), ('part', 'PUT', r'[?&]partNumber='), ('parts', 'GET', r'[?&]uploadId='),
           ('complete', 'POST', r'[?&]uploadId='), ('abort', 'DELETE', r'[?&]uploadId='), ('put', 'PUT', r'^/{}/'),
           ('list', 'GET', r'^/{}/?(\?|$)'), ('get', 'GET', r'^/{}/'), ('head', 'HEAD', r'^/{}/'), ('delete', 'DELETE', r'^/{}/')),
    'azure': (('complete', 'PUT', r'comp=blocklist'), ('parts', 'GET', r'comp=blocklist'), ('part', 'PUT', r'comp=block(&|$)'),
              ('put', 'PUT', r'^/[^/]+/{}/'), ('list', 'GET', r'comp=list'), ('get', 'GET', r'^/[^/]+/{}/'),
              ('head', 'HEAD', r'^/[^/]+/{}/'), ('delete', 'DELETE', r'^/[^/]+/{}/')),
    'swift': (('complete', 'PUT', r'multipart-manifest=put'), ('put', 'PUT', r'/{}/'), ('part', 'PUT', r'/{}_segments/.*/\d{{8}}$'),
              ('begin', 'PUT', r'/{}_segments/neph-uploads/'), ('parts', 'GET', r'/{}_segments'),
              ('list', 'GET', r'/{}\?'), ('get', 'GET', r'/{}/'), ('head', 'HEAD', r'/{}/'), ('delete', 'DELETE', r'/{}/')),
}
# Which part of an upload a request carries, whatever the upload is called.
PART = {'s3': r'^(/[^?]*)\?.*partNumber=(\d+)', 'azure': r'^(/[^?]*)\?.*blockid=([^&]+)', 'swift': r'^(/[^?]*)()'}


def rule(cloud, bucket, what, do, **more):
    """A rule of the proxy for the requests that are for WHAT."""
    method, pattern = next((m, p) for w, m, p in PATTERNS[cloud] if w == what)
    return {'method': method, 'target': pattern.format(re.escape(bucket)), 'do': do, **more}


def kind(cloud, bucket, exchange):
    for what, method, pattern in PATTERNS[cloud]:
        if method == exchange.method and re.search(pattern.format(re.escape(bucket)), exchange.target):
            return what
    return 'other'


def part_of(cloud, exchange):
    """The name of the part that a request carries: the same when it is sent again."""
    return re.match(PART[cloud], exchange.target).groups()
