#!/usr/bin/python3
"""storage.py: what every storage provider must do, asked through the neph command.

    storage.py NEPH CLOUD --profile PROFILE [--set NAME=VALUE]... [--only TEXT]...

The server is real and runs already; its credentials come from the provider's own variables, its address from there or
from --set (s3, azure: endpoint=URL; local: root=DIR). What the server holds is looked at by a client that is not neph
(s3client.py, azureclient.py, swiftpeer.py). PROFILE.expect beside this file lists what cannot hold there, each with the
reply that shows it. The last line is 'N passed, N failed'; with --total FILE "PASSED KNOWN FAILED" is appended to that instead.
"""
import os, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import storage_bucket, storage_object, storage_part, storage_url, storage_break, storage_tree  # noqa: E402, F401 (their cases)
import storage_azure  # noqa: E402, F401 (and of one provider)
from storage_target import REMOTE, Target, main_on  # noqa: E402

if __name__ == '__main__':
    sys.exit(main_on(__doc__, '', ('local', *REMOTE), Target))
