#!/usr/bin/python3
"""swallow.py: stands before an EC2 server on 127.0.0.1 and forwards what it is asked, but where a rule says otherwise.

    swallow.py --to PORT [--port PORT] [--log FILE] [--access-key KEY --secret-key SECRET]

A request must be a POST of a form to "/" with a known version and, where a secret is given, a signature (SigV4) that is
right and at most five minutes old; anything else is refused as Amazon refuses it. It prints its port as one JSON line.

A ClientToken that was seen with the same action makes nothing again: the first reply is given once more, as Amazon does and
moto does not; with other parameters it is a mismatch.

POST /_rules sets rules, a JSON list, in place of the ones before; the first one that matches and is not used up is taken:
    {"action": "RunInstances", "times": 1, "do": "swallow"}         forward it, close the connection without the reply
    {..., "do": "swallow", "forget": true}                          the same, and the token is forgotten: as moto has it
    {"action": "RunInstances", "times": 1, "do": "drop"}            close the connection, forward nothing
    {"action": ..., "do": "error", "status": 503, "code": "RequestLimitExceeded"}    answer so, forward nothing
    {"action": ..., "do": "change", "form": {"MaxResults": "5"}}                     forward it with other parameters
    {"action": ..., "do": "replace", "words": {"running": "pending"}}                forward it, change words of the reply
"has" chooses requests whose form has that text in it, "action" may be a pattern ("Describe*").

Each request is one JSON line in --log, written before its reply: n, action, form, do, status, why.
"""
import argparse, email.utils, fnmatch, hashlib, hmac, http.client, http.server, json, re, socket, struct, threading, time
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape

VERSION = '2016-11-15'
SKEW = 300


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def check_signature(handler, body, access_key, secret):
    """SigV4, computed apart from neph."""
    given = re.fullmatch(r'AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?'
                         r'Signature=([0-9a-f]{64})', handler.headers.get('Authorization', ''))
    if not given:
        raise Refused(401, 'AuthFailure', 'no credentials, or none that can be read')
    key, day, region, service, names, signature = given.groups()
    if key != access_key:
        raise Refused(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials')
    if service != 'ec2' or not {'host', 'x-amz-date'} <= set(names.split(';')):
        raise Refused(400, 'SignatureDoesNotMatch', f'signed for {service}, headers {names}')
    stamp = handler.headers.get('X-Amz-Date', '')
    when = email.utils.mktime_tz(time.strptime(stamp, '%Y%m%dT%H%M%SZ') + (0,))
    if abs(when - time.time()) > SKEW:
        raise Refused(400, 'RequestExpired', 'Request has expired.')
    text = '\n'.join(['POST', '/', ''] + [f'{n}:{" ".join(handler.headers[n].split())}' for n in names.split(';')] +
                     ['', names, hashlib.sha256(body).hexdigest()])
    scope = f'{day}/{region}/{service}/aws4_request'
    signing = ('AWS4' + secret).encode()
    for part in scope.split('/'):
        signing = digest(signing, part)
    to_sign = '\n'.join(['AWS4-HMAC-SHA256', stamp, scope, hashlib.sha256(text.encode()).hexdigest()])
    if not hmac.compare_digest(digest(signing, to_sign).hex(), signature):
        raise Refused(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'swallow/1'
    sys_version = ''
    timeout = 60

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get('Content-Length') or 0), 1 << 20))
        if self.path == '/_rules':
            self.server.set_rules(json.loads(body))
            return self.answer(200, b'')
        self.form, rule = {}, {'do': 'forward'}
        try:
            self.read(body)
            rule = self.server.rule_for(self.form) or rule
            self.note(rule['do'])
            self.follow(rule, body)
        except Refused as e:
            self.note('refuse', e.status, f'{e.code}: {e}')
            self.fail(e.status, e.code, str(e))

    def do_GET(self):
        self.form = {}
        self.note('refuse', 405, f'GET {self.path}')
        self.fail(405, 'InvalidRequest', 'a form must be posted')

    do_PUT = do_DELETE = do_HEAD = do_GET

    def read(self, body):
        url = urlsplit(self.path)
        if url.path != '/' or url.query:
            raise Refused(400, 'InvalidRequest', f'path {self.path}')
        kind = self.headers.get('Content-Type', '').split(';')[0].strip()
        if kind != 'application/x-www-form-urlencoded':
            raise Refused(400, 'InvalidRequest', f'the body is {kind or "of no type"}, not a form')
        try:
            pairs = parse_qsl(body.decode('ascii'), keep_blank_values=True, strict_parsing=True, errors='strict')
        except (ValueError, UnicodeError):
            raise Refused(400, 'MalformedQueryString', 'the form cannot be read') from None
        self.form = dict(pairs)
        if len(self.form) != len(pairs):
            raise Refused(400, 'InvalidParameterCombination', 'a parameter is given twice')
        if self.form.get('Version') != VERSION:
            raise Refused(400, 'InvalidParameterValue', f'version {self.form.get("Version")}')
        if self.server.secret:
            check_signature(self, body, *self.server.secret)

    def follow(self, rule, body):
        if rule['do'] == 'error':
            return self.fail(rule['status'], rule['code'], rule.get('message', 'as the rule says'))
        if rule['do'] == 'drop':
            return self.reset()
        if rule['do'] == 'change':
            body = urlencode({**self.form, **rule['form']}).encode()
        status, reply = self.ask_server(body) if rule.get('forget') else self.forward(body)
        if rule['do'] == 'swallow':
            return self.reset()
        if rule['do'] == 'replace':
            for old, new in rule['words'].items():
                reply = reply.replace(old.encode(), new.encode())
        return self.answer(status, reply)

    def forward(self, body):
        """The server's reply; to a token that was seen, the reply of then."""
        known = (self.form.get('Action'), self.form.get('ClientToken'))
        if not known[1]:
            return self.ask_server(body)
        with self.server.token_lock:
            form, reply = self.server.tokens.get(known, (None, None))
            if form is not None and form != self.form:
                raise Refused(400, 'IdempotentParameterMismatch', 'The token was used with other parameters')
            if reply is None:
                reply = self.ask_server(body)
                if reply[0] == 200:
                    self.server.tokens[known] = (self.form, reply)
            return reply

    def ask_server(self, body):
        peer = http.client.HTTPConnection('127.0.0.1', self.server.to, timeout=60)
        try:
            kept = {n: v for n, v in self.headers.items() if n.lower() not in ('connection', 'accept-encoding', 'content-length')}
            peer.request('POST', '/', body=body, headers=kept)
            reply = peer.getresponse()
            return reply.status, reply.read()
        finally:
            peer.close()

    def reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.connection.close()

    def fail(self, status, code, message):
        self.answer(status, (f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{escape(code)}</Code><Message>'
                             f'{escape(message)}</Message></Error></Errors><RequestID>swallow-request-1</RequestID></Response>').encode())

    def answer(self, status, data):
        self.send_response(status)
        self.send_header('Content-Type', 'text/xml;charset=UTF-8')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def note(self, do, status=None, why=''):
        self.server.note({'action': self.form.get('Action'), 'form': self.form, 'do': do, 'status': status, 'why': why})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, a):
        super().__init__(('127.0.0.1', a.port), Handler)
        self.to, self.secret = a.to, (a.access_key, a.secret_key) if a.secret_key else None
        self.rules, self.lock, self.count = [], threading.Lock(), 0
        self.tokens, self.token_lock = {}, threading.Lock()
        self.file = open(a.log, 'a', encoding='utf-8') if a.log else None

    def handle_error(self, request, client_address):
        pass  # a client that went away

    def set_rules(self, rules):
        with self.lock:
            self.rules = [{'times': 1 << 30, 'action': '*', **r} for r in rules]

    def rule_for(self, form):
        text = json.dumps(form)
        with self.lock:
            for rule in self.rules:
                if rule['times'] > 0 and fnmatch.fnmatchcase(form.get('Action', ''), rule['action']) and rule.get('has', '') in text:
                    rule['times'] -= 1
                    return rule
        return None

    def note(self, line):
        with self.lock:
            self.count += 1
            if self.file:
                self.file.write(json.dumps({'n': self.count, **line}) + '\n')
                self.file.flush()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--to', type=int, required=True, help='port of the server behind')
    ap.add_argument('--port', type=int, default=0)
    ap.add_argument('--log')
    ap.add_argument('--access-key', default='test')
    ap.add_argument('--secret-key')
    ap.add_argument('--for', dest='seconds', type=float, default=900, help='ends by itself after so long')
    a = ap.parse_args()
    server = Server(a)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({'port': server.server_address[1]}), flush=True)
    time.sleep(a.seconds)


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        pass
