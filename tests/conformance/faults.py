#!/usr/bin/python3
"""faults.py: how the neph command takes a server that misbehaves (tests/servers/fault.py, started here).

    faults.py NEPH [--only TEXT]... [--total FILE]

The bucket's name says what the server does. Its log shows what was asked and what was sent along.
"""
import argparse, json, os, shutil, signal, socket, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402

SERVER = os.path.join(HERE, '..', 'servers', 'fault.py')
SECRET = 'aVerySecretKey/With+Signs=0123456789abcdef'
KEYS = {'AWS_ACCESS_KEY_ID': 'AKIAFAULTTEST0000001', 'AWS_SECRET_ACCESS_KEY': SECRET, 'AWS_REGION': 'us-east-1'}


class Target:
    def __init__(self, a, folder):
        self.folder, self.log = folder, os.path.join(folder, 'log')
        self.server = subprocess.Popen([sys.executable, SERVER, '--tls', '--log', self.log], stdout=subprocess.PIPE)
        self.ports = json.loads(self.server.stdout.readline())
        self.neph = Neph(a.neph, 's3', {'endpoint': f'http://127.0.0.1:{self.ports["port"]}', 'addressing': 'path'}, KEYS)
        self.seen = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def asked(self):
        """What the server was asked since the last time this was called."""
        with open(self.log, encoding='utf-8') as f:
            lines = [json.loads(line) for line in f]
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def asks(self, count, *args, **how):
        """Runs the command, which must ask COUNT times."""
        self.asked()
        result = self.neph.run(*args, **how)
        asked = self.asked()
        check(len(asked) == count, f'{result}; asked {len(asked)} times, not {count}')
        return result, asked

    def fails(self, *args, **how):
        """Runs the command, which must ask, and fail."""
        self.asked()
        result = self.neph.run(*args, **how).want(FAILED)
        check(self.asked(), f'{result}; it asked nothing')
        return result

    def nothing_left(self, name):
        left = [n for n in os.listdir(self.folder) if name in n]
        check(not left, f'left behind: {left}')


def at(bucket, key='z1000'):
    return f's3:{bucket}/{key}'


def fault(function):
    case()(function)
    return function


def check_lost(result):
    check('the connection' in result.err and 'lost' in result.err, f'{result}; wanted it to say that the connection was lost')


@fault
def dies_in_a_download(t):
    out = t.path('dies.out')
    for bucket in ('die.1000', 'die.0', 'die.1000.9.fin', 'chunkdie.500'):
        check_lost(t.fails('cp', at(bucket, 'z100000'), out))
        t.nothing_left('dies.out')


@fault
def dies_in_an_upload(t):
    source = t.path('upload.in')
    with open(source, 'wb') as f:
        f.truncate(5 << 20)
    check_lost(t.fails('cp', source, at('cut.100000', 'key')))
    t.neph.run('cp', source, at('early.403.AccessDenied', 'key')).want(AUTH, 'AccessDenied')


@fault
def dies_once_is_asked_again(t):
    t.asks(2, 'cat', at('refuse.1'))[0].want(DONE)
    result, _ = t.asks(2, '-c', 's3', 'object', 'head', 'busy.1', 'z10')
    result.want(DONE)


@fault
def retry_after_is_obeyed(t):
    began = time.monotonic()
    result, asked = t.asks(3, 'cat', at('busy.2.1', 'z77'))
    result.want(DONE)
    check(len(result.out) == 77, f'{len(result.out)} bytes')
    check(time.monotonic() - began >= 2, 'it did not wait as long as the server said')


@fault
def gives_up(t):
    began = time.monotonic()
    t.asked()
    t.neph.run('cat', at('busy.1000', 'z5')).want(FAILED, 'SlowDown')
    check(2 <= len(t.asked()) <= 10 and time.monotonic() - began < 60, 'too few or too many attempts')
    t.asks(1, 'cat', at('error.400.InvalidArgument'))[0].want(FAILED, 'InvalidArgument')


@fault
def an_upload_is_repeated_whole(t):
    source = t.path('repeat.in')
    with open(source, 'wb') as f:
        f.write(b'0123456789' * 1000)
    result, asked = t.asks(2, 'cp', source, at('busy.1', 'repeat'))
    result.want(DONE)
    check([a['body_bytes'] for a in asked][-1] == 10000, f'sent {[a["body_bytes"] for a in asked]}')


@fault
def no_credentials_to_another_host(t):
    for status in (301, 302, 307, 308):
        t.asked()
        result = t.neph.run('cat', at(f'movedhost.{status}', 'z10'))
        asked = t.asked()
        check(asked, f'{status}: it asked nothing')
        for line in asked:
            if line['port'] != t.ports['port']:
                check('authorization' not in line['headers'], f'{status}: credentials went to {line["host"]}')
                check('X-Amz-Signature' not in line['query'], f'{status}: a signature went to {line["host"]}')
        check(result.status == FAILED, f'{result}; wanted it to be refused')


