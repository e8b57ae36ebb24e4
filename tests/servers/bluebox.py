#!/usr/bin/python3
"""bluebox.py: the Blue Box Blocks API on 127.0.0.1, strict, answering from the recorded replies.

Method, path, query, Basic credentials, content type and form members of a request must be exactly
what the service documented; anything else is a 4xx and a line in the log that says why. The JSON
lines of --log are written before each reply: method, path, form (values of password and
ssh_public_key as their length alone), status, why. It prints its address as one JSON line.

--status NAME gives every block another status, --fail STATUS:COUNT fails the first requests.
Blocks live only in the recordings: a created one is not listed, a destroyed one does not go.
"""
import argparse, base64, http.server, json, os, re, threading, time
from urllib.parse import parse_qsl, urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDINGS = os.path.join(HERE, '..', '..', 'plugins', 'bluebox', 'tests')
BLOCK = '99df878c-6e5c-4945-a635-d94da9fd3146'
UUID = r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
ROUTES = [  # method, path, recording, does it take a form?
    ('GET', r'/api/blocks\.json', 'api_blocks_json.json', False),
    ('POST', r'/api/blocks\.json', 'api_blocks_json_post.json', True),
    ('GET', rf'/api/blocks/({UUID})\.json', 'api_blocks_{}_json.json', False),
    ('DELETE', rf'/api/blocks/({UUID})\.json', 'api_blocks_{}_json_delete.json', False),
    ('PUT', rf'/api/blocks/({UUID})/reboot\.json', 'api_blocks_{}_reboot_json.json', False),
    ('GET', r'/api/block_products\.json', 'api_block_products_json.json', False),
    ('GET', r'/api/block_templates\.json', 'api_block_templates_json.json', False),
]
FORM = {'hostname': True, 'product': True, 'template': True, 'username': False, 'password': False, 'ssh_public_key': False}


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def recording(name):
    with open(os.path.join(RECORDINGS, name), encoding='utf-8') as f:
        return f.read()


def check_form(form):
    names = [k for k, _ in form]
    for name in names:
        if name not in FORM:
            raise Refused(422, f'unknown form member {name}')
    if len(set(names)) != len(names):
        raise Refused(422, 'a form member is given twice')
    for name, needed in FORM.items():
        if needed and name not in names:
            raise Refused(422, f'form member {name} is missing')
    if 'password' not in names and 'ssh_public_key' not in names:
        raise Refused(422, 'neither password nor ssh_public_key')
    values = dict(form)
    for name, file in (('product', 'api_block_products_json.json'), ('template', 'api_block_templates_json.json')):
        if values[name] not in [x['id'] for x in json.loads(recording(file))]:
            raise Refused(422, f'unknown {name} {values[name]}')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'bluebox/1'
    sys_version = ''
    timeout = 60

    def log_message(self, *args):
        pass

    def handle_any(self):
        self.form = []
        try:
            status, body, why = 200, self.reply(), ''
        except Refused as e:
            status, why = e.status, str(e)
            body = json.dumps({'error': why})
        self.server.note({'method': self.command, 'path': self.path, 'status': status, 'why': why,
                          'form': {k: len(v) if k in ('password', 'ssh_public_key') else v for k, v in self.form}})
        data = body.encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json; charset=utf-8')
        self.send_header('Content-Length', str(len(data)))
        if status == 401:
            self.send_header('WWW-Authenticate', 'Basic realm="Box Panel"')
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def reply(self):
        body = self.rfile.read(min(int(self.headers.get('Content-Length') or 0), 1 << 20))
        self.authorize()
        self.server.maybe_fail()
        url = urlsplit(self.path)
        if url.query or '?' in self.path:
            raise Refused(400, 'a query, where the service takes none')
        match, file, takes_form = self.route(url.path)
        if takes_form:
            self.read_form(body)
        elif body:
            raise Refused(400, 'a body, where the service takes none')
        if match.groups():
            if match[1] != BLOCK:
                raise Refused(404, f'no block {match[1]}')
            file = file.format(BLOCK.replace('-', '_'))
        text = recording(file)
        return re.sub(r'("status": ?)"(running|queued)"', rf'\1"{self.server.status}"', text) if self.server.status else text

    def authorize(self):
        given = self.headers.get('Authorization', '')
        if not given:
            raise Refused(401, 'no credentials')
        if given != self.server.expected:
            raise Refused(401, 'wrong credentials')

    def route(self, path):
        known = [(m, re.fullmatch(p, path), f, t) for m, p, f, t in ROUTES if re.fullmatch(p, path)]
        if not known:
            raise Refused(404, 'unknown path')
        for method, match, file, takes_form in known:
            if method == self.command:
                return match, file, takes_form
        raise Refused(405, f'{self.command} is not known for this path')

    def read_form(self, body):
        kind = self.headers.get('Content-Type', '').split(';')[0].strip()
        if kind != 'application/x-www-form-urlencoded':
            raise Refused(415, f'the body is {kind or "of no type"}, not a form')
        try:
            self.form = parse_qsl(body.decode('ascii'), keep_blank_values=True, strict_parsing=True, errors='strict')
        except (ValueError, UnicodeError):
            raise Refused(400, 'the form cannot be read') from None
        check_form(self.form)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, a):
        super().__init__(('127.0.0.1', a.port), Handler)
        self.expected = 'Basic ' + base64.b64encode(f'{a.user}:{a.key}'.encode()).decode()
        self.status, self.lock = a.status, threading.Lock()
        self.file = open(a.log, 'a', encoding='utf-8') if a.log else None
        self.fail, self.failures = (int(x) for x in (a.fail or '0:0').split(':'))

    def note(self, line):
        with self.lock:
            if self.file:
                self.file.write(json.dumps(line) + '\n')
                self.file.flush()

    def maybe_fail(self):
        with self.lock:
            self.failures -= 1
            if self.failures >= 0:
                raise Refused(self.fail, 'asked to fail')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--port', type=int, default=0)
    ap.add_argument('--user', default='customer')
    ap.add_argument('--key', default='bluebox-api-key')
    ap.add_argument('--log')
    ap.add_argument('--status')
    ap.add_argument('--fail')
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
