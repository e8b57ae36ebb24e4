#!/usr/bin/python3
"""storage.py: what every storage provider must do, asked through the neph command.

    storage.py NEPH CLOUD --profile PROFILE [--set NAME=VALUE]... [--only TEXT]...

The server is real and runs already; its credentials come from the provider's own variables, its address from there or
from --set (s3, azure: endpoint=URL; local: root=DIR). What the server holds is looked at by a client that is not neph
(s3client.py, azureclient.py, swiftpeer.py). PROFILE.expect beside this file lists what cannot hold there, each with the
reply that shows it. The last line is 'N passed, N failed'; with --total FILE "PASSED KNOWN FAILED" is appended to that instead.
"""
import argparse, os, shutil, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import Failure, read_expectations, run_cases  # noqa: E402
from storage_target import REMOTE, Target  # noqa: E402
import storage_bucket, storage_object, storage_url, storage_break  # noqa: E402, F401 (their cases)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('neph')
    ap.add_argument('cloud')
    ap.add_argument('--profile', required=True, choices=('local', *REMOTE))
    ap.add_argument('--set', action='append', default=[], metavar='NAME=VALUE')
    ap.add_argument('--only', action='append', help='cases whose name has this in it')
    ap.add_argument('--total', help='file to append "PASSED KNOWN FAILED" to')
    a = ap.parse_args()
    a.neph = os.path.abspath(a.neph)
    folder = tempfile.mkdtemp(prefix='conformance-')
    try:
        t = Target(a, folder)
    except Failure as e:
        print(f'not ok {a.profile} start: {e}')
        counts = (0, 0, 1)
    else:
        counts = run_cases(a.profile, a.profile, t, read_expectations(os.path.join(HERE, a.profile + '.expect')), a.only)
    shutil.rmtree(folder, ignore_errors=True)
    if a.total:
        with open(a.total, 'a', encoding='ascii') as f:
            print(*counts, file=f)
    else:
        print(f'{counts[0]} passed, {counts[2]} failed')
    return 1 if counts[2] else 0


if __name__ == '__main__':
    sys.exit(main())