@fault
def redirects_end(t):
    t.asked()
    t.neph.run('cat', at('movedon.307', 'z10')).want(FAILED)
    check(1 <= len(t.asked()) <= 12, 'it was redirected without end, or asked nothing')


@fault
def region_is_learnt(t):
    for bucket in ('region.eu-west-3', 'region.eu-west-3.400'):
        result, asked = t.asks(2, 'cat', at(bucket, 'z10'))
        result.want(DONE)
        check('/eu-west-3/s3/' in asked[1]['headers']['authorization'], f'{asked[1]["headers"]}')
        result, asked = t.asks(3, 'cat', at(bucket, 'z10'), at(bucket, 'z11'))
        result.want(DONE)
    result = t.neph.run('-c', 's3', 'object', 'head', 'region.eu-west-3', 'z10')
    result.want(DONE)


@fault
def clock_is_learnt(t):
    for bucket in ('skew.3600', 'skew.m7200'):
        result, asked = t.asks(2, 'cat', at(bucket, 'z10'))
        result.want(DONE)
        t.asks(3, 'cat', at(bucket, 'z10'), at(bucket, 'z11'))[0].want(DONE)


@fault
def html_from_a_proxy(t):
    for status in (200, 403, 502):
        result = t.neph.run('-c', 's3', '--retries', '1', 'object', 'list', f'html.{status}')
        check(result.status in (FAILED, AUTH), f'{result}')
        result.want(result.status)
        check('<' not in result.err, f'the page itself is shown: {result.err}')
    t.fails('-c', 's3', 'object', 'list', 'html.200')


@fault
def error_inside_a_200(t):
    t.neph.run('--retries', '1', '-c', 's3', 'object', 'copy', 'ok', 'z10', 'fake.InternalError', 'to').want(FAILED, 'InternalError')
    t.neph.run('-c', 's3', 'object', 'copy', 'ok', 'z10', 'fake.InternalError.1', 'to').want(DONE)
    t.neph.run('-c', 's3', 'object', 'list', 'fake.AccessDenied').want(AUTH, 'AccessDenied')


@fault
def a_token_that_repeats(t):
    t.asked()
    result = t.neph.run('-c', 's3', 'object', 'list', 'sametoken', timeout=30)
    result.want(FAILED)
    check(2 <= len(t.asked()) <= 3, 'it asked nothing, or again and again')


@fault
def empty_pages(t):
    result, _ = t.asks(4, '-c', 's3', 'object', 'list', 'emptypage.3', '-o', 'jsonl')
    result.want(DONE)
    check(len(result.out.splitlines()) == 3, f'{result.out!r}')


@fault
def what_was_delivered_stays(t):
    result = t.neph.run('-c', 's3', 'object', 'list', 'pages.3.dies', '-o', 'tsv').want(FAILED)
    rows = result.out.splitlines()
    check(2000 <= len(rows) < 3000, f'{len(rows)} rows')
    check(len(set(rows)) == len(rows), 'a row was delivered twice')
    result = t.neph.run('-c', 's3', 'object', 'list', 'pages.3', '-o', 'json').want(DONE)
    check(len(result.json()) == 3000, f'{len(result.json())} rows')


@fault
def malformed_listings(t):
    for bucket in ('short.300', 'doctype', 'deep.100', 'deep.100000'):
        t.fails('-c', 's3', '--retries', '1', 'object', 'list', bucket, timeout=30)
    for name in ('short.300',):
        result = t.neph.run('-c', 's3', '--retries', '1', 'object', 'list', name)
        check(any(w in result.err.lower() for w in ('byte', 'offset', 'list')), f'{result}; where?')


@fault
def memory_is_bounded(t):
    """A key of 64 MiB: refused, not taken in."""
    limit = limit_memory(400 << 20)
    t.fails('-c', 's3', '--retries', '1', 'object', 'list', 'endless.64', before=limit, timeout=60)


def limit_memory(size):
    def limit():
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    return limit


@fault
def slow_and_chunked_bodies(t):
    for bucket in ('drip.100.10', 'chunked', 'late.300'):
        result = t.neph.run('cat', at(bucket)).want(DONE)
        check(len(result.out) == 1000, f'{bucket}: {len(result.out)} bytes')
        t.neph.run('-c', 's3', 'object', 'list', bucket).want(DONE)


@fault
def a_range_answered_whole(t):
    out = t.path('norange.out')
    t.asked()
    result = t.neph.run('-c', 's3', 'object', 'get', 'norange', 'z1000', out, '--offset', '10', '--length', '5')
    if result.status == DONE:
        check(os.path.getsize(out) == 5, f'{os.path.getsize(out)} bytes for a range of 5')
    else:
        result.want(FAILED)
        check(t.asked(), f'{result}; it asked nothing')
        t.nothing_left('norange.out')


