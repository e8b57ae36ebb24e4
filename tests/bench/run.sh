#!/bin/bash
# The figures of neph beside their floors, in one run: tests/bench/run.sh [BUILD DIRECTORY] [--rounds N] [--only TEXT]...
# `make bench` calls it. Needs curl, python3, and valgrind for one row. Everything it makes is under $TMPDIR and removed.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${NEPH_BUILDDIR:-}
if [ $# -gt 0 ] && [ -d "$1" ]; then build=$1; shift; fi
build=$(cd "${build:-.}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/neph-bench.XXXXXX") || exit 1
# files that are written and read again lie in memory, where there is a place for that
memory=$(mktemp -d /dev/shm/neph-bench.XXXXXX 2>/dev/null) || memory=$(mktemp -d "$work/XXXXXX")
servers=()
trap 'for p in "${servers[@]}"; do kill "$p" 2>/dev/null; done; rm -rf "$work" "$memory"' EXIT
trap 'exit 130' INT TERM

export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY AWS_REGION=us-east-1
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY AWS_SESSION_TOKEN AWS_PROFILE
export HOME=$work LC_ALL=C
ulimit -n 8192 2>/dev/null || echo "bench: fewer than 8192 descriptors; the row with 1,000 calls may fail" >&2

program() { # program PATH : the program itself, not libtool's script around it
    local own="$build/${1%/*}/.libs/${1##*/}"
    if [ -x "$own" ]; then echo "LD_PRELOAD=$build/core/.libs/libneph.so.0 $own"; else echo "$build/$1"; fi
}

for file in core/cli/neph tests/bench/{ccurl,clist,csax,many,mrun,price,registry,s3d}; do
    [ -x "$build/$file" ] || { echo "bench: $build/$file is not there; run make bench" >&2; exit 1; }
done

serve() { # serve PORT OPTION... : starts the server and waits until it answers
    "$build/tests/bench/s3d" -p "$@" >/dev/null 2>&1 &
    servers+=($!)
    for _ in $(seq 200); do
        curl -sk -o /dev/null "${scheme:-http}://127.0.0.1:$1/" && return 0
        kill -0 "${servers[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "bench: the server on port $1 did not start" >&2
    exit 1
}
port=${NEPH_BENCH_PORT:-19000}
fast=http://127.0.0.1:$port
slow=http://127.0.0.1:$((port + 1))
one=http://127.0.0.1:$((port + 2))
small=http://127.0.0.1:$((port + 3))
tls=https://127.0.0.1:$((port + 4))
/usr/bin/python3 "$here/instances.py" 10000 >"$work/instances.xml" || exit 1
/usr/bin/python3 "$here/instances.py" 1 >"$work/instance.xml" || exit 1
serve "$port" -e "$work/instances.xml"
serve $((port + 1)) -d 200 -e "$work/instance.xml"
serve $((port + 2)) -e "$work/instance.xml"
serve $((port + 3)) -k 10000 -z 4096
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null || exit 1
cat "$work/tls.key" "$work/tls.pem" >"$work/tls.both"
scheme=https serve $((port + 4)) -s "$work/tls.both"

head -c 1073741824 /dev/urandom >"$memory/big" || exit 1

# Small files, and as many as the large listing has keys, of the same names and sizes and older.
/usr/bin/python3 - "$memory" <<'EOF' || exit 1
import os, sys
top = sys.argv[1]
for name in ('4096', 'flat', 'down'):
    os.mkdir(f'{top}/{name}')
for i in range(10000):
    with open(f'{top}/4096/z4096-{i:05d}', 'wb') as f:
        f.write(os.urandom(4096))
for page in range(1000):
    for i in range(1000):
        path = f'{top}/flat/part-2024-05-{page:04d}{i:03d}-0a1b2c3d4e5f6071.parquet'
        fd = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.ftruncate(fd, 1000 + i * 7919)
        os.utime(fd, (1600000000, 1600000000))
        os.close(fd)
EOF

# A hundred installed plugins: the manifests of the real ones under other names.
/usr/bin/python3 - "$work/plugins" "$build"/plugins/*/*.json <<'EOF' || exit 1
import json, os, sys
folder, sources = sys.argv[1], sys.argv[2:]
os.mkdir(folder)
for i in range(100):
    with open(sources[i % len(sources)], encoding='utf-8') as f:
        manifest = json.load(f)
    manifest['name'] = manifest['file'] = f'bench{i:03d}'
    manifest['file'] += '.so'
    for n, provider in enumerate(manifest.get('providers', [])):
        provider['id'] = f'bench{i:03d}{"abcdefgh"[n]}'
    with open(os.path.join(folder, f'bench{i:03d}.json'), 'w', encoding='utf-8') as f:
        json.dump(manifest, f, indent=1)
EOF

# A price file of 4 MB: 40 regions with 3,200 items each.
/usr/bin/python3 - "$work/large" <<'EOF' || exit 1
import json, os, sys
os.makedirs(sys.argv[1] + '/prices')
lists = [{'service': 'compute', 'region': f'region-{r}', 'unit': 'hour', 'currency': 'USD', 'as_of': '2023-08-06',
          'source': 'bench', 'prices': {f'm{i}.{8 << i % 5}xlarge': (r + 1) * (i + 1) / 10000 for i in range(3200)}}
         for r in range(40)]
with open(sys.argv[1] + '/prices/bench.json', 'w', encoding='utf-8') as f:
    json.dump({'format': 1, 'provider': 'bench', 'lists': lists}, f, indent=1)
EOF

neph=$(program core/cli/neph)
many=$(program tests/bench/many)
price=$(program tests/bench/price)
registry=$(program tests/bench/registry)
ccurl=$build/tests/bench/ccurl clist=$build/tests/bench/clist csax=$build/tests/bench/csax
s3="--set endpoint=$fast --set addressing=path"
object=bucket/z1073741824
cut="-c 8 -s 1073741824 -r 8388608"                  # of ccurl
parts="--part-size=8MiB --parallel=8"                # of neph
plain="$parts --verify=off"
unsigned="--set payload=unsigned"
secure="--set endpoint=$tls --set addressing=path --ca-file $work/tls.pem"
few="--set endpoint=$small --set addressing=path"
# The header lines of a signed request, with no signature that is right.
digest=$(printf 'e3b0c442%.0s' 1 2 3 4 5 6 7 8)
lines="-H Accept: -H 'User-Agent: neph/0.1.0' -H 'x-amz-date: 20260101T000000Z' -H 'x-amz-content-sha256: $digest' -H \
'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, \
SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=$digest'"
fresh() { echo "sh -c 'rm -f $memory/$1; exec $2'"; } # fresh FILE COMMAND : with no old file to write over
anew() { echo "sh -c 'exec $1 \$(mktemp -d $memory/down/XXXXXX)$2'"; } # into a directory of its own
cat >"$work/rows.json" <<EOF
{ "mrun": "$build/tests/bench/mrun", "rows": [
  { "kind": "registry", "title": "enumerate 100 plugins, warm, in process (floor: read and parse their manifests)",
    "command": "$registry $work/plugins", "limit": 1.5 },
  { "kind": "registry", "title": "look up one price in a file of 4 MB, processor time (floor: yajl on the same file)",
    "command": "$price $work/large bench m3199.128xlarge region-39", "limit": 1.3 },
  { "kind": "process", "title": "bucket list, one request (floor: curl)", "rounds": 41,
    "floor": "curl -s -o /dev/null $fast/", "neph": "$neph -c s3 $s3 bucket list",
    "bars": [ { "what": "wall_ratio", "limit": 1.4 } ] },
  { "kind": "process", "title": "neph --help (floor: curl --version)", "rounds": 41,
    "floor": "curl --version", "neph": "$neph --help", "bars": [ { "what": "wall_ratio", "limit": 0.6 } ] },
  { "kind": "process", "title": "neph plugin list with 100 plugins (floor: curl --version)", "rounds": 41,
    "floor": "curl --version", "neph": "$neph --plugin-path $work/plugins plugin list",
    "bars": [ { "what": "wall_ratio", "limit": 0.6 } ] },
  { "kind": "process", "title": "LIST 1,000,000 keys to tsv (floor: clist)",
    "floor": "$clist $fast/bucket", "neph": "$neph $s3 ls s3:bucket/ -o tsv",
    "bars": [ { "what": "cpu_ratio", "limit": 1.5 }, { "what": "rss_mb", "limit": 20 } ] },
  { "kind": "process", "title": "GET 1 GiB (floor: ccurl)", "rounds": 7,
    "floor": "$ccurl $fast/bucket/z1073741824", "neph": "$neph $s3 cp --parallel=1 --verify=off s3:bucket/z1073741824 -",
    "bars": [ { "what": "cpu_ratio", "limit": 1.1 }, { "what": "rss_mb", "limit": 20 } ] },
  { "kind": "process", "title": "the same, verified as far as the server tells (cat)", "rounds": 3,
    "floor": "$ccurl $fast/bucket/z1073741824", "neph": "$neph $s3 cat s3:bucket/z1073741824" },
  { "kind": "process", "title": "PUT 1 GiB, hashed (floor: ccurl -h)", "rounds": 7,
    "floor": "$ccurl -h -T $memory/big $fast/bucket/key", "neph": "$neph $s3 cp --verify=off $memory/big s3:bucket/key",
    "bars": [ { "what": "cpu_ratio", "limit": 1.1 }, { "what": "rss_mb", "limit": 20 } ] },
  { "kind": "process", "title": "10,000 signed GETs of 4 KiB, 32 at a time (floor: ccurl -c 32, unsigned)", "rounds": 9,
    "floor": "$ccurl -c 32 -n 10000 $fast/bucket/z4096-%ld", "neph": "$many get $fast 10000 32",
    "bars": [ { "what": "cpu_ratio", "limit": 1.4 } ] },
  { "kind": "callgrind", "title": "the same: user instructions a request", "limit": 120000,
    "floor": "$ccurl -c 32 -n {} $fast/bucket/z4096-%ld", "neph": "$many get $fast {} 32" },
  { "kind": "process", "title": "the same (floor: ccurl with the same header lines, nothing signed)", "rounds": 9,
    "floor": "$ccurl -c 32 -n 10000 $lines $fast/bucket/z4096-%ld", "neph": "$many get $fast 10000 32" },
  { "kind": "callgrind", "title": "the same: user instructions a request",
    "floor": "$ccurl -c 32 -n {} $lines $fast/bucket/z4096-%ld", "neph": "$many get $fast {} 32" },
  { "kind": "process", "title": "GET 1 GiB into a pipe, object get (floor: cp into one)", "rounds": 3,
    "floor": "sh -c '$neph $s3 cp --parallel=1 --verify=off s3:$object - | cat'",
    "neph": "sh -c '$neph -c s3 $s3 object get bucket z1073741824 - | cat'",
    "bars": [ { "what": "wall_ratio", "limit": 1.5 } ] },
  { "kind": "process", "title": "GET 1 GiB to a new file, 8 ranges of 8 MiB (floor: ccurl -c 8 -o)",
    "floor": "$(fresh floor "$ccurl $cut -o $memory/floor $fast/$object")",
    "neph": "$(fresh neph "env $neph $s3 cp $plain s3:$object $memory/neph")",
    "bars": [ { "what": "cpu_ratio", "limit": 1.2 }, { "what": "rss_mb", "limit": 32 } ] },
  { "kind": "process", "title": "the same, verified as far as the server tells",
    "floor": "$(fresh floor "$ccurl $cut -o $memory/floor $fast/$object")",
    "neph": "$(fresh neph "env $neph $s3 cp $parts s3:$object $memory/neph")" },
  { "kind": "process", "title": "PUT 1 GiB, 8 parts of 8 MiB, unsigned payload (floor: ccurl -c 8)",
    "floor": "$ccurl $cut -T $memory/big $fast/$object", "neph": "$neph $s3 $unsigned cp $plain $memory/big s3:$object",
    "bars": [ { "what": "cpu_ratio", "limit": 1.2 }, { "what": "rss_mb", "limit": 32 } ] },
  { "kind": "process", "title": "the same, signed and verified", "floor": "$ccurl $cut -T $memory/big $fast/$object",
    "neph": "$neph $s3 cp $parts $memory/big s3:$object" },
  { "kind": "process", "title": "PUT 1 GiB over TLS, CRC64NVME as trailer (floor: ccurl -c 8 over TLS)",
    "floor": "SSL_CERT_FILE=$work/tls.pem $ccurl $cut -T $memory/big $tls/$object",
    "neph": "$neph $secure --set checksum=crc64nvme cp $parts $memory/big s3:$object",
    "bars": [ { "what": "cpu_ratio", "limit": 1.25 } ] },
  { "kind": "process", "title": "cp -r of 10,000 files of 4 KiB up, 32 at a time (floor: ccurl -c 32)", "rounds": 7,
    "floor": "$ccurl -c 32 -n 10000 -T $memory/4096/z4096-00000 $small/bucket/z4096-%ld",
    "neph": "$neph $few $unsigned cp -r --jobs=32 --verify=off $memory/4096 s3:bucket/up/",
    "bars": [ { "what": "cpu_ratio", "limit": 2 }, { "what": "wall_ratio", "limit": 1.75 } ] },
  { "kind": "process", "title": "cp -r of 10,000 files of 4 KiB down, 32 at a time (floor: ccurl -c 32, to files)", "rounds": 7,
    "floor": "$(anew "$ccurl -c 32 -n 10000 -d" " $small/bucket/z4096-%ld")",
    "neph": "$(anew "env $neph $few cp -r --jobs=32 --verify=off s3:bucket/" "")",
    "bars": [ { "what": "cpu_ratio", "limit": 2 }, { "what": "wall_ratio", "limit": 1.75 } ] },
  { "kind": "process", "title": "sync of 1,000,000 keys cloud to cloud, nothing to do (floor: neph ls of one)", "rounds": 3,
    "floor": "$neph $s3 ls -r s3:bucket/ -o tsv", "neph": "$neph $s3 sync s3:bucket/ s3:other/",
    "bars": [ { "what": "cpu_ratio", "limit": 2.2 }, { "what": "rss_mb", "limit": 40 } ] },
  { "kind": "process", "title": "sync of 1,000,000 files of a flat directory to a cloud, nothing to do (floor: neph ls)", "rounds": 3,
    "floor": "$neph $s3 ls -r s3:bucket/ -o tsv", "neph": "$neph $s3 sync $memory/flat s3:bucket/",
    "bars": [ { "what": "rss_mb", "limit": 64 } ] },
  { "kind": "process", "title": "1,000 calls of 200 ms in flight (floor: ccurl -c 1000)", "rounds": 7,
    "floor": "$ccurl -c 1000 -n 1000 $slow/?n=%ld", "neph": "$many buckets $slow 1000 1000",
    "bars": [ { "what": "wall_ratio", "limit": 1.25 }, { "what": "rss_ratio", "limit": 1.6 } ] },
  { "kind": "process", "title": "DescribeInstances of 10,000 to tsv (floor: csax)",
    "floor": "$csax $fast/ 'Action=DescribeInstances&Version=2016-11-15'", "neph": "$neph -c ec2 --set endpoint=$fast node list -o tsv",
    "bars": [ { "what": "cpu_ratio", "limit": 1.4 }, { "what": "rss_mb", "limit": 20 } ] },
  { "kind": "process", "title": "node list over 50 clouds of 200 ms (floor: over one)", "rounds": 7,
    "floor": "$many nodes $slow 1 1", "neph": "$many nodes $slow 50 50",
    "bars": [ { "what": "wall_ratio", "limit": 1.3 } ] },
  { "kind": "process", "title": "ec2, first call after the start (floor: curl)", "rounds": 41,
    "floor": "curl -s -o /dev/null -d Action=DescribeInstances $one/", "neph": "$neph -c ec2 --set endpoint=$one node list",
    "bars": [ { "what": "wall_ratio", "limit": 1.5 } ] }
] }
EOF
/usr/bin/python3 "$here/report.py" "$work/rows.json" "$@"
