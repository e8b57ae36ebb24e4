#!/usr/bin/python3
"""compute.py: what every compute provider must do, asked through the neph command.

    compute.py NEPH --profile sim|moto|bluebox|nimbus [--port PORT] [--library PROGRAM] [--only TEXT]... [--total FILE]

sim needs nothing; moto runs already at --port and is asked through tests/servers/swallow.py; the others are the strict
servers of tests/servers, started here. compute-PROFILE.expect lists what cannot hold there, each with the reply that
shows it: what the cloud does not have is refused before anything is sent. --library adds what compute_library.c says
of the same cloud, as cases library_NAME. The last line is 'N passed, N failed'; with
--total FILE "PASSED KNOWN FAILED" is appended to that instead.
"""
import argparse, os, shutil, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import *  # noqa: E402
from compute_target import LIVE, TARGETS  # noqa: E402
import compute_node, compute_disk, compute_net, compute_bad, compute_loss  # noqa: E402,F401: their cases


def add_library(program, t):
    """Runs the program; what it says of each of its cases becomes a case here."""
    settings = [f'{n}={v}' for n, v in t.neph.settings.items()]
    image = t.image() if t.profile in LIVE else ''
    try:
        done = subprocess.run([program, t.cloud, image, t.size(), *settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, env=t.neph.environment(), timeout=120, check=False)
        out, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as e:
        out, status = e.stdout or b'', 'that of a time-out'
    lines = out.decode('utf-8', 'replace').splitlines()
    said = [line.partition(' library ') for line in lines if line.startswith(('ok library ', 'not ok library '))]
    for word, _, rest in said:
        name, _, why = rest.partition(': ')
        CASES.append((f'library_{name}', (), lambda t, holds=word == 'ok', why=why: check(holds, why)))
    CASES.append(('library_ends', (), lambda t: check(status in (0, 1) and len(said) > 4, f'status {status}: {lines[-1:]}')))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('--profile', required=True, choices=sorted(TARGETS))
    ap.add_argument('--port', type=int, help='of moto')
    ap.add_argument('--library', help='what compute_library.c was built to')
    ap.add_argument('--only', action='append', help='cases whose name has this in it')
    ap.add_argument('--total', help='file to append "PASSED KNOWN FAILED" to')
    a = ap.parse_args()
    folder = tempfile.mkdtemp(prefix='conformance-')
    TARGETS['moto'].port = a.port
    name = 'compute-' + a.profile
    t = None
    try:
        t = TARGETS[a.profile](os.path.abspath(a.neph), folder)
        if a.library:
            add_library(os.path.abspath(a.library), t)
        counts = run_cases(name, a.profile, t, read_expectations(os.path.join(HERE, name + '.expect')), a.only)
    except Failure as e:
        print(f'not ok {name} start: {e}')
        counts = (0, 0, 1)
    finally:
        if t:
            t.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


if __name__ == '__main__':
    sys.exit(main())
