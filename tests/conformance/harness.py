"""harness.py: what the conformance suites share: running the command, cases, expectations, a cutting proxy.

A case is a function case(t) that returns if it holds and raises Failure if not; its words name what came
back, since an expectation (NAME.expect) is only accepted together with the reply that shows it.
"""
import argparse, json, os, re, shutil, signal, socket, struct, subprocess, tempfile, threading, time, traceback

DONE, FAILED, USAGE, NOT_FOUND, AUTH, UNSUPPORTED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
CASES = []
# What is said beside the reason of a failure: what was created, what was not verified, what is kept, the summary of a tree.
ASIDE = re.compile(r': created: |: unverified: |^neph: (cp|mv|sync): \d+ |what was moved (is|of \d+ objects is) kept')


class Failure(Exception):
    pass


def case(*profiles):
    """The function is a case for these profiles; none: for all. Its name is the case's."""
    def add(function):
        CASES.append((function.__name__, profiles, function))
        return function
    return add


def check(holds, words):
    if not holds:
        raise Failure(words)


def plain(text):
    """One line, without control characters."""
    return ''.join(c if c.isprintable() else f'\\x{ord(c):02x}' for c in text)


def short(value):
    text = plain(value if isinstance(value, str) else repr(value))
    return text if len(text) < 400 else text[:400] + '…'


class Result:
    """What a run of the command gave."""

    def __init__(self, args, status, out, err):
        self.args, self.status, self.out, self.err = args, status, out, err.decode('utf-8', 'backslashreplace')

    def __str__(self):
        words = (a.decode('utf-8', 'backslashreplace') if isinstance(a, bytes) else a for a in self.args)
        shown = ' '.join(w if len(w) < 100 else w[:50] + '…' for w in words)
        return short(f'{shown}: status {self.status}: {self.err.strip() or self.out[:200]!r}')

    def want(self, status=DONE, words=None):
        """Fails unless the exit status is STATUS (or one of them) and stderr says WORDS."""
        wanted = status if isinstance(status, tuple) else (status,)
        check(self.status in wanted, f'{self}; wanted status {status}')
        if self.status != DONE and self.status != INTERRUPTED:
            lines = [x for x in self.err.strip().split('\n') if not ASIDE.search(x)]
            check(len(lines) == 1 and lines[0], f'{self}; wanted one line on stderr')
        if words:
            check(words.lower() in self.err.lower(), f'{self}; wanted "{words}" in the message')
        return self

    def json(self):
        try:
            return json.loads(self.out.decode())
        except ValueError:
            raise Failure(f'{self}; no JSON: {self.out[:200]!r}') from None


