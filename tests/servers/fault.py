#!/usr/bin/python3
"""fault.py: an S3-like server on 127.0.0.1 that misbehaves on demand, for tests of a client.

The first segment of the path (the bucket, in path style) names a behaviour and its arguments,
parted by dots: GET /die.1000/key sends 1,000 bytes and closes. --default gives the behaviour of
paths that name none, --script FILE a JSON list of rules that are tried first:
    [{"method": "GET", "path": "^/a/", "times": 2, "do": "busy.1"}, ...]
Behind every behaviour is a small store in memory: buckets exist, keys named z<SIZE> hold SIZE
bytes, others what was PUT. It prints one JSON line with its addresses once it listens.

Each request is one JSON line in --log, written before its reply (so a client that is done can
count them): n, port, host, method, path, query, headers, body_bytes, body_sha256, do.
GET /_log answers the same lines; POST /_reset forgets lines, counters and objects.

What it does not answer for: signatures are never verified, TLS certificates are made anew.
"""
import argparse, email.utils, hashlib, http.server, json, os, re, signal, socket, ssl, struct, subprocess
import sys, tempfile, threading, time
from urllib.parse import quote, unquote, urlsplit, parse_qsl
from xml.sax.saxutils import escape

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
BEHAVIOURS = {}


class State:
    """What all connections share."""

    def __init__(self):
        self.lock = threading.Lock()
        self.file = None
        self.rules = []
        self.default = 'ok'
        self.ports = {}
        self.reset()

    def reset(self):
        self.lines, self.objects, self.counts = [], {}, {}
        for rule in self.rules:
            rule['left'] = rule.get('times', 1 << 30)

    def count(self, name):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1
            return self.counts[name]

    def log(self, line):
        with self.lock:
            line['n'] = len(self.lines) + 1
            self.lines.append(line)
            if self.file:
                self.file.write(json.dumps(line) + '\n')
                self.file.flush()

    def rule_for(self, method, path):
        with self.lock:
            for rule in self.rules:
                if rule['left'] > 0 and rule.get('method', method) == method and re.search(rule.get('path', ''), path):
                    rule['left'] -= 1
                    return rule['do']
        return None


STATE = State()


def behaviour(name):
    def add(function):
        BEHAVIOURS[name] = function
        return function
    return add


def number(args, index, otherwise):
    return int(args[index]) if len(args) > index and args[index] else otherwise


