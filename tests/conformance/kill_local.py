"""kill_local.py: kills of the command while it works on the local provider: a moment is a number of bytes written."""
import os, re, time

from harness import DONE, Result, check


def bytes_in(*folders):
    """Bytes of the files there, hidden ones too."""
    total = 0
    for folder in folders:
        for at, _, files in os.walk(folder):
            for name in files:
                try:
                    total += os.stat(os.path.join(at, name)).st_blocks * 512
                except FileNotFoundError:
                    pass
    return total


class Local:
    """The runs of one transfer."""

    def __init__(self, work):
        self.work, self.t, self.events = work, work.t, []
        self.reset()

    def reset(self):
        self.finished_parts, self.finished_files = set(), set()
        self.places = (self.t.settings['root'], self.t.path('down'), self.t.path('synced'))
        self.first = None # bytes there before the first run

    def kill(self, args, moment, left, kills_left, rng):
        at = min(rng.uniform(0, 2 * left / (kills_left + 1)), left * 0.9)
        before = bytes_in(*self.places)
        self.first = before if self.first is None else self.first
        process = self.t.neph.start(*args)
        while process.poll() is None and bytes_in(*self.places) - before < at:
            time.sleep(0.0005)
        process.kill()
        out, err = process.communicate()
        self.was_killed = process.returncode == -9
        check(self.was_killed or process.returncode == 0, f'{Result(args, process.returncode, out, err)}')
        self.work.kills += self.was_killed

    def finish(self, args):
        result = self.t.neph.run(*args, timeout=600).want(DONE)
        kept = re.search(r'(\d+) of \d+ parts were kept', result.err)
        self.work.kept += int(kept[1]) if kept else 0

    def completed(self):
        """Was the object asked for, once all parts were there? The journal says so, or has gone with it: on a slow machine the
        kill comes later than its moment."""
        return not self.was_killed or all(b' completing ' in entry for entry in self.work.entries())

    def finished_bytes(self):
        """About so many bytes need not be written again."""
        return 0 if self.first is None else bytes_in(*self.places) - self.first

    def check_parts(self, count):
        pass
