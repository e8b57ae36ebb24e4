"""kill_network.py: kills of the command while it talks to a server, through proxy.py."""
import re

from harness import DONE, Result, check
from traffic import Gone, Proxy, kind, part_of


class Network:
    """The runs of one transfer: what was killed when, and what passed before and after."""

    def __init__(self, work):
        self.work, self.t = work, work.t
        self.proxy = Proxy(self.t.server())
        self.proxy.watch = self.watch
        self.events = [('complete', 'asked'), ('complete', 'answered')]
        if self.t.cloud in ('s3', 'swift'):
            self.events.insert(1, ('begin', 'answered'))
        self.reset()

    def neph(self):
        return self.t.through(self.proxy.url)

    def reset(self):
        self.process, self.killed = None, False
        self.at = self.event = None
        self.seen = 0
        self.finished_parts, self.finished_ranges, self.finished_files = set(), set(), set()
        self.finished_objects = {} # what was sent of each
        self.now = []        # the exchanges of the last run
        self.all_parts = set() # whose bytes all passed, whatever was answered
        self.cut_parts = []    # requests whose bytes did not
        self.arrived = set() # ranges that came whole, whether the command knows it or not

    def what(self, exchange):
        return kind(self.t.cloud, self.t.bucket, exchange)

    def watch(self, exchange, what, size):
        if not self.process:
            return
        self.seen += size if self.what(exchange) in ('part', 'put', 'get') else 0
        due = self.seen >= self.at if self.at is not None else self.event == (self.what(exchange), what)
        if due and not self.killed:
            self.killed = True
            self.process.kill()
        if self.killed:
            raise Gone

    def kill(self, args, moment, left, kills_left, rng):
        """Runs the command until the moment is there, and kills it. left: bytes that must pass until the end."""
        self.event, self.seen, self.killed = moment, 0, False
        self.at = None if moment else min(rng.uniform(0, 2 * left / (kills_left + 1)), left * 0.98)
        self.proxy.set_rules([])
        self.process = process = self.neph().start(*args)
        out, err = process.communicate(timeout=300)
        self.process = None
        check(self.killed, f'{Result(args, process.returncode, out, err)}; it ended before its moment {moment or self.at}')
        check(self.proxy.idle(), 'connections stay open behind the kill')
        self.work.kills += 1
        self.look()

    def finish(self, args):
        """Runs it to its end."""
        self.proxy.set_rules([])
        result = self.neph().run(*args, timeout=600)
        self.proxy.idle()
        result.want(DONE)
        self.work.kept += len(self.finished_parts) + len(self.finished_objects) + len(self.finished_ranges) + len(self.finished_files)
        self.look()

    def look(self):
        """What the last run asked for: nothing that was finished before."""
        self.now = self.proxy.exchanges
        ours = [(self.what(e), e) for e in self.now]
        for what, e in ours:
            if what == 'part':
                check(part_of(self.t.cloud, e) not in self.finished_parts, f'a finished part was sent again: {e.target[:200]}')
            elif what == 'put' or (what == 'complete' and self.t.cloud != 'swift'):
                check(e.path not in self.finished_objects, f'a finished object was sent again: {e.path}')
            elif what == 'get':
                self.check_get(e)
        self.finished_parts |= {part_of(self.t.cloud, e) for what, e in ours if what == 'part' and e.status in (200, 201) and
                                (self.t.cloud != 'azure' or self.is_heard(e))}
        self.finished_objects |= {e.path: e.up for what, e in ours if what in ('put', 'complete') and e.status in (200, 201)}
        parts = [e for what, e in ours if what == 'part']
        self.all_parts |= {part_of(self.t.cloud, e) for e in parts if passed(e)}
        self.cut_parts += [e.line() for e in parts if not passed(e)]
        self.arrived |= {(e.path, *span(e)) for what, e in ours if what == 'get' and span(e) and e.told}
        self.finished_ranges |= {(e.path, *span(e)) for what, e in ours if what == 'get' and span(e) and e.told and
                                 self.is_heard(e)}

    def is_heard(self, exchange):
        """Has the command noted the reply? It asks for the next thing on a connection while it still reads what came on it."""
        return sum(e.connection == exchange.connection and e.path == exchange.path and e.number > exchange.number for e in self.now) > 1

    def check_get(self, e):
        check(not self.is_finished(e.path), f'a finished file was asked for again: {e.path}')
        if span(e):
            first, last = span(e)
            again = [r for r in self.finished_ranges if r[0] == e.path and first <= r[2] and last >= r[1]]
            check(not again, f'bytes {first} to {last} were asked for again; {again[0][1:] if again else ""} had come')

    def completed(self):
        """Had the server completed the object when the command was killed?"""
        return any(self.what(e) in ('complete', 'put') and e.status in (200, 201) for e in self.now)

    def is_finished(self, path):
        name = re.sub('%([0-9A-Fa-f]{2})', lambda m: chr(int(m[1], 16)), path).encode('latin-1').decode()
        return any(name.endswith('/' + f) for f in self.finished_files)

    def finished_bytes(self):
        """At most so many bytes need not pass again, besides those of finished files."""
        ranges = sum(last - first + 1 for path, first, last in self.arrived if not self.is_finished(path))
        return len(self.all_parts) * self.work.part + ranges + sum(self.finished_objects.values())

    def check_parts(self, count):
        check(len(self.all_parts) == count,
              f'{len(self.all_parts)} parts reached the server, {count} are needed; not wholly: {self.cut_parts}')


def passed(exchange):
    """Have all bytes of its body gone to the server?"""
    return exchange.up == int(exchange.fields['content-length'])


def span(exchange):
    """First and last byte that a request asks for."""
    text = exchange.fields.get('range') or exchange.fields.get('x-ms-range') or ''
    match = re.match(r'bytes=(\d+)-(\d+)$', text)
    return (int(match[1]), int(match[2])) if match else None