def pattern(size):
    """SIZE bytes that differ at every multiple of 256, so that a shifted body is noticed."""
    block = bytes(range(251)) * 262
    return (block * (size // len(block) + 1))[:size]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'fault/1'
    sys_version = ''
    timeout = 120
    clock = 0

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + self.clock, usegmt=True)

    # --- one request ---------------------------------------------------------------------------

    def begin(self):
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        first, _, rest = url.path.lstrip('/').partition('/')
        self.bucket, self.key, self.body, self.clock = unquote(first), unquote(rest), b'', 0
        if self.bucket == '_log':
            return self.send(200, b''.join(json.dumps(x).encode() + b'\n' for x in STATE.lines), 'text/plain')
        if self.bucket == '_reset':
            STATE.reset()
            return self.send(204)
        words = (STATE.rule_for(self.command, self.path) or self.bucket).split('.')
        if words[0] not in BEHAVIOURS:
            words = STATE.default.split('.')
        self.words, self.args = words, words[1:]
        BEHAVIOURS[words[0]](self, self.args)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = begin

    def receive(self, limit=None):
        """Reads the body (or LIMIT bytes of it) and logs the request."""
        if self.headers.get('Expect', '').lower() == '100-continue' and limit is None:
            self.send_response_only(100)
            self.end_headers()
        length = int(self.headers.get('Content-Length') or 0)
        if 'chunked' in self.headers.get('Transfer-Encoding', ''):
            self.body = self.receive_chunked(limit)
        else:
            self.body = self.rfile.read(length if limit is None else min(limit, length))
        self.note()

    def receive_chunked(self, limit):
        body = b''
        while limit is None or len(body) < limit:
            size = int(self.rfile.readline(64).split(b';')[0] or b'0', 16)
            body += self.rfile.read(size)
            self.rfile.readline(64)
            if not size:
                break
        return body

    def note(self):
        STATE.log({'port': self.server.server_address[1], 'tls': self.server.tls,
                   'host': self.headers.get('Host'), 'method': self.command,
                   'path': urlsplit(self.path).path, 'query': urlsplit(self.path).query,
                   'headers': {k.lower(): v for k, v in self.headers.items()},
                   'body_bytes': len(self.body), 'body_sha256': hashlib.sha256(self.body).hexdigest(),
                   'do': '.'.join(self.words), 'at': round(time.time(), 3)})

    def head(self, status, length, kind='application/xml', **fields):
        self.send_response(status)
        if not kind.startswith('text/html'):
            self.send_header('x-amz-request-id', 'FAULT0000000001')
        self.send_header('Content-Type', kind)
        if length is not None:
            self.send_header('Content-Length', str(length))
        for name, value in fields.items():
            self.send_header(name.replace('_', '-') if name[0].isupper() else name, str(value))
        self.end_headers()

    def send(self, status, body=b'', kind='application/xml', **fields):
        self.head(status, None if status == 204 else len(body), kind, **fields)
        if self.command != 'HEAD' and status not in (204, 304):
            self.wfile.write(body)

    def error(self, status, code, more='', **fields):
        self.send(status, (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>fault.py says '
                           f'{code}</Message>{more}<RequestId>FAULT0000000001</RequestId></Error>').encode(), **fields)

    def hang_up(self, reset=True):
        """Ends the connection as a dying server does: with RST if RESET, else in good order."""
        self.close_connection = True
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.rfile.close()
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    # --- the store -----------------------------------------------------------------------------

    def content(self):
        name = (self.bucket, self.key)
        if name in STATE.objects:
            return STATE.objects[name]
        size = re.match(r'z(\d+)', self.key)
        return (pattern(int(size[1])), {}) if size else (None, None)

    def answer(self):
        """The reply of a server that works."""
        if not self.key:
            return self.answer_bucket()
        if self.command == 'PUT':
            return self.answer_put()
        if self.command == 'DELETE':
            STATE.objects.pop((self.bucket, self.key), None)
            return self.send(204)
        body, meta = self.content()
        if body is None:
            return self.error(404, 'NoSuchKey')
        self.send_object(body, meta)

    def answer_put(self):
        source = self.headers.get('x-amz-copy-source')
        meta = {k.lower(): v for k, v in self.headers.items() if k.lower().startswith('x-amz-meta-')}
        if source:
            bucket, _, key = unquote(source).lstrip('/').partition('/')
            self.body, meta = STATE.objects.get((bucket, key), (b'', {}))
        STATE.objects[(self.bucket, self.key)] = (self.body, meta)
        tag = hashlib.md5(self.body).hexdigest()
        if source:
            return self.send(200, f'<CopyObjectResult {NS}><ETag>&quot;{tag}&quot;</ETag></CopyObjectResult>'.encode())
        self.send(200, ETag=f'"{tag}"')

    def send_object(self, body, meta, cut=None):
        tag, status, total, fields = hashlib.md5(body).hexdigest(), 200, len(body), dict(meta)
        span = re.match(r'bytes=(\d*)-(\d*)$', self.headers.get('Range', ''))
        if span and (span[1] or span[2]):
            first = int(span[1]) if span[1] else max(total - int(span[2]), 0)
            last = min(int(span[2]) if span[1] and span[2] else total - 1, total - 1)
            if first >= total:
                return self.error(416, 'InvalidRange', Content_Range=f'bytes */{total}')
            body, status, fields['Content-Range'] = body[first:last + 1], 206, f'bytes {first}-{last}/{total}'
        self.head(status, len(body), 'application/octet-stream', ETag=f'"{tag}"', Accept_Ranges='bytes',
                  Last_Modified=self.date_time_string(), **fields)
        if self.command != 'HEAD':
            self.wfile.write(body if cut is None else body[:cut])

    def answer_bucket(self):
        if not self.bucket:
            return self.send(200, f'<ListAllMyBucketsResult {NS}><Buckets><Bucket><Name>ok</Name><CreationDate>'
                                  '2024-01-02T03:04:05.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>'.encode())
        if self.command == 'GET':
            return self.send(200, self.listing(self.keys()))
        self.send(204 if self.command == 'DELETE' else 200)

    def keys(self):
        with STATE.lock:
            return [(k, len(v[0])) for (b, k), v in sorted(STATE.objects.items()) if b == self.bucket] or [
                ('z0', 0), ('z10', 10), ('z1000', 1000)]

    def listing(self, keys, token=None):
        url = self.query.get('encoding-type') == 'url'
        text = ''.join(f'<Contents><Key>{quote(k) if url else escape(k)}</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified>'
                       f'<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>{size}</Size>'
                       '<StorageClass>STANDARD</StorageClass></Contents>' for k, size in keys)
        more = f'<NextContinuationToken>{escape(token)}</NextContinuationToken>' if token else ''
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult {NS}><Name>{escape(self.bucket)}</Name><Prefix/>'
                f'<KeyCount>{len(keys)}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>{"true" if token else "false"}</IsTruncated>'
                f'{more}{text}{"<EncodingType>url</EncodingType>" if url else ""}</ListBucketResult>').encode()