@fault
def deadline(t):
    began = time.monotonic()
    t.fails('--timeout', '2', 'cat', at('stall.10.30', 'z1000'))
    check(time.monotonic() - began < 10, 'it took longer than it may')


@fault
def interrupt(t):
    out = t.path('interrupt.out')
    process = t.neph.start('cp', at('drip.100.100', 'z100000'), out)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    check(process.returncode == INTERRUPTED, f'status {process.returncode}: {err!r}')
    t.nothing_left('interrupt.out')


@fault
def untrusted_certificate(t):
    tls = t.neph.with_(endpoint=f'https://127.0.0.1:{t.ports["tls"]}')
    t.asked()
    tls.run('cat', at('ok', 'z10')).want(FAILED, 'certificate')
    check(not t.asked(), 'it asked all the same')
    tls.run('--ca-file', t.ports['ca'], 'cat', at('ok', 'z10')).want(DONE)
    tls.run('--insecure', 'cat', at('ok', 'z10')).want(DONE)


@fault
def unsigned_payload_over_tls_alone(t):
    source = t.path('payload.in')
    with open(source, 'wb') as f:
        f.write(b'x' * 100)
    t.asked()
    t.neph.run('cp', source, at('ok', 'plain')).want(DONE)
    t.neph.with_(endpoint=f'https://127.0.0.1:{t.ports["tls"]}').run('--ca-file', t.ports['ca'], 'cp', source, at('ok', 'tls')).want(DONE)
    plain, tls = [a['headers']['x-amz-content-sha256'] for a in t.asked()]
    check(len(plain) == 64 and tls == 'UNSIGNED-PAYLOAD', f'{plain}, {tls}')


@fault
def nobody_there(t):
    with socket.create_server(('127.0.0.1', 0)) as s:
        port = s.getsockname()[1]
    t.neph.with_(endpoint=f'http://127.0.0.1:{port}').run('--retries', '1', 'cat', at('ok')).want(FAILED)
    t.neph.with_(endpoint='http://no-such-host.invalid').run('--retries', '1', 'cat', at('ok')).want(FAILED, 'no-such-host.invalid')
    for bad in ('not a url', 'ftp://127.0.0.1/', 'http://', 'http://127.0.0.1:99999'):
        result = t.neph.with_(endpoint=bad).run('cat', at('ok'))
        check(result.status in (FAILED, USAGE), f'{bad}: {result}')
        result.want(result.status)


@fault
def secrets_stay_secret(t):
    result = t.neph.run('--trace', 'cat', at('ok', 'z10'))
    check(result.status == DONE, f'{result}')
    check('GET' in result.err, f'--trace shows nothing: {result.err!r}')
    check(SECRET not in result.err and 'Signature=' not in result.err.replace('Signature=[redacted]', ''),
          f'a secret in the trace: {short(result.err)}')
    result = t.neph.with_(secret_key=SECRET).run('cat', at('ok', 'z10'))
    check(result.status == USAGE and SECRET not in result.err, f'{result}; --set took a secret')
    echoed = t.neph.with_({'AWS_SESSION_TOKEN': SECRET})
    echoed.run('-c', 's3', 'object', 'list', 'echo.400').want(FAILED, '[redacted]')
    for options in ([], ['--trace', '-vv']):
        result = echoed.run(*options, '-c', 's3', 'object', 'list', 'echo.400')
        check(SECRET not in result.err, f'{result}; it shows what the server repeated')


@fault
def every_request_is_signed(t):
    t.asked()
    t.neph.run('-c', 's3', 'bucket', 'list').want(DONE)
    t.neph.run('cat', at('ok', 'z10')).want(DONE)
    for line in t.asked():
        fields = line['headers']
        check(fields.get('authorization', '').startswith('AWS4-HMAC-SHA256 Credential=AKIAFAULTTEST0000001/'), f'{fields}')
        check('host' in fields['authorization'] and fields.get('x-amz-content-sha256'), f'{fields}')
    t.asked()
    temporary = t.neph.with_({'AWS_SESSION_TOKEN': 'a-session-token'})
    temporary.run('cat', at('ok', 'z10')).want(DONE)
    fields = t.asked()[0]['headers']
    check(fields.get('x-amz-security-token') == 'a-session-token' and 'x-amz-security-token' in fields['authorization'], f'{fields}')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('--only', action='append')
    ap.add_argument('--total')
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    folder = tempfile.mkdtemp(prefix='conformance-')
    t = Target(a, folder)
    try:
        counts = run_cases('faults', 'faults', t, read_expectations(os.path.join(HERE, 'faults.expect')), a.only)
    finally:
        t.server.terminate()
        t.server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


if __name__ == '__main__':
    sys.exit(main())
