#!/usr/bin/python3
"""proxy.py: a proxy on 127.0.0.1 before a real server, which counts what passes and misbehaves on demand.

    proxy.py URL [--rules FILE] [--log FILE] [--port N]

Requests are passed as they are, signatures hold. A rule says which requests it is for and what happens to them:
    {"method": "PUT", "target": "partNumber=2&", "skip": 1, "times": 2, "do": "cut_up", "at": 1000}
target is a regular expression for path and query; skip: so many are let through first; times: for so many (1). Each
exchange is one JSON line in --log. As a module: Proxy(), its exchanges, and watch, which is called while bytes pass.
"""
import argparse, json, re, socket, struct, sys, threading, time, urllib.parse

PIECE = 1 << 16
ACTIONS = {
    'cut_up': 'resets both connections after `at` bytes of the request\'s body',
    'cut_down': 'resets both connections after `at` bytes of the reply\'s body',
    'lose': 'the server does it, its reply is lost',
    'answer': 'the server is not asked; the reply has `status`, `code` in its body and `fields`',
    'replace': 'the server does it; the reply is replaced as by answer',
    'flip_up': 'one bit of byte `at` of the request\'s body is changed on the way',
    'flip_down': 'one bit of byte `at` of the reply\'s body',
    'drip': '`at` bytes at a time, with `pause` seconds after each, both ways',
}


class Gone(Exception):
    """A connection ends here."""


class Exchange:
    """A request and what came of it."""

    def __init__(self, number, connection, method, target, fields):
        self.number, self.connection, self.method, self.target, self.fields = number, connection, method, target, fields
        self.path, _, self.query = target.partition('?')
        self.up = self.down = 0      # bytes of the bodies that passed
        self.status = None           # of the server's reply
        self.told = False            # the client was given all of the reply
        self.did = None
        self.began, self.answered = time.monotonic(), None

    def line(self):
        return {n: v for n, v in vars(self).items() if n not in ('path', 'query', 'connection')}


class Stream:
    """One side of a connection: heads by line, bodies by piece."""

    def __init__(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.file = sock, sock.makefile('rb', PIECE)

    def head(self):
        """The first line and the fields, as bytes; None at the end."""
        first = self.file.readline(65537)
        if not first:
            return None, []
        lines = []
        while True:
            line = self.file.readline(65537)
            if line in (b'\r\n', b'\n', b''):
                return first, lines
            lines.append(line)

    def body(self, fields, none=False):
        """The pieces of a body, chunks with their framing: (bytes to pass, how many of them are the body's)."""
        if none:
            return
        if 'chunked' in fields.get('transfer-encoding', '').lower():
            yield from self.chunks()
        elif 'content-length' in fields:
            yield from self.counted(int(fields['content-length']))
        elif 'status' in fields:
            while piece := self.file.read1(PIECE):
                yield piece, len(piece)

    def counted(self, left):
        while left:
            piece = self.file.read1(min(left, PIECE))
            if not piece:
                raise Gone
            left -= len(piece)
            yield piece, len(piece)

    def chunks(self):
        while True:
            size = self.file.readline(1024)
            if not size:
                raise Gone
            yield size, 0
            if not int(size.split(b';')[0], 16):
                break
            yield from self.counted(int(size.split(b';')[0], 16))
            yield self.file.readline(64), 0
        while True:
            line = self.file.readline(65537)
            yield line, 0
            if line in (b'\r\n', b''):
                return

    def reset(self):
        """Ends it as a machine that dies does."""
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.close()
        except OSError:
            pass

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.file.close()
        self.sock.close()


def fields_of(lines):
    pairs = (line.decode('latin-1').partition(':')[::2] for line in lines)
    return {n.strip().lower(): v.strip() for n, v in pairs}


def error_body(code):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>proxy.py says {code}</Message>'
            '<RequestId>PROXY00000000001</RequestId></Error>').encode()