# --- the behaviours: each reads the request and answers it ----------------------------------------


@behaviour('ok')
def ok(h, args):
    """A server that works."""
    h.receive()
    h.answer()


@behaviour('die')
def die(h, args):
    """die.BYTES[.TIMES[.fin]]: closes after BYTES of the body of a GET; TIMES times, then works."""
    h.receive()
    if h.command != 'GET' or STATE.count(h.path) > number(args, 1, 1 << 30):
        return h.answer()
    if h.key:
        body, meta = h.content()
        h.send_object(body if body is not None else pattern(1 << 20), meta or {}, cut=number(args, 0, 1000))
    else:
        body = h.listing(h.keys())
        h.head(200, len(body))
        h.wfile.write(body[:number(args, 0, 1000)])
    h.wfile.flush()
    time.sleep(0.2)  # else RST overtakes the bytes, and the client sees none of them
    h.hang_up(reset='fin' not in args)


@behaviour('chunkdie')
def chunkdie(h, args):
    """chunkdie.BYTES: a chunked body that ends without its last chunk."""
    h.receive()
    if h.command == 'HEAD':
        return h.answer()
    body = (pattern(1 << 20) if h.key else h.listing(h.keys()))[:number(args, 0, 1000)]
    h.head(200, None, 'application/octet-stream' if h.key else 'application/xml', Transfer_Encoding='chunked', ETag='"x"')
    h.wfile.write(b'%x\r\n' % len(body) + body + b'\r\n')
    h.hang_up(reset=False)


@behaviour('chunked')
def chunked(h, args):
    """A whole body, chunked, without a length."""
    h.receive()
    body = (h.content()[0] or b'') if h.key else h.listing(h.keys())
    h.head(200, None, 'application/octet-stream' if h.key else 'application/xml', Transfer_Encoding='chunked', ETag='"x"')
    for i in range(0, len(body), 700):
        h.wfile.write(b'%x\r\n' % len(body[i:i + 700]) + body[i:i + 700] + b'\r\n')
    h.wfile.write(b'0\r\n\r\n')


@behaviour('cut')
def cut(h, args):
    """cut.BYTES[.TIMES]: closes after BYTES of an upload were read; TIMES times, then works."""
    if h.command not in ('PUT', 'POST') or STATE.count(h.path) > number(args, 1, 1 << 30):
        return ok(h, args)
    if h.headers.get('Expect', '').lower() == '100-continue':
        h.send_response_only(100)
        h.end_headers()
    h.receive(limit=number(args, 0, 1000))
    h.hang_up()


@behaviour('early')
def early(h, args):
    """early.STATUS.CODE: refuses before the body of an upload is read, and closes."""
    h.receive(limit=0)
    h.close_connection = True
    h.error(number(args, 0, 403), args[1] if len(args) > 1 else 'AccessDenied', Connection='close')
    h.wfile.flush()
    h.connection.shutdown(socket.SHUT_WR)
    h.connection.settimeout(0.5)
    try:  # what is still under way is taken, else RST would overtake the reply
        while h.connection.recv(1 << 16):
            pass
    except OSError:
        pass


@behaviour('echo')
def echo(h, args):
    """echo.STATUS: an error whose code, words and request id are the session token that it was sent."""
    h.receive()
    token = escape(h.headers.get('x-amz-security-token', ''))
    h.send(number(args, 0, 400), f'<Error><Code>{token}</Code><Message>{token}</Message><RequestId>{token}</RequestId></Error>'.encode())


@behaviour('refuse')
def refuse(h, args):
    """refuse[.TIMES]: closes without a byte of reply; TIMES times, then works."""
    h.receive()
    if STATE.count(h.path) > number(args, 0, 1 << 30):
        return h.answer()
    h.hang_up()


@behaviour('stall')
def stall(h, args):
    """stall.BYTES.SECONDS: sends BYTES of the body, then nothing for SECONDS, then closes."""
    h.receive()
    body, meta = h.content()
    h.send_object(body if body is not None else pattern(1 << 20), meta or {}, cut=number(args, 0, 1000))
    h.wfile.flush()
    time.sleep(number(args, 1, 30))
    h.hang_up()


