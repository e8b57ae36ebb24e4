"""storage_target.py: what the storage cases get: the command, the second opinion, a bucket and a folder, by profile."""
import argparse, functools, os, shutil, subprocess, tempfile

from harness import *  # noqa: F401, F403
from harness import DONE, Failure, Neph, case, check, read_expectations, run_cases
from s3client import S3

HERE = os.path.dirname(os.path.abspath(__file__))
S3S, AZURES, SWIFTS = ('rgw', 'versity', 'swift', 'moto'), ('azurite', 'azurite-tls'), ('swift-native', 'rgw-swift', 'keystone')
REMOTE = S3S + AZURES + SWIFTS
WITHOUT_TLS = S3S + ('azurite',) + SWIFTS  # for what takes long, or cannot be with a certificate of today
FIVE = os.urandom(1 << 16) * 80 + b'!'  # 5 MiB + 1
SAME_SERVER = {'azurite-tls': 'azurite', 'keystone': 'swift-native'}  # one list of what cannot hold
BEHIND_ITS_URL = S3S + AZURES + ('swift-native', 'rgw-swift')  # others tell by their login where the storage is
ONE_OF_EACH = ('local', 'rgw', 'azurite', 'swift-native')  # for what is long: one server for each provider


def s3_peer(settings):
    return S3(settings['endpoint'], os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY'])


def azure_peer(settings):
    from azureclient import Azure
    return Azure(settings['endpoint'], os.environ['AZURE_STORAGE_ACCOUNT'], os.environ['AZURE_STORAGE_KEY'],
                 os.environ.get('AZURITE_CERTIFICATE'))


def swift_peer(settings):
    from swiftpeer import Swift
    return Swift()


URL_KEY = 'the key of conformance'


# provider: what its credentials are called, a wrong secret, a user that does not exist, and who looks at what the server holds.
# Only variables that begin with one of the words are kept from the environment.
PROVIDERS = {
    's3': {'variables': ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'), 'peer': s3_peer,
           'wrong': {'AWS_SECRET_ACCESS_KEY': 'not-the-secret-key'}, 'nobody': {'AWS_ACCESS_KEY_ID': 'AKIANOBODYKNOWSME000'}},
    'azure': {'variables': ('AZURE_STORAGE_ACCOUNT', 'AZURE_STORAGE_KEY'), 'peer': azure_peer,
              'wrong': {'AZURE_STORAGE_KEY': 'bm90LXRoZS1zZWNyZXQta2V5LW5vdC10aGUtc2VjcmV0LWtleQ=='},
              'nobody': {'AZURE_STORAGE_ACCOUNT': 'nobodyknowsme'}},
    'swift': {'variables': ('ST_AUTH', 'ST_USER', 'ST_KEY', 'OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME',
                            'OS_USER_DOMAIN_ID', 'OS_PROJECT_DOMAIN_ID', 'OS_IDENTITY_API_VERSION', 'OS_REGION_NAME'),
              'peer': swift_peer, 'wrong': {'ST_KEY': 'not-the-secret-key', 'OS_PASSWORD': 'not-the-secret-key'},
              'nobody': {'ST_USER': 'nobody:knows', 'OS_USERNAME': 'nobody'}},
    'local': {'variables': (), 'peer': lambda settings: None, 'wrong': {}, 'nobody': {}},
}


class Target:
    """What the cases get: the command (neph), the second opinion (peer; None for local), a bucket, a folder."""

    def __init__(self, a, folder):
        self.provider = PROVIDERS[a.cloud]
        self.cloud, self.profile, self.folder = a.cloud, a.profile, folder
        self.settings = dict(s.partition('=')[::2] for s in a.set)
        self.variables = {n: os.environ[n] for n in self.provider['variables'] if n in os.environ}
        self.variables['XDG_STATE_HOME'] = self.path('state')
        trust = ['--ca-file', os.environ['AZURITE_CERTIFICATE']] if 'AZURITE_CERTIFICATE' in os.environ else []
        self.neph = Neph(a.neph, a.cloud, self.settings, self.variables, trust)
        self.peer = self.provider['peer'](self.settings)
        if self.cloud == 'swift':
            self.peer.set_url_key(URL_KEY)
            self.neph = self.neph.with_(temp_url_key='@' + self.write('url-key', URL_KEY.encode()))
        self.serial = 0
        self.bucket = self.new_bucket()

    def with_credential(self, which):
        """The command with a secret or user that is wrong."""
        return self.neph.with_({n: v for n, v in self.provider[which].items() if n in self.variables})

    def server(self):
        """Where the server is."""
        return self.settings.get('endpoint') or self.variables['ST_AUTH']

    def through(self, url):
        """The command with another way to the server."""
        if 'endpoint' in self.settings:
            return self.neph.with_(endpoint=url)
        return self.neph.with_({'ST_AUTH': url})

    def new_name(self, word='conformance'):
        self.serial += 1
        return f'{word}-{os.getpid()}-{self.serial}'

    def new_bucket(self):
        name = self.new_name()
        self.neph.bucket('create', name).want(DONE)
        return name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """A file in the folder."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(data)
        return path

    def store(self, key, data, bucket=None):
        """An object that neph did not make, where there is another way to make one."""
        if self.peer:
            self.peer.put(bucket or self.bucket, key, data)
        else:
            self.neph.put(bucket or self.bucket, key, data).want(DONE)

    def content(self, key, bucket=None):
        """What the server holds."""
        if self.peer:
            return self.peer.get(bucket or self.bucket, key)
        return self.neph.cat(bucket or self.bucket, key).want(DONE).out

    def holds(self, key, bucket=None):
        if self.peer:
            return self.peer.exists(bucket or self.bucket, key)
        return self.neph.object('head', bucket or self.bucket, key).status == DONE

    def unfinished(self, bucket=None):
        """What uploads that were neither completed nor aborted have left at the server."""
        if self.peer:
            return self.peer.unfinished(bucket or self.bucket)
        hidden = os.path.join(self.settings['root'], '.neph')
        return [os.path.join(at, f) for at, _, files in os.walk(hidden) for f in files if 'upload' in at]

    def head(self, key, bucket=None, *options):
        """What the command tells of an object."""
        row = self.neph.object('head', bucket or self.bucket, key, '-o', 'json', *options).want(DONE).json()
        return row[0] if isinstance(row, list) else row

    def left_over(self, name):
        """What lies in the folder and begins with name, the temporary files of a download among it."""
        return [n for n in os.listdir(self.folder) if name in n]


def alone(*profiles):
    """A case with a bucket of its own, where nothing is unfinished."""
    def add(function):
        @functools.wraps(function)
        def with_bucket(t):
            t.bucket = t.new_bucket()
            function(t)
        return case(*profiles)(with_bucket)
    return add


def one(result):
    """The one row of a result."""
    rows = result.want(DONE).json()
    rows = rows if isinstance(rows, list) else [rows]
    check(len(rows) == 1, f'{result}; {len(rows)} rows')
    return rows[0]


def curl(*args, data=None):
    trust = ['--cacert', os.environ['AZURITE_CERTIFICATE']] if 'AZURITE_CERTIFICATE' in os.environ else []
    done = subprocess.run(['curl', *trust, '-sS', '--noproxy', '*', '--max-time', '60', '-w', '%{http_code}', *args], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90, check=False)
    check(done.returncode == 0, f'curl: {done.stderr.decode()}')
    return int(done.stdout[-3:]), done.stdout[:-3]


def main_on(words, name, profiles, target, prepare=None, options=()):
    """The program of a suite on a server that runs already. name: put before that of the profile. options: (name, value if it
    is not given). prepare(arguments, target): what is done before the cases. Returns its status."""
    ap = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('cloud')
    ap.add_argument('--profile', required=True, choices=profiles)
    ap.add_argument('--set', action='append', default=[], metavar='NAME=VALUE')
    ap.add_argument('--only', action='append', help='cases whose name has this in it')
    ap.add_argument('--total', help='file to append "PASSED KNOWN FAILED" to')
    for option, value in options:
        ap.add_argument('--' + option, type=int, default=value)
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    a.name = name + a.profile
    folder = tempfile.mkdtemp(prefix='conformance-')
    try:
        t = target(a, folder)
        if prepare:
            prepare(a, t)
        server = name + SAME_SERVER.get(a.profile, a.profile)
        expected = read_expectations(os.path.join(HERE, server.replace(' ', '-') + '.expect'))
        counts = run_cases(a.name, a.profile, t, expected, a.only)
    except Failure as e:
        print(f'not ok {a.name} start: {e}')
        counts = (0, 0, 1)
    shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0
