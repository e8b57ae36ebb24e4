"""bad_transfer.py: what transfers say to what cannot be; cases of bad_input.py. The rest of the work goes on where that is safe."""
import os, signal, subprocess, time

from harness import *  # noqa: F401, F403
from kill_local import bytes_in
from harness import DONE, FAILED, NOT_FOUND, USAGE, Neph, Result, case, check

BIG = 256 << 20
TERMS = ('--part-size=5MiB', '--parallel=2')
NOBODY = 65534


def as_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def local(t, bucket):
    """The local provider with a root and a journal of its own, and a bucket."""
    root = os.path.join(t.folder, 'root-' + bucket)
    os.mkdir(root)
    neph = t.local.with_({'XDG_STATE_HOME': os.path.join(t.folder, 'state-' + bucket)}, root=root)
    neph.run('-c', 'local', 'bucket', 'create', bucket).want(DONE)
    return neph


def during(neph, args, function):
    """Runs the command, holds it when it has written some parts, does something, and lets it go on."""
    before = bytes_in(neph.settings['root'])
    process = neph.start(*args)
    while process.poll() is None and bytes_in(neph.settings['root']) - before < 20 << 20:
        time.sleep(0.0005)
    process.send_signal(signal.SIGSTOP)
    function(process)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    return Result(args, process.returncode, out, err)


def resize(path, size):
    def change(_):
        os.truncate(path, size)
    return change


@case()
def source_that_shrinks_or_grows(t):
    """The file is not the same any more: an error that says so, and no object of what was half of each."""
    neph = local(t, 'resized')
    for size in (1 << 20, BIG + (64 << 20)):
        source = t.write('resized', os.urandom(BIG))
        result = during(neph, ('cp', *TERMS, source, 'local:resized/k'), resize(source, size))
        result.want(FAILED)
        check(any(w in result.err for w in ('was written to', 'became shorter', 'has changed')), f'{result}; it does not say that the source has changed')
        neph.run('-c', 'local', 'object', 'head', 'resized', 'k').want(NOT_FOUND)


@case()
def one_file_of_many_may_not_be_read(t):
    neph = local(t, 'many')
    top = os.path.join(t.folder, 'many')
    for name in ('a', 'closed', 'z'):
        t.write('many/' + name, name, 0o644)
    os.chmod(top, 0o755)
    os.chmod(os.path.join(top, 'closed'), 0)
    root = neph.settings['root']
    os.makedirs(os.path.join(t.folder, 'state-many'))
    subprocess.run(['chown', '-R', str(NOBODY), root, os.path.join(t.folder, 'state-many')], check=False)
    if subprocess.run([t.program, '--version'], preexec_fn=as_nobody, stdout=subprocess.DEVNULL, check=False).returncode:
        return
    for words in (['sync', top, 'local:many/sync'], ['cp', '-r', top, 'local:many/cp']):
        result = neph.run(*words, before=as_nobody)
        check(result.status == FAILED, f'{result}; wanted status 1')
        check('closed' in result.err and 'Permission denied' in result.err, f'{result}; it does not name the file')
        listed = neph.run('ls', '-r', f'{words[-1]}/', '-o', 'tsv').want(DONE).out.decode()
        check('/a\t' in listed and '/z\t' in listed and 'closed' not in listed, f'{result}; copied: {listed!r}')
    subprocess.run(['chown', '-R', str(os.geteuid()), root, os.path.join(t.folder, 'state-many')], check=False)


def begun(t, neph, name):
    """A transfer that was killed on its way: its command, and the files of its entry."""
    source = t.write(name, os.urandom(BIG))
    args = ('cp', *TERMS, source, f'local:{name}/k')
    result = during(neph, args, lambda process: process.kill())
    check(result.status == -9, f'{result}; it was over before it was killed')
    top = os.path.join(t.folder, 'state-' + name, 'neph', 'transfers')
    files = sorted(os.path.join(top, n) for n in os.listdir(top))
    check(files, f'{result}; there is no entry in the journal')
    return args, files


