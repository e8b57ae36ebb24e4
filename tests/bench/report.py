#!/usr/bin/python3
"""report.py: neph beside its floors. Called by run.sh, which builds, starts the servers and cleans up.

    report.py SPECIFICATION.json [--rounds N] [--only TEXT]...

Each row has a floor and neph's command; they run in turn (floor, neph, floor, neph ...) after one round that does not
count. Medians are printed, ratios are those of the rounds. The verdict holds only where the bar is about that measure.
"""
import argparse, json, os, re, statistics, subprocess, sys, tempfile


def under(tool, command):
    """The shell command that runs COMMAND under TOOL; variables that stand before it stay in front."""
    parts = re.match(r'((?:[A-Z_]+=\S+ )*)(.*)', command, re.S)
    return f'{parts[1]}exec {tool} {parts[2]}'


def run(mrun, command, seconds):
    """wall, cpu, peak RSS in KiB of one run."""
    with tempfile.NamedTemporaryFile(mode='r', prefix='bench-') as out:
        subprocess.run([mrun, out.name, str(seconds), '/bin/sh', '-c', under('', command)],
                       check=True, timeout=seconds + 30)
        wall, user, system, rss, status = out.read().split()
    if int(status) != 0:
        raise RuntimeError(f'status {status}: {command}')
    return {'wall': float(wall), 'cpu': float(user) + float(system), 'rss': int(rss)}


def measure(mrun, row, rounds):
    floors, ours = [], []
    for i in range(-1, rounds):
        pair = run(mrun, row['floor'], row.get('seconds', 120)), run(mrun, row['neph'], row.get('seconds', 120))
        if i >= 0:
            floors.append(pair[0])
            ours.append(pair[1])
    return floors, ours


def median(runs, what):
    return statistics.median(r[what] for r in runs)


def ratio(ours, floors, what):
    return statistics.median(o[what] / max(f[what], 1e-6) for o, f in zip(ours, floors))


def verdicts(row, floors, ours):
    """(words, holds) for each bar of the row."""
    for bar in row.get('bars', []):
        what, limit = bar['what'], bar['limit']
        if what == 'rss_mb':
            value = max(o['rss'] for o in ours) / 1024
            yield f'RSS {value:.1f} MB <= {limit} MB', value <= limit
        else:
            name = what.replace('_ratio', '')
            value = ratio(ours, floors, name)
            yield f'{name} {value:.2f} x <= {limit} x', value <= limit


def process_row(a, spec, row):
    floors, ours = measure(spec['mrun'], row, a.rounds or row.get('rounds', 5))
    told = list(verdicts(row, floors, ours))
    cells = [row['title']]
    for runs in (ours, floors):
        cells.append(f'{median(runs, "wall") * 1e3:,.1f} / {median(runs, "cpu") * 1e3:,.1f} / {median(runs, "rss") / 1024:.1f}')
    cells.append(f'{ratio(ours, floors, "wall"):.2f} / {ratio(ours, floors, "cpu"):.2f} / {ratio(ours, floors, "rss"):.2f}')
    return cells, told


def registry_row(spec, row):
    """In process: the program prints microseconds of neph and of the floor."""
    out = subprocess.run(row['command'], shell=True, check=True, stdout=subprocess.PIPE, timeout=120).stdout.split()
    ours, floor, value = float(out[0]) / 1e3, float(out[1]) / 1e3, float(out[2])
    limit = row['limit']
    return ([row['title'], f'{ours:.2f} / – / –', f'{floor:.2f} / – / –', f'{value:.2f} / – / –'],
            [(f'wall {value:.2f} x <= {limit} x', value <= limit)])


def instructions(command, count):
    """User instructions under callgrind."""
    tool = 'valgrind --tool=callgrind --callgrind-out-file=/dev/null'
    done = subprocess.run(under(tool, command.format(count)), shell=True, check=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600, text=True)
    return int(re.search(r'Collected : (\d+)', done.stderr)[1])


def callgrind_row(spec, row):
    few, many = row.get('counts', (200, 1200))
    each = {}
    for who in ('neph', 'floor'):
        each[who] = (instructions(row[who], many) - instructions(row[who], few)) / (many - few)
    limit = row.get('limit')
    return ([row['title'], f'{each["neph"]:,.0f}', f'{each["floor"]:,.0f}', f'{each["neph"] / each["floor"]:.2f}'],
            [(f'{each["neph"]:,.0f} <= {limit:,}', each['neph'] <= limit)] if limit else [])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('specification')
    ap.add_argument('--rounds', type=int)
    ap.add_argument('--only', action='append')
    a = ap.parse_args()
    with open(a.specification, encoding='utf-8') as f:
        spec = json.load(f)
    kinds = {'process': lambda r: process_row(a, spec, r), 'registry': lambda r: registry_row(spec, r),
             'callgrind': lambda r: callgrind_row(spec, r)}
    print('| what | neph: wall ms / cpu ms / RSS MB | floor | ratio (wall / cpu / RSS) | bar | verdict |')
    print('|---|---|---|---|---|---|', flush=True)
    held, missed, broken = 0, 0, 0
    for row in spec['rows']:
        if a.only and not any(o in row['title'] for o in a.only):
            continue
        try:
            cells, told = kinds[row['kind']](row)
        except (RuntimeError, subprocess.SubprocessError, OSError, ValueError, IndexError, TypeError) as e:
            broken += 1
            print(f'| {row["title"]} | did not run: {e} | | | | **no figure** |', flush=True)
            continue
        held += sum(holds for _, holds in told)
        missed += sum(not holds for _, holds in told)
        said = '; '.join(f'{"reached" if holds else "**missed**"}' for _, holds in told) or 'no bar'
        print('| ' + ' | '.join(cells + ['; '.join(words for words, _ in told), said]) + ' |', flush=True)
    print(f'\nbench: {held} bars reached, {missed} missed, {broken} rows without a figure; load {os.getloadavg()[0]:.1f}')
    return 1 if broken else 0


if __name__ == '__main__':
    sys.exit(main())
