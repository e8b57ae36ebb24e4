"""compute_target.py: what the cases of the compute suite get: the command on one cloud, its server and what that was asked.

A case that needs an operation which the cloud does not have fails with the command's refusal, which must come before
anything is sent; PROFILE.expect lists it with that reply.
"""
import contextlib, functools, http.client, json, os, re, subprocess, sys, time

from harness import *
from ec2client import EC2

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = os.path.join(HERE, '..', 'servers')
SECRET = 'aVerySecretKey/With+Signs=0123456789abcdef'
PUBLIC_KEY = ('ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCYRETzl2HQl5kC3pAq5/Z/z6AcxmrgiAs6dVf1gZe3vgvkO3anTg6nEtP36uOPFIdGH2pr'
              's1qeFXhGp7w6oZXzaKn/uC3eC8Tq0wxxpkBeDNKsnw2GS2/X8Mm5yPEmfhNm8MhZ4LCEIWSOLLx/OgWtVcmk3QSgIo8eTBJd6kaue79iLO8A'
              'cD3MJFfu791vYaPe0N5OvkLtMr7FuOT73bLszWtm9qmd9b0qSHixrZt85Zmjq8MHMu5V1PeMBffXN8XD8yygdc876V5LUbs+ERG11vhzdWXI'
              'gkd2Mq5qVl1sjpxo0R8z022jUZWT5EunLA/0RGqaB1P5YqPoWbc95IKZ me@home')


def gib(count):
    return str(count << 30)


WORDS = {  # for each operation words that could be meant
    'node.list': [], 'node.show': ['i-1'], 'node.create': ['name', 'image', 'size'], 'node.destroy': ['i-1'],
    'node.reboot': ['i-1'], 'node.start': ['i-1'], 'node.stop': ['i-1'], 'node.rename': ['i-1', 'name'],
    'node.resize': ['i-1', 'size'], 'node.console': ['i-1'],
    'image.list': [], 'image.show': ['image'], 'image.create': ['i-1', 'name'], 'image.delete': ['image'],
    'size.list': [], 'location.list': [],
    'key.list': [], 'key.create': ['name'], 'key.import': ['name', PUBLIC_KEY], 'key.delete': ['name'],
    'volume.list': [], 'volume.show': ['vol-1'], 'volume.create': ['name', '--size-bytes', gib(1)], 'volume.delete': ['vol-1'],
    'volume.attach': ['vol-1', 'i-1'], 'volume.detach': ['vol-1'], 'volume.resize': ['vol-1', gib(2)],
    'snapshot.list': [], 'snapshot.show': ['snap-1'], 'snapshot.create': ['vol-1', 'name'], 'snapshot.delete': ['snap-1'],
    'address.list': [], 'address.allocate': [], 'address.associate': ['a-1', 'i-1'], 'address.disassociate': ['a-1'],
    'address.release': ['a-1'],
    'firewall.list': [], 'firewall.create': ['name'], 'firewall.delete': ['f-1'],
    'rule.list': ['f-1'], 'rule.add': ['f-1', '--port-from', '22', '--cidr', '192.0.2.0/24'],
    'rule.remove': ['f-1', '--port-from', '22', '--cidr', '192.0.2.0/24'],
    'network.list': [], 'subnet.list': [],
    'tag.list': ['i-1'], 'tag.set': ['i-1', 'name', 'value'], 'tag.remove': ['i-1', 'name'],
}


def needs(*operations):
    """The case is about these operations: where one is missing, it fails with the refusal."""
    def add(function):
        @functools.wraps(function)
        def run(t):
            for operation in operations:
                if operation not in t.operations:
                    raise Failure(str(t.refused(operation)))
            function(t)
        return run
    return add