@behaviour('drip')
def drip(h, args):
    """drip.BYTES.MILLISECONDS: a whole body, BYTES at a time with a pause after each."""
    h.receive()
    if h.command == 'HEAD':
        return h.answer()
    body = (h.content()[0] or b'') if h.key else h.listing(h.keys())
    step = number(args, 0, 100)
    h.head(200, len(body), 'application/octet-stream' if h.key else 'application/xml', ETag=f'"{hashlib.md5(body).hexdigest()}"')
    for i in range(0, len(body), step):
        h.wfile.write(body[i:i + step])
        h.wfile.flush()
        time.sleep(number(args, 1, 50) / 1000)


@behaviour('late')
def late(h, args):
    """late.MILLISECONDS: works, but answers late."""
    h.receive()
    time.sleep(number(args, 0, 1000) / 1000)
    h.answer()


@behaviour('html')
def html(h, args):
    """html.STATUS: a page from a proxy instead of the service's reply."""
    h.receive()
    h.send(number(args, 0, 200), b'<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><p>Please log in.<br></body></html>\n',
           'text/html; charset=utf-8')


@behaviour('busy')
def busy(h, args):
    """busy.TIMES[.SECONDS[.STATUS]]: 503 SlowDown with Retry-After, TIMES times, then works."""
    h.receive()
    if STATE.count(h.path) > number(args, 0, 1):
        return h.answer()
    fields = {'Retry_After': args[1]} if len(args) > 1 and args[1] else {}
    h.error(number(args, 2, 503), 'SlowDown', **fields)


@behaviour('error')
def error(h, args):
    """error.STATUS.CODE: an error of the service."""
    h.receive()
    h.error(number(args, 0, 500), args[1] if len(args) > 1 else 'InternalError')


@behaviour('fake')
def fake(h, args):
    """fake.CODE[.TIMES]: status 200 with an error in the body; TIMES times, then works."""
    h.receive()
    if STATE.count(h.path) > number(args, 1, 1 << 30):
        return h.answer()
    h.error(200, args[0] if args else 'InternalError')


def location(h, host, port):
    return f'http://{host}:{port}/ok/{quote(h.key)}' + ('?' + urlsplit(h.path).query if urlsplit(h.path).query else '')


@behaviour('moved')
def moved(h, args):
    """moved.STATUS[.PORT]: to another port of 127.0.0.1 (the second one, unless given)."""
    h.receive()
    h.error(number(args, 0, 307), 'TemporaryRedirect', Location=location(h, '127.0.0.1', number(args, 1, STATE.ports['second'])))


@behaviour('movedhost')
def movedhost(h, args):
    """movedhost.STATUS[.PORT]: to another name of this machine: a foreign host to the client."""
    h.receive()
    h.error(number(args, 0, 307), 'TemporaryRedirect', Location=location(h, 'localhost', number(args, 1, STATE.ports['second'])))


@behaviour('movedon')
def movedon(h, args):
    """movedon.STATUS: to itself, without end."""
    h.receive()
    h.error(number(args, 0, 307), 'TemporaryRedirect', Location=f'http://{h.headers.get("Host")}{h.path}')


@behaviour('region')
def region(h, args):
    """region.NAME[.STATUS]: 301 (or 400 AuthorizationHeaderMalformed) until the signature is for region NAME."""
    h.receive()
    scope = re.search(r'(?:Credential=|X-Amz-Credential=)[^/]+/\d+/([^/]+)/', h.headers.get('Authorization', '') or unquote(h.path))
    if scope and scope[1] == args[0]:
        return h.answer()
    status = number(args, 1, 301)
    h.error(status, 'PermanentRedirect' if status == 301 else 'AuthorizationHeaderMalformed',
            '' if h.command == 'HEAD' else f'<Region>{args[0]}</Region>', **{'x-amz-bucket-region': args[0]})


@behaviour('skew')
def skew(h, args):
    """skew.SECONDS: a clock that is SECONDS ahead (m first: behind), and RequestTimeTooSkewed beyond 15 minutes."""
    ahead = args[0] if args else '3600'
    h.clock = -int(ahead[1:]) if ahead.startswith('m') else int(ahead)
    h.receive()
    stamp = h.headers.get('x-amz-date', '') or h.query.get('X-Amz-Date', '')
    try:
        asked = time.mktime(time.strptime(stamp, '%Y%m%dT%H%M%SZ')) - time.timezone
    except ValueError:
        return h.error(403, 'AccessDenied')
    server = time.time() + h.clock
    if abs(asked - server) <= 900:
        return h.answer()
    now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(server))
    h.error(403, 'RequestTimeTooSkewed', f'<RequestTime>{stamp}</RequestTime><ServerTime>{now}</ServerTime>'
            '<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>')


