#!/usr/bin/python3
"""nimbus.py: a Nimbus cloud's EC2 Query API of 2010-08-31 on 127.0.0.1, strict, answering from the replies of its plugin.

Method, path, parameters and signature (SigV2, HmacSHA256 or HmacSHA1, the port in the host line) of a request must be exactly
what such a cloud knew; anything else is an EC2 error and a line in the log that says why. The JSON lines of --log are
written before each reply: method, path, parameters (without the signature's), status, why. It prints its address as one JSON line.

--path PATH is where it answers, --state NAME gives every instance another state, --fail STATUS:COUNT fails the first requests,
--drop COUNT carries out the first requests and closes the connection without a reply, --all ignores which instances were
asked for, as some versions do. Instances live only in the replies: a new one is not listed, an ended one does not go.
"""
import argparse, base64, calendar, hashlib, hmac, http.server, json, os, re, threading, time
from urllib.parse import parse_qsl, quote, urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
REPLIES = os.path.join(HERE, '..', '..', 'plugins', 'nimbus', 'tests')
INSTANCES = ('i-4c1a2b30', 'i-4c1a2b31')
IMAGES = ('base-cluster-01.gz', 'hello cloud & more')
SIZES = ('m1.small', 'm1.large', 'm1.xlarge')
VERSION = '2010-08-31'
SKEW_SECONDS = 300
USER_DATA_MAX = 16384
SIGNATURE = {'AWSAccessKeyId', 'SignatureMethod', 'SignatureVersion', 'Timestamp', 'Signature'}
ACTIONS = {  # the parameters of each: is it needed?
    'DescribeInstances': {'InstanceId.1': False},
    'RunInstances': {'ImageId': True, 'InstanceType': True, 'MinCount': True, 'MaxCount': True, 'KeyName': False, 'UserData': False},
    'TerminateInstances': {'InstanceId.1': True},
    'RebootInstances': {'InstanceId.1': True},
    'DescribeImages': {},
    'DescribeAvailabilityZones': {},
}
ERROR = ('<?xml version="1.0"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors>'
         '<RequestID>6d1f6a5e-0000-4c1a-9d2e-nimbus</RequestID></Response>\n')


class Refused(Exception):
    def __init__(self, status, code, why):
        super().__init__(why)
        self.status, self.code = status, code


def invalid(why):
    return Refused(400, 'InvalidParameterValue', why)