class Server:
    """One of tests/servers that prints its port and writes what it was asked to a log."""

    def __init__(self, script, log, *options):
        self.log, self.seen = log, 0
        self.process = subprocess.Popen([sys.executable, os.path.join(SERVERS, script), '--log', log, *options],
                                        stdout=subprocess.PIPE)
        self.port = json.loads(self.process.stdout.readline())['port']

    def asked(self):
        """What it was asked since the last time."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding='utf-8') as f:
            lines = [json.loads(line) for line in f]
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def set_rules(self, *rules):
        conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=10)
        conn.request('POST', '/_rules', json.dumps(rules))
        check(conn.getresponse().status == 200, 'the rules were not taken')
        conn.close()

    def stop(self):
        self.process.kill()
        self.process.wait()


class Target:
    """One cloud: the command (neph), its server (None: sim), a second opinion (peer; moto alone)."""
    cloud = 'sim'
    profile = 'sim'
    create_options = ()
    variables = {}
    not_taken = {}  # operation: options that the cloud does not have
    secret_variable = None

    def __init__(self, program, folder):
        self.program, self.folder, self.server, self.peer, self.serial = program, folder, None, None, 0
        self.neph = Neph(program, self.cloud, self.start(), {'HOME': folder, **self.variables})
        self.operations = self.list_operations()
        self.kept = {}

    def start(self):
        """Starts what is needed; the settings."""
        raise NotImplementedError

    def stop(self):
        for stop in self.kept.values():
            stop[1]()
        if self.server:
            self.server.stop()

    def list_operations(self):
        """From the manifest, as the command shows it."""
        text = self.neph.run('provider', 'show', self.cloud).want(DONE).out.decode()
        words = re.split(r'\n(?:call|\n)', text.partition('\noperations')[2])[0]
        return {w.strip() for w in words.replace('\n', ' ').split(',')}

    def name(self, word='conformance'):
        self.serial += 1
        return f'{word}-{os.getpid()}-{self.serial}'

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    # --- asking

    def ask(self, *args, neph=None, **how):
        return (neph or self.neph).run('-c', self.cloud, *args, **how)

    def do(self, *args, **how):
        return self.ask(*args, **how).want(DONE)

    def rows(self, *args, **how):
        result = self.do(*args, '-o', 'jsonl', **how)
        try:
            return [json.loads(line) for line in result.out.decode().splitlines()]
        except ValueError:
            raise Failure(f'{result}; a line is no JSON') from None

    def row(self, *args, **how):
        rows = self.rows(*args, **how)
        check(len(rows) == 1, f'{" ".join(args)}: {len(rows)} rows')
        return rows[0]

    def asked(self):
        return self.server.asked() if self.server else []

    def silently(self, status, words, *args, **how):
        """Refused, and nothing was asked."""
        self.asked()
        result = self.ask(*args, **how).want(status, words)
        check(not self.asked(), f'{result}; it asked the server all the same')
        return result

    def refused(self, operation):
        return self.silently(UNSUPPORTED, None, *operation.split('.'), *WORDS[operation])

    # --- what many cases need

    def once(self, name, make, end=lambda value: None):
        """What cases share, made when the first of them needs it."""
        if name not in self.kept:
            value = make()
            self.kept[name] = (value, lambda: end(value))
        return self.kept[name][0]

    def sizes(self):
        return self.once('sizes', lambda: self.rows('size', 'list'))

    def size(self, index=0):
        """A small size; another one."""
        fit = sorted(self.sizes(), key=lambda s: (s['ram_bytes'] or 0, s['id']))
        return fit[index]['id']

    def locations(self):
        return self.once('locations', lambda: [x['id'] for x in self.rows('location', 'list')])

    def image(self):
        return self.once('image', lambda: self.rows('image', 'list', '--limit', '1')[0]['id'])

    def create(self, *options, name=None, image=None, size=None):
        """A node that runs."""
        args = ('node', 'create', name or self.name(), image or self.image(), size or self.size(), '--wait')
        row = self.row(*args, *self.create_options, *options)
        check(row['state'] == 'running', f'created with --wait and is {row["state"]}')
        return row

    @contextlib.contextmanager
    def a_node(self, *options, **how):
        row = self.create(*options, **how)
        try:
            yield row
        finally:
            self.ask('node', 'destroy', row['id'], '--wait')

    def node(self):
        """One that cases share; they leave it running, with nothing attached."""
        return self.once('node', self.create, lambda row: self.ask('node', 'destroy', row['id']))

    @contextlib.contextmanager
    def a_volume(self, *options, name=None, size=1, location=None):
        where = location or self.node()['location_id'] or self.locations()[0]
        args = ('volume', 'create', name or self.name('volume'), '--location-id', where, '--wait', *options)
        row = self.row(*args, *(('--size-bytes', gib(size)) if size else ()))
        try:
            yield row
        finally:
            self.ask('volume', 'delete', row['id'])

    @contextlib.contextmanager
    def slow(self):
        """The command on a cloud where what was made stays pending."""
        raise NotImplementedError

    def missing(self, noun):
        """An id that is well formed and nobody's."""
        return {'node': 'i-', 'image': 'ami-', 'volume': 'vol-', 'snapshot': 'snap-'}[noun] + '0123456789abcdef0'

    def takes(self, operation, option):
        """Does the cloud take this option of an operation?"""
        return option[2:] not in self.not_taken.get(operation, ())

    def gone(self, noun, row_id):
        """Is it not there any more, or shown as ended?"""
        result = self.ask(noun, 'show', row_id, '-o', 'jsonl')
        if result.status == DONE:
            check(result.out.strip(), f'{result}; it shows nothing, and does not fail')
            state = json.loads(result.out)['state']
            check(state in ('terminated', 'deleted', 'deleting'), f'{noun} {row_id} is {state}')
        else:
            result.want(NOT_FOUND)

    def states(self, noun, row_id, last, seconds=20):
        """The states it goes through, as show tells them, up to LAST (or until it is gone: None)."""
        seen, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            result = self.ask(noun, 'show', row_id, '-o', 'jsonl')
            state = json.loads(result.out)['state'] if result.status == DONE else None
            if not seen or seen[-1] != state:
                seen.append(state)
            if state == last or state is None:
                return seen
            time.sleep(0.02)
        raise Failure(f'{noun} {row_id}: never {last}, seen {seen}')