@behaviour('sametoken')
def sametoken(h, args):
    """Every page of a listing carries the same continuation token."""
    h.receive()
    h.send(200, h.listing([('page', 1)], 'again'))


@behaviour('emptypage')
def emptypage(h, args):
    """emptypage.N: N pages without a key but with a token, then a page with three."""
    h.receive()
    page = int(h.query.get('continuation-token', 'p0')[1:])
    last = page >= number(args, 0, 1)
    h.send(200, h.listing(h.keys() if last else [], None if last else f'p{page + 1}'))


@behaviour('pages')
def pages(h, args):
    """pages.N[.dies]: N pages of 1000 keys; the last one breaks off if 'dies'."""
    h.receive()
    page, count = int(h.query.get('continuation-token', 'p0')[1:]), number(args, 0, 3)
    body = h.listing([(f'k{page:03d}{i:04d}', i) for i in range(1000)], f'p{page + 1}' if page + 1 < count else None)
    if page + 1 == count and 'dies' in args:
        h.head(200, len(body))
        h.wfile.write(body[:len(body) // 2])
        h.wfile.flush()
        time.sleep(0.2)
        return h.hang_up()
    h.send(200, body)


@behaviour('short')
def short(h, args):
    """short.BYTES: a listing that is cut after BYTES, in a reply that is whole."""
    h.receive()
    h.send(200, h.listing(h.keys())[:number(args, 0, 200)])


@behaviour('doctype')
def doctype(h, args):
    """A listing with a DOCTYPE and an entity."""
    h.receive()
    text = h.listing(h.keys()).replace(b'<ListBucketResult', b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>\n<ListBucketResult', 1)
    h.send(200, text.replace(b'<Prefix/>', b'<Prefix>&a;</Prefix>'))


@behaviour('deep')
def deep(h, args):
    """deep.N: a listing that is N elements deep."""
    h.receive()
    n = number(args, 0, 100)
    h.send(200, b'<ListBucketResult>' + b'<a>' * n + b'</a>' * n + b'</ListBucketResult>')


@behaviour('endless')
def endless(h, args):
    """endless.MIB: a listing whose first key is MIB mebibytes long."""
    h.receive()
    h.head(200, None, Connection='close')
    h.close_connection = True
    h.wfile.write(b'<ListBucketResult><Contents><Key>')
    for _ in range(number(args, 0, 64)):
        h.wfile.write(b'a' * (1 << 20))


@behaviour('corrupt')
def corrupt(h, args):
    """A GET whose body has one byte changed; the ETag is that of the right body."""
    h.receive()
    body, _ = h.content()
    if h.command != 'GET' or not body:
        return h.answer()
    h.send(200, bytes([body[0] ^ 1]) + body[1:], 'application/octet-stream', ETag=f'"{hashlib.md5(body).hexdigest()}"')


@behaviour('norange')
def norange(h, args):
    """Answers a range with 200 and the whole object."""
    h.receive()
    del h.headers['Range']
    h.answer()


# --- starting ------------------------------------------------------------------------------------


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    tls = False

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


def certificate(folder):
    path = os.path.join(folder, 'fault.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', path + '.key',
                    '-out', path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return path


def listen(port, tls=None):
    server = Server(('127.0.0.1', port), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls, tls + '.key')
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.tls = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    told = (f.__doc__ if f.__doc__.startswith(n) else f'{n}: {f.__doc__}' for n, f in BEHAVIOURS.items())
    ap = argparse.ArgumentParser(description=__doc__, epilog='behaviours:\n  ' + '\n  '.join(told),
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--port', type=int, default=0, help='the first port (0: any)')
    ap.add_argument('--tls', action='store_true', help='one more port, with TLS and a self-signed certificate')
    ap.add_argument('--script', help='JSON list of rules')
    ap.add_argument('--default', default='ok', help='behaviour of a path that names none')
    ap.add_argument('--log', help='file for one JSON line a request')
    ap.add_argument('--for', dest='seconds', type=float, default=900, help='ends by itself after so long')
    a = ap.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # cleans up
    STATE.default = a.default
    if a.script:
        with open(a.script, encoding='utf-8') as f:
            STATE.rules = json.load(f)
        STATE.reset()
    if a.log:
        STATE.file = open(a.log, 'a', encoding='utf-8')
    with tempfile.TemporaryDirectory(prefix='fault-') as folder:
        STATE.ports['port'] = listen(a.port)
        STATE.ports['second'] = listen(0)
        if a.tls:
            STATE.ports['ca'] = certificate(folder)
            STATE.ports['tls'] = listen(0, STATE.ports['ca'])
        print(json.dumps(STATE.ports), flush=True)
        time.sleep(a.seconds)


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        pass