def signature(secret, method, host, path, parameters, digest):
    """"Signature Version 2 Signing Process", AWS General Reference, written anew."""
    pairs = sorted((quote(k, safe='-_.~').encode(), quote(v, safe='-_.~').encode()) for k, v in parameters if k != 'Signature')
    text = b'\n'.join((method.encode(), host.lower().encode(), path.encode(), b'&'.join(k + b'=' + v for k, v in pairs)))
    return base64.b64encode(hmac.new(secret.encode(), text, digest).digest()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'nimbus/1'
    sys_version = ''
    timeout = 60

    def log_message(self, *args):
        pass

    def handle_any(self):
        self.parameters = []
        try:
            status, text, why = 200, self.reply(), ''
        except Refused as e:
            status, why = e.status, str(e)
            text = ERROR.format(e.code, why.replace('&', '&amp;').replace('<', '&lt;'))
        told = {k: v for k, v in self.parameters if k not in SIGNATURE}
        self.server.note({'method': self.command, 'path': self.path.split('?')[0], 'status': status, 'why': why, 'parameters': told})
        if status == 200 and self.server.takes_drop():
            self.close_connection = True
            return
        data = text.encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/xml; charset=utf-8')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def reply(self):
        body = self.rfile.read(min(int(self.headers.get('Content-Length') or 0), 1 << 20))
        url = urlsplit(self.path)
        if url.path != self.server.path:
            raise Refused(404, 'InvalidAction', f'unknown path {url.path}')
        self.read_parameters(url.query, body)
        given = dict(self.parameters)
        self.authorize(given, url.path)
        self.server.maybe_fail()
        return self.act(given)

    def read_parameters(self, query, body):
        if self.command == 'POST':
            kind = self.headers.get('Content-Type', '').split(';')[0].strip()
            if kind != 'application/x-www-form-urlencoded':
                raise Refused(415, 'InvalidParameterValue', f'the body is {kind or "of no type"}, not a form')
            if query:
                raise invalid('a query together with a form')
            query = body.decode('ascii', 'replace')
        elif self.command != 'GET':
            raise Refused(405, 'InvalidAction', f'{self.command} is not known')
        elif body:
            raise invalid('a body, where the service takes none')
        try:
            self.parameters = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors='strict')
        except (ValueError, UnicodeError):
            raise invalid('the parameters cannot be read') from None
        if '+' in query:
            raise invalid('a blank that is not %20')
        names = [k for k, _ in self.parameters]
        if len(set(names)) != len(names):
            raise invalid('a parameter is given twice')

    def authorize(self, given, path):
        missing = SIGNATURE - set(given)
        if missing:
            raise Refused(401, 'AuthFailure', f'without {", ".join(sorted(missing))}')
        digest = {'HmacSHA256': hashlib.sha256, 'HmacSHA1': hashlib.sha1}.get(given['SignatureMethod'])
        if not digest or given['SignatureVersion'] != '2':
            raise Refused(401, 'AuthFailure', 'another signature than version 2')
        if given['AWSAccessKeyId'] != self.server.user:
            raise Refused(401, 'AuthFailure', 'an unknown access key')
        if not self.headers.get('Host', '').endswith(f':{self.server.server_address[1]}'):
            raise Refused(401, 'AuthFailure', 'the host line has no port')
        wanted = signature(self.server.key, self.command, self.headers['Host'], path, self.parameters, digest)
        if not hmac.compare_digest(wanted, given['Signature']):
            raise Refused(403, 'SignatureDoesNotMatch', 'the signature is wrong')
        if not re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', given['Timestamp']):
            raise invalid('the timestamp cannot be read')
        at = calendar.timegm(time.strptime(given['Timestamp'], '%Y-%m-%dT%H:%M:%SZ'))
        if abs(at - time.time()) > SKEW_SECONDS:
            raise Refused(400, 'RequestExpired', 'the timestamp is too far from now')

    def act(self, given):
        action = given.get('Action')
        if given.get('Version') != VERSION:
            raise Refused(400, 'NoSuchVersion', f'version {given.get("Version")} is not known')
        if action not in ACTIONS:
            raise Refused(400, 'InvalidAction', f'action {action} is not known')
        known = ACTIONS[action]
        odd = set(given) - SIGNATURE - {'Action', 'Version'} - set(known)
        if odd:
            raise Refused(400, 'UnknownParameter', f'{action} does not know {", ".join(sorted(odd))}')
        for name, needed in known.items():
            if needed and name not in given:
                raise Refused(400, 'MissingParameter', f'{action} without {name}')
        if action == 'RunInstances':
            self.check_run(given)
        with open(os.path.join(REPLIES, action + '.xml'), encoding='utf-8') as f:
            text = f.read()
        return self.choose(given, text)

    def check_run(self, given):
        if given['ImageId'] not in IMAGES:
            raise Refused(400, 'InvalidAMIID.NotFound', f'no image {given["ImageId"]}')
        if given['InstanceType'] not in SIZES:
            raise invalid(f'no instance type {given["InstanceType"]}')
        if (given['MinCount'], given['MaxCount']) != ('1', '1'):
            raise invalid('MinCount and MaxCount are not 1')
        try:
            data = base64.b64decode(given.get('UserData', ''), validate=True)
        except ValueError:
            raise invalid('UserData is no base64') from None
        if len(data) > USER_DATA_MAX:
            raise invalid('UserData is too long')

    def choose(self, given, text):
        """The instance that was asked for, in the state that was asked for."""
        wanted = given.get('InstanceId.1')
        if wanted is not None and wanted not in INSTANCES:
            if not (self.server.all and given['Action'] == 'DescribeInstances'):
                raise Refused(400, 'InvalidInstanceID.NotFound', f'no instance {wanted}')
        elif wanted and given['Action'] == 'DescribeInstances' and not self.server.all:
            items = re.findall(r'\s*<item>\s*<instanceId>.*?</placement>.*?</item>', text, re.S)
            for item in items:
                if f'<instanceId>{wanted}<' not in item:
                    text = text.replace(item, '')
        if self.server.state:
            text = re.sub(r'(<instanceState>.*?<name>)[^<]*', rf'\g<1>{self.server.state}', text, flags=re.S)
        return text


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, a):
        super().__init__(('127.0.0.1', a.port), Handler)
        self.user, self.key, self.path, self.state, self.all = a.user, a.key, a.path, a.state, a.all
        self.lock, self.drops = threading.Lock(), a.drop
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
                raise Refused(self.fail, 'InternalError', 'asked to fail')

    def takes_drop(self):
        with self.lock:
            self.drops -= 1
            return self.drops >= 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--port', type=int, default=0)
    ap.add_argument('--user', default='nimbus-access-id')
    ap.add_argument('--key', default='nimbus-secret-key')
    ap.add_argument('--path', default='/')
    ap.add_argument('--log')
    ap.add_argument('--state')
    ap.add_argument('--fail')
    ap.add_argument('--drop', type=int, default=0)
    ap.add_argument('--all', action='store_true')
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