class Proxy:
    def __init__(self, url, rules=(), port=0, log=None):
        parts = urllib.parse.urlsplit(url)
        self.target = (parts.hostname, parts.port)
        self.lock, self.exchanges, self.log = threading.Lock(), [], log
        self.watch = None    # watch(exchange, 'asked' | 'up' | 'answered' | 'down' | 'told', bytes): may raise Gone
        self.open = 0        # connections
        self.serial = 0
        self.set_rules(rules)
        self.listener = socket.create_server(('127.0.0.1', port), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}{parts.path}'
        threading.Thread(target=self.accept, daemon=True).start()

    def set_rules(self, rules):
        with self.lock:
            self.rules = [{'skip': 0, 'times': 1, **rule} for rule in rules]
            self.exchanges = []

    def idle(self, seconds=30):
        """Waits until no connection is open. Is it so?"""
        until = time.monotonic() + seconds
        while self.open and time.monotonic() < until:
            time.sleep(0.005)
        return not self.open

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.open += 1
                self.serial += 1
            threading.Thread(target=self.serve, args=(Stream(client), self.serial), daemon=True).start()

    def serve(self, client, number):
        server = None
        try:
            server = Stream(socket.create_connection(self.target, timeout=300))
            while self.exchange(client, server, number):
                pass
            client.close()
            server.close()
        except (Gone, OSError, ValueError):
            for side in (client, server):
                if side:
                    side.reset()
        finally:
            with self.lock:
                self.open -= 1

    def rule_for(self, method, target):
        with self.lock:
            for rule in self.rules:
                if rule.get('method', method) != method or not re.search(rule.get('target', ''), target):
                    continue
                if rule['skip']:
                    rule['skip'] -= 1
                elif rule['times']:
                    rule['times'] -= 1
                    return rule
        return {}

    def tell(self, exchange, what, size=0):
        if self.watch:
            self.watch(exchange, what, size)

    def exchange(self, client, server, number):
        """One request and its reply. False: the connection ends in good order."""
        first, lines = client.head()
        if not first:
            return False
        method, target = first.decode('latin-1').split(' ')[:2]
        fields = fields_of(lines)
        rule = self.rule_for(method, target)
        with self.lock:
            exchange = Exchange(len(self.exchanges) + 1, number, method, target, fields)
            self.exchanges.append(exchange)
        exchange.did = rule.get('do')
        if '100-continue' in fields.get('expect', '').lower():
            client.sock.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            lines = [line for line in lines if not line.lower().startswith(b'expect:')]
        try:
            self.tell(exchange, 'asked')
            if rule.get('do') == 'answer':
                return self.answer_alone(client, exchange, rule)
            self.pass_up(client, server, exchange, rule, first, lines)
            more = self.pass_down(client, server, exchange, rule)
            self.tell(exchange, 'told')
            return more and 'close' not in fields.get('connection', '').lower()
        finally:
            if self.log:
                with self.lock:
                    print(json.dumps(exchange.line()), file=self.log, flush=True)

    def answer_alone(self, client, exchange, rule):
        for _, size in client.body(exchange.fields):
            exchange.up += size
        self.answer(client, exchange, rule)
        return True

    def answer(self, client, exchange, rule):
        body = b'' if exchange.method == 'HEAD' else error_body(rule.get('code', 'InternalError'))
        fields = {'Content-Type': 'application/xml', 'Content-Length': str(len(body)), 'x-ms-error-code': rule.get('code', ''),
                  **rule.get('fields', {})}
        text = ''.join(f'{n}: {v}\r\n' for n, v in fields.items())
        client.sock.sendall(f'HTTP/1.1 {rule.get("status", 503)} Told\r\n{text}\r\n'.encode() + body)
        exchange.told = True

    def pass_up(self, client, server, exchange, rule, first, lines):
        server.sock.sendall(first + b''.join(lines) + b'\r\n')
        try:
            for piece, size in self.spoilt(client.body(exchange.fields), rule, '_up'):
                server.sock.sendall(piece)
                exchange.up += size
                if size:
                    self.tell(exchange, 'up', size)
        except BrokenPipeError:
            pass  # it may have answered and closed

    def pass_down(self, client, server, exchange, rule):
        first, lines = server.head()
        while first and first.split()[1].startswith(b'1'):
            first, lines = server.head()
        if not first:
            raise Gone
        exchange.answered, exchange.status = time.monotonic(), int(first.split()[1])
        self.tell(exchange, 'answered')
        fields = {**fields_of(lines), 'status': exchange.status}
        bodiless = exchange.method == 'HEAD' or exchange.status in (204, 304)
        pieces = server.body(fields, bodiless)
        if rule.get('do') in ('lose', 'replace'):
            for _ in pieces:
                pass
            if rule['do'] == 'lose':
                raise Gone
            self.answer(client, exchange, rule)
            return True
        client.sock.sendall(first + b''.join(lines) + b'\r\n')
        for piece, size in self.spoilt(pieces, rule, '_down'):
            client.sock.sendall(piece)
            exchange.down += size
            if size:
                self.tell(exchange, 'down', size)
        exchange.told = True
        ends = not bodiless and 'content-length' not in fields and 'transfer-encoding' not in fields
        return not ends and 'close' not in str(fields.get('connection', '')).lower()

    def spoilt(self, pieces, rule, way):
        """The pieces of a body after what the rule does to them; may end by raising Gone."""
        do, at, seen = rule.get('do', ''), rule.get('at', 0), 0
        for piece, size in pieces:
            inside = seen <= at < seen + size
            if do == 'cut' + way and inside:
                if at > seen:
                    yield piece[:at - seen], at - seen
                    time.sleep(0.1)  # else the reset overtakes the bytes
                raise Gone
            if do == 'flip' + way and inside:
                piece = piece[:at - seen] + bytes([piece[at - seen] ^ 1]) + piece[at - seen + 1:]
            if do == 'drip' and size:
                for i in range(0, len(piece), at):
                    yield piece[i:i + at], len(piece[i:i + at])
                    time.sleep(rule['pause'])
            else:
                yield piece, size
            seen += size


def main():
    told = '\n  '.join(f'{n}: {w}' for n, w in ACTIONS.items())
    ap = argparse.ArgumentParser(description=__doc__, epilog='what is done:\n  ' + told,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('url', help='of the server')
    ap.add_argument('--rules', help='JSON list of rules')
    ap.add_argument('--log', help='file for one JSON line an exchange')
    ap.add_argument('--port', type=int, default=0)
    ap.add_argument('--for', dest='seconds', type=float, default=900, help='ends by itself after so long')
    a = ap.parse_args()
    rules = []
    if a.rules:
        with open(a.rules, encoding='utf-8') as f:
            rules = json.load(f)
    proxy = Proxy(a.url, rules, a.port, open(a.log, 'a', encoding='utf-8') if a.log else None)
    print(json.dumps({'url': proxy.url}), flush=True)
    time.sleep(a.seconds)


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