class Sim(Target):
    not_taken = {'image.list': ('owner',)}

    def start(self):
        return {'state': self.path('state'), 'delay_ms': '0'}

    @contextlib.contextmanager
    def slow(self):
        yield self.neph.with_(delay_ms='60000')

    def fresh(self, **settings):
        """The command on a cloud of its own, in a folder of its own."""
        folder = self.path(self.name('sim'))
        os.mkdir(folder)
        return self.neph.with_(state=os.path.join(folder, 'state'), **settings)


class Moto(Target):
    """ec2 on moto, seen through tests/servers/swallow.py, which checks what moto does not."""
    profile = 'moto'
    secret_variable = 'AWS_SECRET_ACCESS_KEY'
    cloud = 'ec2'
    variables = {'AWS_ACCESS_KEY_ID': 'AKIACONFORMANCE00001', 'AWS_SECRET_ACCESS_KEY': SECRET, 'AWS_REGION': 'us-east-1'}
    port = 0

    def start(self):
        keys = ('--access-key', self.variables['AWS_ACCESS_KEY_ID'], '--secret-key', SECRET)
        self.server = Server('swallow.py', self.path('log'), '--to', str(self.port), *keys)
        self.peer = EC2(self.port)
        return {'endpoint': f'http://127.0.0.1:{self.server.port}'}

    @contextlib.contextmanager
    def rules(self, *rules):
        self.server.set_rules(*rules)
        try:
            yield
        finally:
            self.server.set_rules()

    @contextlib.contextmanager
    def slow(self):
        words = {'<code>16</code>': '<code>0</code>', '<name>running</name>': '<name>pending</name>'}
        with self.rules({'action': 'DescribeInstances', 'do': 'replace', 'words': words}):
            yield self.neph

    def size(self, index=0):
        return ('t3.micro', 't3.small')[index]


class Bluebox(Target):
    profile = 'bluebox'
    secret_variable = 'BLUEBOX_API_KEY'
    cloud = 'bluebox'
    create_options = ('--public-key', 'ssh-rsa AAAA')
    not_taken = {'node.create': ('user-data', 'user-data-base64', 'key-name', 'firewall-ids', 'network-id', 'subnet-id', 'tags', 'location-id')}
    variables = {'BLUEBOX_CUSTOMER_ID': 'customer', 'BLUEBOX_API_KEY': 'bluebox-api-key'}

    def missing(self, noun):
        return '99df878c-6e5c-4945-a635-d94da9fd3147'

    @contextlib.contextmanager
    def slow(self):
        server = Server('bluebox.py', self.path('slow.log'), '--status', 'building')
        try:
            yield self.neph.with_(endpoint=f'http://127.0.0.1:{server.port}')
        finally:
            server.stop()

    def start(self):
        self.server = Server('bluebox.py', self.path('log'))
        return {'endpoint': f'http://127.0.0.1:{self.server.port}'}


class Nimbus(Target):
    cloud = 'nimbus'
    profile = 'nimbus'
    variables = {'NIMBUS_ACCESS_KEY': 'nimbus-access-id', 'NIMBUS_SECRET_KEY': 'nimbus-secret-key'}
    secret_variable = 'NIMBUS_SECRET_KEY'
    not_taken = {'node.create': ('firewall-ids', 'network-id', 'subnet-id', 'tags', 'username', 'public-key', 'location-id')}

    def start(self):
        self.server = Server('nimbus.py', self.path('log'))
        return {'host': '127.0.0.1', 'port': str(self.server.port), 'secure': 'false'}

    @contextlib.contextmanager
    def slow(self):
        server = Server('nimbus.py', self.path('slow.log'), '--state', 'pending')
        try:
            yield self.neph.with_(port=str(server.port))
        finally:
            server.stop()


TARGETS = {'sim': Sim, 'moto': Moto, 'bluebox': Bluebox, 'nimbus': Nimbus}
LIVE = ('sim', 'moto')  # what is made there is there afterwards