class Neph:
    """The command with the settings of one cloud, and options of its own. Other settings and variables are given to with_()."""

    def __init__(self, program, cloud, settings, variables, options=()):
        self.program, self.cloud, self.settings, self.variables = program, cloud, dict(settings), dict(variables)
        self.options = list(options)

    def with_(self, variables=None, **settings):
        return Neph(self.program, self.cloud, {**self.settings, **settings}, {**self.variables, **(variables or {})}, self.options)

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith('AWS_') and not k.lower().endswith('_proxy')}
        kept.update({'HOME': '/proc/nobody', 'LC_ALL': 'C.UTF-8', **self.variables})
        return {k: v for k, v in kept.items() if v is not None}

    def command(self, args):
        chosen = [a for n, v in self.settings.items() for a in ('--set', f'{n}={v}')]
        return [self.program] + self.options + chosen + list(args)

    def run(self, *args, data=None, timeout=120, before=None):
        try:
            done = subprocess.run(self.command(args), input=data, stdin=subprocess.DEVNULL if data is None else None,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(),
                                  timeout=timeout, check=False, preexec_fn=before)
        except subprocess.TimeoutExpired:
            raise Failure(f'{short(str(args))}: not done after {timeout} s') from None
        check(done.returncode >= 0, f'{short(str(args))}: ended by signal {-done.returncode}')
        return Result(args, done.returncode, done.stdout, done.stderr)

    def start(self, *args):
        return subprocess.Popen(self.command(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.environment())

    # What the cases say, in the words of the command.

    def at(self, bucket, key=b''):
        return self.cloud.encode() + b':' + bucket.encode() + b'/' + key

    def bucket(self, verb, *args, **how):
        return self.run('-c', self.cloud, 'bucket', verb, *args, **how)

    def object(self, verb, *args, **how):
        return self.run('-c', self.cloud, 'object', verb, *args, **how)

    def put(self, bucket, key, data, *options, **how):
        with tempfile.NamedTemporaryFile(prefix='conformance-') as f:
            f.write(data)
            f.flush()
            return self.object('put', bucket, key, f.name, *options, **how)

    def cat(self, bucket, key, **how):
        return self.run('cat', self.at(bucket, key), **how)

    def listing(self, bucket, *options):
        """The rows of a listing, from -o jsonl."""
        result = self.object('list', bucket, *options, '-o', 'jsonl').want(DONE)
        try:
            return [json.loads(line) for line in result.out.decode().splitlines()]
        except ValueError:
            raise Failure(f'{result}; a line is no JSON') from None


class Cutter:
    """A proxy to HOST:PORT that resets a connection after so many bytes, up (to the server) or down (from it)."""

    def __init__(self, host, port, up=None, down=None):
        self.target, self.limits = (host, port), {'up': up, 'down': down}
        self.connections = 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(self.target, timeout=60)
            for way, source, sink in (('up', client, server), ('down', server, client)):
                threading.Thread(target=self.pump, args=(way, source, sink), daemon=True).start()

    def pump(self, way, source, sink):
        left = self.limits[way]
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                if left is not None and len(data) >= left:
                    sink.sendall(data[:left])
                    time.sleep(0.2)  # else the reset overtakes the bytes
                    break
                sink.sendall(data)
                left = None if left is None else left - len(data)
        except OSError:
            return
        for s in (sink, source):
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                s.shutdown(socket.SHUT_RD)
                s.close()
            except OSError:
                pass

    def close(self):
        self.listener.close()


def read_expectations(path):
    """{case: what its failure must say} from lines 'case: words'; # begins a comment."""
    expected = {}
    if path and os.path.exists(path):
        with open(path, encoding='utf-8') as f:
            for line in f:
                line = line.strip()
                if line and not line.startswith('#'):
                    name, _, words = line.partition(':')
                    expected[name.strip()] = words.strip()
    return expected


def run_one(function, t):
    """None, or why it failed."""
    try:
        function(t)
    except Failure as e:
        return plain(str(e))
    except Exception as e:  # the second opinion failed, or the suite is wrong: a failure as well
        return f'{type(e).__name__}: {e} at {traceback.extract_tb(e.__traceback__)[-1].lineno}'
    return None


def run_cases(name, profile, t, expected, only=None):
    """Runs the cases of a profile; prints one line for each. Returns passed, known, failed."""
    passed, known, failed = 0, 0, 0
    unknown = set(expected) - {n for n, p, _ in CASES if not p or profile in p}
    for n in sorted(unknown):
        print(f'not ok {name} {n}: the expectation names no case of this profile')
        failed += 1
    for n, profiles, function in CASES:
        if (profiles and profile not in profiles) or (only and not any(o in n for o in only)):
            continue
        began = time.monotonic()
        why = run_one(function, t)
        took = time.monotonic() - began
        if why is None and n in expected:
            why = f'passes, but is expected to fail with "{expected[n]}"'
            failed += 1
        elif why is None:
            passed += 1
            print(f'ok {name} {n} ({took:.1f} s)', flush=True)
            continue
        elif n in expected and expected[n] in why:
            known += 1
            print(f'known {name} {n}: {why}', flush=True)
            continue
        else:
            failed += 1
        print(f'not ok {name} {n}: {why}', flush=True)
    print(f'-- {name}: {passed} hold, {known} cannot and are listed with the reply, {failed} do not', flush=True)
    return passed, known, failed


def main_of(name, words, target):
    """The program of a suite with a server of its own: NEPH [--only TEXT]... [--total FILE]; returns its status.

    target: made with the arguments and a folder that is removed at the end; its stop() ends what it started."""
    ap = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('--only', action='append')
    ap.add_argument('--total')
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    folder = tempfile.mkdtemp(prefix='conformance-')
    t = target(a, folder)
    try:
        counts = run_cases(name, name, t, {}, a.only)
    finally:
        t.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


def each(items, function, threads=24):
    """function(item) for all items, in several threads; raises what the first one raised."""
    left, lock, failed = list(items), threading.Lock(), []

    def work():
        while not failed:
            with lock:
                if not left:
                    return
                item = left.pop()
            try:
                function(item)
            except Exception as e:
                failed.append(e)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    if failed:
        raise failed[0]


def limit_files(size):
    """To be run in a child: files cannot grow beyond SIZE, as on a full disk."""
    def limit():
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit
