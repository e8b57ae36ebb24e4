"""storage_break.py: servers that die, disks that are full, ways out of the root."""
import os, time, urllib.parse

from storage_target import *  # noqa: F401, F403


def cut(t, **limits):
    url = urllib.parse.urlsplit(t.server())
    proxy = Cutter(url.hostname, url.port, **limits)
    return proxy, t.through(f'{url.scheme}://127.0.0.1:{proxy.port}{url.path}')


@case(*BEHIND_ITS_URL)
def server_dies_in_a_download(t):
    t.store(b'dies', FIVE)
    out = t.path('dies.out')
    proxy, neph = cut(t, down=1 << 20)
    neph.run('cp', neph.at(t.bucket, b'dies'), out).want(FAILED, 'the connection to')
    check(not t.left_over('dies.out'), f'left behind: {t.left_over("dies.out")}')
    with open(out, 'wb') as f:
        f.write(b'before')
    neph.run('cp', neph.at(t.bucket, b'dies'), out).want(FAILED, 'the connection to')
    proxy.close()
    with open(out, 'rb') as f:
        check(f.read() == b'before', 'what was there before is gone')
    check(t.left_over('dies.out') == ['dies.out'], f'left behind: {t.left_over("dies.out")}')


@case(*BEHIND_ITS_URL)
def server_dies_in_an_upload(t):
    proxy, neph = cut(t, up=1 << 20)
    result = neph.put(t.bucket, b'dies-up', FIVE)
    proxy.close()
    result.want(FAILED, 'the connection')
    time.sleep(0.5)
    check(not t.holds(b'dies-up'), 'a part of the object is there')


@case(*BEHIND_ITS_URL)
def server_dies_once(t):
    """What may be asked again is asked again."""
    proxy, neph = cut(t)
    limits = [200, None]
    proxy.limits = {'up': None, 'down': None}
    accept, state = proxy.pump, {'n': 0}

    def pump(way, source, sink):
        if way == 'down':
            proxy.limits['down'] = limits[min(state['n'], 1)]
            state['n'] += 1
        accept(way, source, sink)
    proxy.pump = pump
    result = neph.bucket('list', '-o', 'json')
    proxy.close()
    result.want(DONE)
    check(proxy.connections == 2, f'{proxy.connections} connections')


@case()
def disk_full_in_a_download(t):
    t.store(b'full', FIVE)
    out = t.path('full.out')
    t.neph.run('cp', t.neph.at(t.bucket, b'full'), out, before=limit_files(1 << 20)).want(FAILED)
    check(not t.left_over('full.out'), f'left behind: {t.left_over("full.out")}')


@case('local')
def disk_full_in_an_upload(t):
    source = t.path('full.in')
    with open(source, 'wb') as f:
        f.write(FIVE)
    before = sum(len(f) for _, _, f in os.walk(t.settings['root']))
    t.neph.run('cp', source, t.neph.at(t.bucket, b'full-up'), before=limit_files(1 << 20)).want(FAILED)
    check(not t.holds(b'full-up'), 'a part of the object is there')
    after = sum(len(f) for _, _, f in os.walk(t.settings['root']))
    check(before == after, f'{after - before} files were left behind')


@case()
def destination_not_writable(t):
    t.store(b'nowhere', b'data')
    t.neph.run('cp', t.neph.at(t.bucket, b'nowhere'), t.path('no/such/folder/file')).want(FAILED)
    t.neph.run('cp', t.path('no-such-file'), t.neph.at(t.bucket, b'nowhere')).want((FAILED, NOT_FOUND))
    check(t.content(b'nowhere') == b'data', 'the object was touched')


@case('local')
def no_way_out(t):
    """A symbolic link in the root is no way to what lies outside."""
    outside = t.path('outside')
    os.mkdir(outside)
    with open(os.path.join(outside, 'secret'), 'w', encoding='ascii') as f:
        f.write('secret')
    os.symlink(outside, os.path.join(t.settings['root'], t.bucket, 'link'))
    result = t.neph.cat(t.bucket, b'link/secret')
    check(result.status != DONE and b'secret' not in result.out, f'{result}; the link was followed')
    t.neph.put(t.bucket, b'link/new', b'data')
    check(os.listdir(outside) == ['secret'], f'outside there is {os.listdir(outside)}')
    os.unlink(os.path.join(t.settings['root'], t.bucket, 'link'))


@case('local')
def files_are_objects(t):
    """An object is the file of its name, and the other way round."""
    t.neph.put(t.bucket, b'folder/plain.txt', b'data').want(DONE)
    path = os.path.join(t.settings['root'], t.bucket, 'folder', 'plain.txt')
    check(os.path.isfile(path), f'{path} is no file')
    with open(os.path.join(t.settings['root'], t.bucket, 'folder', 'by-hand'), 'w', encoding='ascii') as f:
        f.write('by hand')
    check(t.neph.cat(t.bucket, b'folder/by-hand').want(DONE).out == b'by hand', 'other bytes')