@case()
def journal_damaged(t):
    """An entry that is cut, spoilt, or of another version: shown as such, never gone on with, cleaned; the command works."""
    neph = local(t, 'journal')
    for spoil in (lambda d: d[:len(d) // 2], lambda d: b'', lambda d: os.urandom(len(d)), lambda d: d[:-1],
                  lambda d: d.replace(b'1', b'9', 1), lambda d: d + b'more', lambda d: b'\0' * len(d)):
        args, files = begun(t, neph, 'journal')
        for path in files:
            with open(path, 'rb') as f:
                data = f.read()
            with open(path, 'wb') as f:
                f.write(spoil(data))
        neph.run('transfer', 'list', '-o', 'json').want(DONE).json()
        neph.run(*args).want(DONE)
        with open(args[-2], 'rb') as f:
            check(neph.run('cat', 'local:journal/k').want(DONE).out == f.read(), 'the object has other bytes')
        neph.run('transfer', 'clean').want(DONE)
        left = neph.run('transfer', 'list', '-o', 'json').want(DONE).json()
        check(left == [], f'still listed: {left}')
        neph.run('rm', 'local:journal/k').want(DONE)


@case()
def journal_cannot_be_kept(t):
    """A state directory that is a file: the transfer is done all the same."""
    neph = local(t, 'nostate').with_({'XDG_STATE_HOME': t.write('state-is-a-file', '')})
    source = t.write('nostate', os.urandom(24 << 20))
    neph.run('cp', '--part-size=5MiB', source, 'local:nostate/k').want(DONE)


@case()
def no_such_entry(t):
    neph = local(t, 'noentry')
    for verb in ('resume', 'abort'):
        neph.run('transfer', verb, 'nosuchid').want((USAGE, FAILED, NOT_FOUND), 'nosuchid')


@case()
def a_directory_where_a_file_should_be(t):
    """And a file where a directory should be: that one is named, the rest is copied."""
    neph = local(t, 'places')
    for key in ('both', 'both/below', 'other'):
        neph.put('places', key.encode(), key.encode()).want(DONE)
    top = os.path.join(t.folder, 'places-out')
    result = neph.run('sync', 'local:places', top)
    check(result.status == FAILED and 'both' in result.err, f'{result}; wanted "both" to be named')
    with open(os.path.join(top, 'other'), encoding='ascii') as f:
        check(f.read() == 'other', 'the rest was not copied')
    os.makedirs(os.path.join(t.folder, 'taken', 'other'))
    result = neph.run('sync', 'local:places/other', t.write('a-file', 'x'))
    check(result.status in (FAILED, USAGE) and 'a-file' in result.err, f'{result}')
    result = neph.run('cp', 'local:places/other', os.path.join(t.folder, 'a-file', 'x')).want(FAILED, 'Not a directory')


@case()
def terms_that_cannot_be(t):
    source = t.write('terms', 'x')
    for words, said in ((['--part-size=0'], '"0"'), (['--part-size=big'], '"big"'), (['--parallel=0'], 'parallel'),
                        (['--verify=maybe'], 'maybe'), (['--checksum=rot13'], 'rot13'), (['--bandwidth=-1'], '-1')):
        result = t.local.run('cp', *words, source, 'local:terms/k')
        check(result.status == USAGE and said in result.err, f'{result}; wanted status 2 and {said}')


@case()
def key_of_azure_that_is_no_base64(t):
    azure = Neph(t.program, 'azure', {}, {**t.bare.variables, 'AZURE_STORAGE_ACCOUNT': 'account', 'AZURE_STORAGE_KEY': 'not base64!'})
    result = azure.run('-c', 'azure', 'bucket', 'list').want(USAGE, 'base64')
    check('not base64!' not in result.err, f'{result}; it shows the key')


@case()
def object_over_the_limit(t):
    """Larger than the cloud takes: refused before anything is sent."""
    path = t.write('huge', '')
    try:
        os.truncate(path, 15 << 40)
    except OSError:
        return
    before = t.asked()
    t.neph.run('cp', path, 's3:ok/huge').want(FAILED, 'are more than')
    check(t.asked() == before, 'something was asked')
