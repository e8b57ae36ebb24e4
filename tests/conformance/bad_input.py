#!/usr/bin/python3
"""bad_input.py: what the neph command says to what cannot be: one line that says what and what to do, the documented
status, nothing half-written.

    bad_input.py NEPH [--only TEXT]... [--total FILE]

Needs no network but 127.0.0.1: tests/servers/fault.py is started here.
"""
import argparse, json, os, shutil, socket, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402
from bad_transfer import as_nobody  # noqa: E402

SERVER = os.path.join(HERE, '..', 'servers', 'fault.py')
SECRET = 'aVerySecretKey/With+Signs=0123456789abcdef'
KEYS = {'AWS_ACCESS_KEY_ID': 'AKIAFAULTTEST0000001', 'AWS_SECRET_ACCESS_KEY': SECRET, 'AWS_REGION': 'us-east-1'}
NO_KEYS = {name: None for name in KEYS}


class Target:
    def __init__(self, a, folder):
        self.program, self.folder, self.log = a.neph, folder, os.path.join(folder, 'log')
        os.chmod(folder, 0o755)
        self.server = subprocess.Popen([sys.executable, SERVER, '--tls', '--log', self.log], stdout=subprocess.PIPE)
        self.ports = json.loads(self.server.stdout.readline())
        self.home, self.out = self.make('home'), self.make('out')
        variables = {**KEYS, 'HOME': self.home, 'XDG_CONFIG_HOME': None, 'XDG_STATE_HOME': self.make('state'), 'NEPH_CLOUD': None, 'NEPH_LOCAL_ROOT': None}
        self.bare = Neph(a.neph, 's3', {}, variables)
        self.neph = self.bare.with_(endpoint=f'http://127.0.0.1:{self.ports["port"]}', addressing='path')
        self.local = Neph(a.neph, 'local', {'root': self.make('root')}, variables)

    def make(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def write(self, name, data, mode=0o600):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def asked(self):
        with open(self.log, encoding='utf-8') as f:
            return len(f.readlines())

    def refuses(self, neph, args, status, words, **how):
        """Nothing is asked, nothing written."""
        before = self.asked()
        result = neph.run(*args, **how).want(status)
        check_words(result, words)
        check(self.asked() == before, f'{result}; it asked the server all the same')
        self.nothing_written(result)
        return result

    def nothing_written(self, result):
        left = os.listdir(self.out)
        check(not left, f'{result}; left behind: {left}')

    def in_turn(self, rows, neph=None):
        for args, status, words in rows:
            self.refuses(neph or self.neph, args, status, words)


def check_words(result, words):
    for word in (words,) if isinstance(words, str) else words:
        check(word.lower() in result.err.lower(), f'{result}; wanted "{word}" in the message')


@case()
def unknown_words(t):
    t.in_turn([
        (['-c', 'nosuch', 'bucket', 'list'], NOT_FOUND, ('"nosuch"', 'neph-plugin-nosuch')),
        (['ls', 'nosuch:bucket'], NOT_FOUND, ('"nosuch"', 'neph-plugin-nosuch')),
        (['-c', 's33', 'bucket', 'list'], NOT_FOUND, ('"s33"', 'did you mean "s3"')),
        (['-c', 's3', 'bucket', 'lisst'], USAGE, ('"lisst"', 'did you mean "list"')),
        (['-c', 's3', 'bukket', 'list'], USAGE, ('"bukket"', 'did you mean "bucket"')),
        (['-c', 's3', 'bucket'], USAGE, 'neph bucket --help'),
        (['-c', 's3', 'object', 'put', 'bucket'], USAGE, 'KEY'),
        (['-c', 's3', 'bucket', 'list', '--frob'], USAGE, '--frob'),
    ], t.bare)


@case()
def missing_settings(t):
    files = ('AWS_ACCESS_KEY_ID', '.aws/credentials')
    t.refuses(t.neph.with_(NO_KEYS), ['ls', 's3:ok'], USAGE, ('access_key', *files))
    result = t.refuses(t.neph.with_({'AWS_SECRET_ACCESS_KEY': None}), ['ls', 's3:ok'], USAGE, ('access_key', 'secret_key'))
    check(KEYS['AWS_ACCESS_KEY_ID'] not in result.err, f'{result}; it shows the key')
    t.refuses(t.bare, ['-c', 'local', 'bucket', 'list'], USAGE, ('root', '--set root=', 'NEPH_LOCAL_ROOT'))
    t.refuses(t.bare, ['-c', 'bluebox', 'node', 'list'], USAGE, 'BLUEBOX_CUSTOMER_ID')


@case()
def wrong_settings(t):
    for name, value, words in (('addressing', 'weird', 'auto|path|virtual'), ('region', 'eu west', 'region'),
                               ('nosuch', '1', 'nosuch'), ('profile', 'nope', '"nope"'), ('secret_key', SECRET, '@FILE')):
        result = t.refuses(t.neph.with_(**{name: value}), ['ls', 's3:ok'], USAGE, words)
        check(SECRET not in result.err, f'{result}; it shows the secret')
    t.in_turn([
        (['--timeout', 'soon', 'ls', 's3:ok'], USAGE, '"soon"'),
        (['--timeout', '-1', 'ls', 's3:ok'], USAGE, '"-1"'),
        (['--retries', '99999999999', 'ls', 's3:ok'], USAGE, '0 to 100'),
        (['-c', 's3', 'object', 'list', 'ok', '--limit', 'few'], USAGE, '"few"'),
        (['-c', 's3', 'object', 'get', 'ok', 'z10', os.path.join(t.out, 'x'), '--offset', 'ten'], USAGE, '"ten"'),
        (['-c', 's3', 'object', 'presign', 'ok', 'k', '--seconds', '0'], USAGE, 'seconds'),
        (['-c', 's3', 'object', 'presign', 'ok', 'k', '--method', 'FROB'], USAGE, 'FROB'),
    ])


def nobody_can(t):
    """May a user without rights run the command, and reach the folder?"""
    commands = ([t.program, '--version'], ['test', '-x', t.folder])
    return not any(subprocess.run(c, preexec_fn=as_nobody, stdout=subprocess.DEVNULL, check=False).returncode for c in commands)


@case()
def credentials_files(t):
    """What cannot be read, is no file, is malformed, or does not hold what is needed."""
    path = t.write('home/.aws/credentials', '', 0o600)
    os.chmod(t.home, 0o755)
    os.chmod(os.path.dirname(path), 0o755)
    neph = t.neph.with_(NO_KEYS)
    for data, status, words in (
            ('[default\naws_access_key_id X\n', USAGE, ('credentials', 'line 1')),
            ('aws_access_key_id = X\n', USAGE, ('credentials', 'line 1', '[section]')),
            ('[default]\n\nno equals sign\n', USAGE, ('credentials', 'line 3')),
            ('[other]\naws_access_key_id = X\naws_secret_access_key = Y\n', USAGE, 'access_key'),
            (f'[default]\naws_secret_access_key = {SECRET}\n', USAGE, 'access_key'),
            (os.urandom(3 << 20), FAILED, 'larger than'),
            ('[default]\ncredential_process = /bin/false\n', AUTH, ('/bin/false', 'status 1')),
            ('[default]\ncredential_process = /no/such/program\n', AUTH, '/no/such/program'),
            ('[default]\ncredential_process = echo hello\n', USAGE, ('credential_process', 'no JSON', 'line 1'))):
        t.write('home/.aws/credentials', data)
        result = t.refuses(neph, ['ls', 's3:ok'], status, words)
        check(SECRET not in result.err, f'{result}; it shows the secret')
    t.refuses(neph.with_({'AWS_SHARED_CREDENTIALS_FILE': t.folder}), ['ls', 's3:ok'], FAILED, (t.folder, 'no regular file'))
    t.write('home/.aws/credentials', '[default]\n', 0o000)
    for folder, _, _ in os.walk(t.home):  # what earlier cases made there is their user's alone
        os.chmod(folder, 0o755)
    if nobody_can(t):
        t.refuses(neph, ['ls', 's3:ok'], FAILED, (path, 'Permission denied'), before=as_nobody)
    os.unlink(path)


@case()
def clouds_files(t):
    """Malformed: line and column. Otherwise wrong: which cloud, which setting."""
    for data, status, words in (
            ('{"a": }', USAGE, ('line 1', 'column 7')),
            ('{\n  "a": {"provider": "s3" "x"}}', USAGE, ('line 2', 'column')),
            ('{"a": {"provider": "s3"},}', USAGE, ('line 1', 'column 26')),
            ('{"a": {', USAGE, ('ends too early', 'line 1', 'column')),
            ('', USAGE, ('ends too early', 'line 1')),
            ('[]', USAGE, 'array'),
            ('{"a": 1}', USAGE, ('"a"', 'number')),
            ('{"a": {}}', USAGE, ('"a"', '"provider"')),
            ('{"a": {"provider": 3}}', USAGE, ('"a"', '"provider"')),
            ('{"a": {"provider": "nosuch"}}', NOT_FOUND, ('"nosuch"', 'neph-plugin-nosuch')),
            ('{"a": {"provider": "s3", "nosuch": "x"}}', USAGE, '"nosuch"'),
            ('{"a": {"provider": "s3", "region": ["x"]}}', USAGE, ('"region"', 'array')),
            ('{"a": {"provider": "s3"}, "a": {"provider": "local"}}', USAGE, ('line 1', 'twice')),
            ('{"bucket": {"provider": "s3"}}', USAGE, '"bucket"')):
        path = t.write('clouds.json', data)
        t.refuses(t.bare, ['--clouds-file', path, '-c', 'a', 'bucket', 'list'], status, words)
    path = t.write('clouds.json', json.dumps({'a': {'provider': 's3', 'secret_key': SECRET}}), 0o644)
    result = t.refuses(t.bare, ['--clouds-file', path, '-c', 'a', 'bucket', 'list'], USAGE, ('others can read', 'chmod 600'))
    check(SECRET not in result.err, f'{result}; it shows the secret')
    t.refuses(t.bare, ['--clouds-file', path + '.not', '-c', 'a', 'bucket', 'list'], FAILED, path + '.not')


@case()
def endpoints_that_are_none(t):
    for endpoint, words in (('not a url', 'blank'), ('ftp://127.0.0.1/', 'http://'), ('127.0.0.1:80', 'http://'), ('http://', 'no host'),
                            ('http://127.0.0.1:99999', 'port'), ('http://[::1', 'host'), ('http://127.0.0.1/?x=1', 'query'),
                            ('http://user:hush@127.0.0.1', 'user name or password'), ('', 'http://')):
        result = t.refuses(t.bare.with_(endpoint=endpoint), ['ls', 's3:ok'], USAGE, words)
        check('hush' not in result.err, f'{result}; it shows the secret')


@case()
def nobody_there(t):
    with socket.create_server(('127.0.0.1', 0)) as s:
        port = s.getsockname()[1]
    out = os.path.join(t.out, 'x')
    for endpoint, words in ((f'http://127.0.0.1:{port}', (f'127.0.0.1:{port}', 'check that the server runs')),
                            ('http://no-such-host.invalid', ('no-such-host.invalid', 'check its spelling'))):
        neph = t.bare.with_(endpoint=endpoint, addressing='path')
        for args in (['ls', 's3:ok'], ['cp', 's3:ok/z10', out], ['cat', 's3:ok/z10']):
            t.refuses(neph, ['--retries', '1', *args], FAILED, words)


@case()
def tls_that_is_not_trusted(t):
    out = os.path.join(t.out, 'x')
    tls = t.bare.with_(endpoint=f'https://127.0.0.1:{t.ports["tls"]}', addressing='path')
    t.refuses(tls, ['--retries', '1', 'cp', 's3:ok/z10', out], FAILED, ('certificate', 'not trusted', 'ca_file'))
    t.refuses(tls, ['--retries', '1', '--ca-file', '/no/such/file', 'cp', 's3:ok/z10', out], FAILED, ('/no/such/file', 'check'))
    t.refuses(tls, ['--retries', '1', '--ca-file', t.write('junk.pem', 'junk'), 'cp', 's3:ok/z10', out], FAILED, ('junk.pem', 'check'))
    plain = t.bare.with_(endpoint=f'https://127.0.0.1:{t.ports["port"]}', addressing='path')
    t.refuses(plain, ['--retries', '1', 'cp', 's3:ok/z10', out], FAILED, ('TLS', 'check'))


@case()
def replies_of_the_wrong_kind(t):
    """A web page, whatever its status and whatever was asked: no object, no listing, no success."""
    out, source = os.path.join(t.out, 'x'), t.write('source', 'data')
    asks = (['ls', 's3:{}'], ['cat', 's3:{}/z10'], ['cp', 's3:{}/z10', out], ['cp', source, 's3:{}/k'],
            ['-c', 's3', 'object', 'head', '{}', 'z10'], ['-c', 's3', 'object', 'copy', 'ok', 'z10', '{}', 'k'],
            ['-c', 's3', 'object', 'delete', '{}', 'k'], ['-c', 's3', 'bucket', 'create', '{}'],
            ['-c', 's3', 'bucket', 'delete', '{}'])
    for status, wanted in ((200, FAILED), (302, FAILED), (403, AUTH), (404, NOT_FOUND), (502, FAILED)):
        for ask in asks:
            result = t.neph.run('--retries', '1', *(a.replace('{}', f'html.{status}') for a in ask)).want(wanted)
            check('<' not in result.err and (not result.out or 'cat' in ask), f'{result}; the page itself is shown')
            check('proxy' in result.err or 'head' in ask or 'object.head' in result.err, f'{result}; no word of what to do')
            t.nothing_written(result)


@case()
def replies_that_are_cut(t):
    for bucket, words in (('short.0', 'empty'), ('short.300', 'byte 300'), ('doctype', 'DOCTYPE'), ('deep.100', 'levels'),
                          ('pages.3.dies', '')):
        result = t.neph.run('--retries', '1', '-c', 's3', 'object', 'list', bucket, '-o', 'json').want(FAILED, words)
        if result.out:
            result.json()


@case()
def bucket_names(t):
    for name in ('a/b', 'a b', '', '.', '..', 'a\nb'):
        t.refuses(t.neph, ['-c', 's3', 'bucket', 'create', name], USAGE, 'no name for a bucket')
    result = t.neph.run('-c', 's3', 'bucket', 'create', 'error.400.InvalidBucketName').want(FAILED)
    check_words(result, ('InvalidBucketName', '3 to 63 small letters'))
    for name in ('a/b', '', '.', '..', '.neph', 'a\nb', 'x' * 256):
        result = t.local.run('-c', 'local', 'bucket', 'create', name)
        check(result.status in (FAILED, USAGE), f'{result}')
        result.want(result.status)
    check(os.listdir(t.local.settings['root']) == [], f'there is {os.listdir(t.local.settings["root"])}')


@case()
def destinations(t):
    """Not there, a directory, not ours, a device that is full; from a server and from files."""
    t.local.run('-c', 'local', 'bucket', 'create', 'dest').want(DONE)
    t.local.put('dest', b'z1000', b'x' * 1000).want(DONE)
    os.mkdir(os.path.join(t.folder, 'closed'), 0o555)
    for neph, source in ((t.neph, 's3:ok/z1000'), (t.local, 'local:dest/z1000')):
        for to, words in (('/no/such/folder/x', ('/no/such/folder/x', 'No such file')), ('/dev/full', 'No space left'),
                          (os.path.join(t.out, 'no/'), 'no')):
            result = neph.run('cp', source, to).want(FAILED)
            check_words(result, words)
            t.nothing_written(result)
        if nobody_can(t):
            if neph is t.neph:
                neph.run('cp', source, os.path.join(t.folder, 'closed/x'), before=as_nobody).want(FAILED, 'Permission denied')
    check(os.listdir(os.path.join(t.folder, 'closed')) == [], 'left behind')
    for source in ('no-such-file', t.folder):
        t.refuses(t.neph, ['cp', source, 's3:ok/x'], (FAILED, USAGE), source)


@case()
def a_full_disk(t):
    """Files that may not grow; and, where a small file system can be mounted, one that is full."""
    out = os.path.join(t.out, 'big')
    limit = limit_files(1 << 20)
    big = t.write('big', bytes(3 << 20))
    t.local.run('-c', 'local', 'bucket', 'create', 'full').want(DONE)
    t.local.run('cp', big, 'local:full/big').want(DONE)
    for neph, source in ((t.neph, 's3:ok/z3000000'), (t.local, 'local:full/big')):
        t.nothing_written(neph.run('cp', source, out, before=limit).want(FAILED, 'cannot be written'))
    with open(big, 'rb') as f:
        t.neph.run('cp', '-', 's3:ok/from-a-pipe', data=f.read(), before=limit).want(DONE)  # needs no disk
    t.local.run('cp', big, 'local:full/big2', before=limit).want(FAILED, 'big2')
    t.local.run('-c', 'local', 'object', 'head', 'full', 'big2').want(NOT_FOUND)
    small = t.make('small')
    script = 'mount -t tmpfs -o size=1m tmpfs "$1" || exit 99; list=$2; dir=$1; shift 2; "$@"; s=$?; ls -A "$dir" >"$list"; exit $s'
    for neph, source in ((t.neph, 's3:ok/z3000000'), (t.local, 'local:full/big')):
        command = neph.command(['cp', source, os.path.join(small, 'big')])
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', small, os.path.join(t.folder, 'list'), *command],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=neph.environment(), timeout=60, check=False)
        if b'neph:' not in done.stderr:
            return
        Result(command, done.returncode, done.stdout, done.stderr).want(FAILED, 'No space left')
        with open(os.path.join(t.folder, 'list'), encoding='utf-8') as f:
            check(f.read() == '', 'something was left on the full disk')


@case()
def roots_of_local(t):
    for root, status, words in (('/no/such/folder', (FAILED, NOT_FOUND), '/no/such/folder'), ('/etc/passwd', FAILED, 'directory')):
        t.refuses(t.local.with_(root=root), ['-c', 'local', 'bucket', 'list'], status, words)


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
        counts = run_cases('bad_input', 'bad_input', t, {}, a.only)
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
