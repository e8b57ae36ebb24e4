#!/usr/bin/python3
"""kill.py: the neph command is killed (kill -9) at seeded moments of an upload, a download and two syncs, and run again.

    kill.py NEPH CLOUD --profile PROFILE [--set NAME=VALUE]... [--size BYTES] [--part BYTES] [--moments N] [--chain N]
            [--seed N] [--only TEXT]... [--total FILE]

The server is real and runs already; proxy.py stands before it, counts what passes, and says when the moment is there: a
byte of the traffic, or the request that begins or completes an upload. So the moments of a seed are the same, however
fast the machine is. --chain kills one transfer so many times in a row before it may end.

After each kill nothing half-written is visible. At the end the bytes match, no finished part was sent again, and nothing is
left behind. A part is finished once the server has answered for it, whether the command has heard that or not (Azure says
nothing of what its blocks hold: there the command must have heard it); a range of a download once the command has asked for
two more behind it.
"""
import hashlib, os, random, shutil, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import CASES, DONE, check  # noqa: E402
from kill_network import Network  # noqa: E402
from kill_local import Local  # noqa: E402
from storage_target import REMOTE, Target, main_on  # noqa: E402

OLD = b'what was there before'


def moments_of(count, way, events):
    """Moments: a byte (None), or an event. Of an upload two of five are events."""
    for i in range(count):
        yield events[i // 5 % len(events)] if way == 'upload' and events and i % 5 == 3 else \
            events[(i // 5 + 1) % len(events)] if way == 'upload' and events and i % 5 == 4 else None


def chains_of(moments, length):
    """Moments of one transfer each: what begins it first, what completes it last and only once."""
    moments = list(moments)
    for i in range(0, len(moments), length):
        chain = moments[i:i + length]
        ends = [m for m in chain if m and m[0] == 'complete']
        begins = [m for m in chain if m and m[0] == 'begin']
        end = ends[i // length % len(ends):][:1] if ends else []
        yield begins + [None] * (len(chain) - len(begins) - len(end)) + end


class Work:
    """What all moments of a run share: the files, the random numbers, the figures."""

    def __init__(self, a, t, seed):
        self.t, self.size, self.part = t, a.size, a.part
        self.source = t.path('source')
        with open(self.source, 'wb') as f:
            rng = random.Random(seed)
            for _ in range(0, a.size, 1 << 20):
                f.write(rng.randbytes(1 << 20))
            f.truncate(a.size)
        self.digest = self.digest_of(self.source)
        self.tree = self.make_tree(random.Random(seed + 1))
        self.terms = (f'--part-size={a.part}', '--parallel=3')
        self.kills = self.kept = 0

    def make_tree(self, rng):
        """A folder: objects of several parts among small ones."""
        sizes = [self.part * 2 + 123, self.part * 3, 0, 1] + [rng.randrange(1, 200_000) for _ in range(20)]
        names = [f'{"ab"[i % 2]}/{i:02d} ü' if i % 3 else f'top-{i:02d}' for i in range(len(sizes))]
        for name, size in zip(names, sizes):
            self.t.write(os.path.join('tree', name), rng.randbytes(size))
        return {name: self.digest_of(self.t.path(os.path.join('tree', name))) for name in names}

    def bytes_of(self, names):
        return sum(os.path.getsize(self.t.path(os.path.join('tree', n))) for n in names)

    @staticmethod
    def digest_of(path):
        with open(path, 'rb') as f:
            return hashlib.file_digest(f, 'sha256').hexdigest()

    def journal(self):
        """What the journal holds."""
        top = os.path.join(self.t.path('state'), 'neph', 'transfers')
        return sorted(os.listdir(top)) if os.path.isdir(top) else []

    def entries(self):
        """What each of its files says."""
        for name in self.journal():
            with open(os.path.join(self.t.path('state'), 'neph', 'transfers', name), 'rb') as f:
                yield f.read()

    def nothing_left(self, bucket, where):
        check(not self.journal(), f'the journal holds {self.journal()}')
        left = self.t.unfinished(bucket)
        check(not left, f'left at the server: {left[:5]}, {len(left)} of them')
        hidden = [n for _, d, f in os.walk(where) for n in d + f if n.startswith('.')] if where else []
        check(not hidden, f'left beside the destination: {hidden}')


def visible(work, bucket, key, old, completed):
    """Between the kill and what follows: the object is not there, what it was, or all of what it will be."""
    if not work.t.holds(key, bucket):
        return check(old is None, 'the object that was there is gone')
    content = work.t.content(key, bucket)
    whole = hashlib.sha256(content).hexdigest() == work.digest
    check((old is not None and content == old) or (whole and completed), f'{len(content)} bytes of the object are visible')


def upload(work, net, chain, rng):
    t = work.t
    key, old = b'killed up', rng.choice((None, OLD))
    t.bucket = bucket = t.new_bucket()
    if old:
        t.store(key, old, bucket)
    args = ('cp', *work.terms, work.source, t.neph.at(bucket, key))
    count = -(-work.size // work.part)
    for i, moment in enumerate(chain):
        net.kill(args, moment, work.size - net.finished_bytes(), len(chain) - i, rng)
        visible(work, bucket, key, old, net.completed())
    net.finish(args)
    check(hashlib.sha256(t.content(key, bucket)).hexdigest() == work.digest, 'the object has other bytes')
    net.check_parts(count)
    work.nothing_left(bucket, None)


def download(work, net, chain, rng):
    t = work.t
    key, old = b'killed down', rng.choice((None, OLD))
    t.bucket = bucket = t.new_bucket()
    with open(work.source, 'rb') as f:
        t.store(key, f.read(), bucket)
    where = t.path('down')
    shutil.rmtree(where, ignore_errors=True)
    out = os.path.join(where, 'out')
    os.mkdir(where)
    if old:
        t.write('down/out', old)
    args = ('cp', *work.terms, t.neph.at(bucket, key), out)
    for i in range(len(chain)):
        net.kill(args, None, work.size - net.finished_bytes(), len(chain) - i, rng)
        if net.completed():
            break
        seen = [n for n in os.listdir(where) if not n.startswith('.')]
        check(seen == (['out'] if old else []), f'visible beside the destination: {seen}')
        if old:
            with open(out, 'rb') as f:
                check(f.read() == old, 'the file that was there has other bytes')
    net.finish(args)
    check(work.digest_of(out) == work.digest, 'the file has other bytes')
    check(os.listdir(where) == ['out'], f'left behind: {os.listdir(where)}')
    work.nothing_left(bucket, where)


def sync_up(work, net, chain, rng):
    t = work.t
    t.bucket = bucket = t.new_bucket()
    args = ('sync', *work.terms, '--jobs=4', t.path('tree'), t.neph.at(bucket))
    total = work.bytes_of(work.tree)
    for i in range(len(chain)):
        net.kill(args, None, total - net.finished_bytes(), len(chain) - i, rng)
        for key in (t.peer.keys(bucket) if t.peer else []):
            digest = hashlib.sha256(t.content(key, bucket)).hexdigest()
            check(digest == work.tree[key.decode()], f'{key.decode()} is visible with other bytes')
    net.finish(args)
    held = {key.decode(): hashlib.sha256(t.content(key, bucket)).hexdigest()
            for key in (t.peer.keys(bucket) if t.peer else [n.encode() for n in work.tree])}
    check(held == work.tree, 'the bucket holds other objects, or other bytes')
    work.nothing_left(bucket, None)


def sync_down(work, net, chain, rng):
    t = work.t
    t.bucket = bucket = t.new_bucket()
    for name in work.tree:
        with open(t.path(os.path.join('tree', name)), 'rb') as f:
            t.store(name.encode(), f.read(), bucket)
    where = t.path('synced')
    shutil.rmtree(where, ignore_errors=True)
    args = ('sync', *work.terms, '--jobs=4', t.neph.at(bucket), where)
    for i in range(len(chain)):
        total = work.bytes_of(set(work.tree) - net.finished_files)
        net.kill(args, None, total - net.finished_bytes(), len(chain) - i, rng)
        net.finished_files = files_in(work, where)
    net.finish(args)
    check(files_in(work, where) == set(work.tree), 'the folder holds other files')
    work.nothing_left(bucket, where)


def files_in(work, where):
    """The names of the visible files, which must be whole."""
    names = set()
    for at, folders, files in os.walk(where):
        folders[:] = [f for f in folders if not f.startswith('.')]
        for name in (os.path.relpath(os.path.join(at, f), where) for f in files if not f.startswith('.')):
            check(work.tree.get(name) == work.digest_of(os.path.join(where, name)), f'{name} is visible with other bytes')
            names.add(name)
    return names


WAYS = {'upload': upload, 'download': download, 'sync_up': sync_up, 'sync_down': sync_down}


def prepare(a, t):
    seed = a.seed or int.from_bytes(os.urandom(4), 'big')
    print(f'-- {a.name}: seed {seed}, {a.moments} moments of each, {a.size} bytes in parts of {a.part}', flush=True)
    t.work = work = Work(a, t, seed)
    net = Local(work) if a.cloud == 'local' else Network(work)
    for way, function in WAYS.items():
        rng = random.Random(f'{seed} {a.profile} {way}')
        for n, chain in enumerate(chains_of(moments_of(a.moments, way, net.events), a.chain)):
            def one(_, function=function, chain=chain, rng=random.Random(rng.random())):
                net.reset()
                function(work, net, chain, rng)
                work.t.neph.run('rm', '-r', work.t.neph.at(work.t.bucket), timeout=600).want(DONE)  # some servers keep all in memory
            CASES.append((f'{way}_{n + 1}', (), one))
    CASES.append(('killed_and_kept', (), figures))


def figures(t):
    """The kills fell inside, and something was there to be kept."""
    work = t.work
    print(f'-- {work.kills} kills; {work.kept} parts, ranges and objects were finished before and not sent again')
    check(work.kills and work.kept, 'no kill fell inside')


if __name__ == '__main__':
    sys.exit(main_on(__doc__, 'kill ', ('local', *REMOTE), Target, prepare,
                     (('size', 64 << 20), ('part', 5 << 20), ('moments', 5), ('chain', 1), ('seed', 0))))
