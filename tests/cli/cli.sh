#!/bin/bash
# The command from end to end, without a network: statuses, formats, addresses, secrets, Ctrl-C, broken pipes, bad input,
# on the local provider and on recorded replies. Each check is a sentence; the last line counts them.
. "$(dirname "$0")/checks.sh"

# ---- usage: status 2, one line, the nearest word
run 2 "nothing to do" && says "nothing to do is said" "see neph --help"
run 2 "unknown noun" nod list && says "the nearest noun is offered" 'did you mean "node"'
run 2 "unknown verb" node lst && says "the nearest verb is offered" 'did you mean "list"'
run 2 "unknown option" -c local node list --limt=1 && says "the nearest option is offered" 'did you mean "--limit"'
run 2 "unknown letter" -k && says "unknown letter is said" "unknown option -k"
run 2 "unknown format" -o xml node list && says "formats are listed" "table, json, jsonl or tsv"
run 2 "no cloud" bucket list && says "where a cloud comes from is said" "NEPH_CLOUD"
run 2 "missing argument" -c local bucket create && says "the argument is named" "NAME"
run 2 "one word too many" -c local bucket create a b && says "the word is named" '"b"'
run 2 "wrong-typed argument" -c local bucket list --limit=few && says "the value is named" '"few"'
run 2 "a limit below 0" -c local bucket list --limit -1 && says "what a limit can be" "limit is -1, but must be 0 or more"
run 2 "a file where an address is needed" ls file && says "how an address looks" "CLOUD:BUCKET"
run 2 "a copy between files" cp a b && says "what cp needs" "CLOUD:BUCKET/KEY"
run 2 "a bucket where an object is needed" rm local:bucket && says "what rm needs" "CLOUD:BUCKET/KEY"
run 2 "a bad --set" -c local --set root bucket list && says "how --set looks" "NAME=VALUE"
run 2 "an unknown setting" -c local --set rot=x bucket list && says "the setting is named" "rot"
run 2 "a secret in the command line" -c s3 --set secret_key=x bucket list && says "how secrets go" "@FILE"
is "the secret is not repeated" sh -c '! grep -q "=x" stderr'
run 2 "a secret argument in the command line" -c bluebox node create n i s --password=hush && says "how secrets go" "@FILE"
is "the secret argument is not repeated" sh -c '! grep -q hush stderr'
run 2 "a --set of a cloud that is not used" -c local --set s4:endpoint=x bucket list && says "the cloud is named" "s4"
run 2 "a missing setting" --set root= -c local bucket list && says "the setting is named" "root"
run 3 "unknown provider" -c s4 bucket list && says "the provider is named" "s4"
run 3 "unknown plugin" plugin info s4 && says "the plugin is named" "s4"
run 3 "unknown provider shown" provider show s4 && says "the provider is named" "s4"
run 5 "what a provider cannot do" -c local node list && says "the operation is named" "node"

# ---- help at every level, from the tables
run 0 "help" --help && is "help names the exit statuses" grep -q "^Exit status" stdout
run 0 "help of a noun" node --help && is "help lists the verbs" grep -q "node reboot ID" stdout
run 0 "help of a verb" object list --help && is "help lists columns" grep -q "size_bytes" stdout
run 0 "help of a shorthand" ls --help && is "help lists options" grep -q -- "--recursive" stdout
run 0 "help as a word" help node list && is "help of the verb" grep -q "usage: neph .*node list" stdout
run 0 "version" --version && prints "the version" "neph $NEPH_VERSION\n"
"$neph" --help | while read -r noun rest; do
    case $noun in node | bucket | plugin) "$neph" "$noun" --help >/dev/null || echo "$noun" ;; esac
done >wrong
is "every noun has help" test ! -s wrong

# ---- what is installed; nothing is loaded for it
run 0 "plugin list" plugin list -o tsv && is "the plugins are there" grep -q $'^local\t.*\tlocal\t' stdout
run 0 "plugin info" plugin info local -o json && is "info names the manifest, if there is one" grep -qE '"manifest":"[^"]*local.json"|"state":"built-in".*"manifest":null' stdout
run 0 "plugin doctor" plugin doctor && is "the plugins are fine" grep -q '^local  *yes' stdout
run 0 "provider list" provider list -o jsonl && is "operations are named" grep -q '"id":"local".*"object.put"' stdout
run 0 "provider show" provider show s3 && is "settings are shown" grep -q '^secret_key' stdout

# ---- buckets and objects, in each format
run 0 "bucket create" -c local bucket create photos && prints "a creation prints nothing" ""
run 0 "bucket create, json" -c local bucket create empty -o json && prints "no result is an empty array" "[]\n"
run 1 "a bucket that is there" -c local bucket create photos && says "the bucket is named" "photos"
printf 'hello, world' >in/hello.txt
run 0 "upload" cp in/hello.txt local:photos/a.txt && prints "cp prints nothing" ""
run 0 "upload into" cp in/hello.txt local:photos/deep/er/
printf 'from a pipe' | "$neph" cp - local:photos/piped 2>stderr
is "upload of standard input" test $? = 0
run 0 "upload of nothing" cp /dev/null local:photos/nothing
touch -d 2024-02-29T12:34:56Z root/photos/a.txt root/photos/nothing root/photos/deep/er/hello.txt root/photos/piped
run 0 "ls, tsv" ls local:photos -o tsv
cut -f1,2,3 stdout >columns && mv columns stdout
prints "a listing parts at the delimiter" \
    'a.txt\t12\t2024-02-29T12:34:56Z\ndeep/\t\\N\t\\N\nnothing\t0\t2024-02-29T12:34:56Z\npiped\t11\t2024-02-29T12:34:56Z\n'
run 0 "ls -r" ls -r local:photos -o jsonl
is "keys in byte order" test "$(sed 's/^{"key":"\([^"]*\)".*/\1/' stdout | tr '\n' ' ')" = "a.txt deep/er/hello.txt nothing piped "
run 0 "ls of a prefix" ls local:photos/deep/ -o tsv && is "the prefix below" grep -q '^deep/er/' stdout
run 0 "ls, table" ls local:photos/a
is "a header and aligned columns" grep -q '^KEY    SIZE_BYTES  MODIFIED              ETAG' stdout
is "sizes and times for people" grep -q '^a.txt        12 B  2024-02-29 12:34:56Z  ' stdout
run 0 "json" -c local object list photos --prefix=a -o json
is "an array of one object" grep -q '^\[{"key":"a.txt","size_bytes":12,"modified":"2024-02-29T12:34:56Z",.*}\]$' stdout
is "unknown is null" grep -q '"version":null' stdout
run 0 "a limit" -c local object list photos --limit=1 -o jsonl && is "one row" test "$(wc -l <stdout)" = 1
run 0 "a listing of nothing, json" ls local:empty -o json && prints "an empty array" "[]\n"
run 0 "a listing of nothing, table" ls local:empty && prints "nothing" ""
run 0 "buckets" ls local: -o tsv && is "buckets by name" test "$(cut -f1 stdout | tr '\n' ' ')" = "empty photos "
NEPH_CLOUD=local run 0 "the cloud of NEPH_CLOUD" ls -o tsv
is "its buckets" grep -q '^photos' stdout
run 0 "head" -c local object head photos a.txt && is "names and values" grep -q '^size_bytes  *12 B$' stdout

# ---- reading back
run 0 "cat" cat local:photos/a.txt local:photos/piped && prints "objects one after the other" "hello, worldfrom a pipe"
run 0 "download" cp local:photos/a.txt out/b.txt && is "the same bytes" cmp in/hello.txt out/b.txt
run 0 "download into a directory" cp local:photos/a.txt local:photos/piped out && is "under their names" test -f out/a.txt -a -f out/piped
run 0 "download to stdout" cp local:photos/a.txt - && prints "the bytes alone" "hello, world"
run 0 "object get of a range" -c local object get photos a.txt --offset=7 --length=5 && prints "the range" "world"
run 0 "server-side copy" cp local:photos/a.txt local:photos/copy/ && run 0 "its bytes" cat local:photos/copy/a.txt
prints "the copy" "hello, world"
run 0 "rm" rm local:photos/copy/a.txt local:photos/piped && run 3 "cat of what is gone" cat local:photos/piped
says "what is gone is named" "photos/piped"
run 3 "a missing bucket" ls local:nowhere && says "the bucket is named" "nowhere"
run 3 "a missing bucket, json" ls local:nowhere -o json && prints "no half array" ""
run 1 "a bucket with objects" -c local bucket delete photos && says "why" "photos"
run 1 "a bucket name that cannot be" -c local bucket create ../up && says "the name" "up"
is "nothing outside of the root" test ! -e up
run 1 "a source that is not there" cp nofile local:photos/x && says "the file is named" "nofile"
run 1 "a destination that is no directory" cp local:photos/a.txt nodir/ && says "it is named" "nodir"
run 1 "a destination that cannot be written" cp local:photos/a.txt nodir/x && says "it is named" "nodir"
is "nothing half-written" test ! -e nodir

# ---- between two clouds
cat >clouds.json <<END
{"other": {"provider": "local", "root": "$work/other"}}
END
mkdir other
run 0 "a named cloud" --clouds-file clouds.json -c other bucket create there
head -c 3000000 /dev/urandom >in/large
run 0 "an upload" cp in/large local:photos/large --metadata=colour=red --content-type=text/x
run 0 "a copy between clouds" --clouds-file clouds.json cp local:photos/large other:there/
run 0 "and back" --clouds-file clouds.json cp other:there/large out/large && is "the same bytes" cmp in/large out/large
run 0 "its facts" --clouds-file clouds.json -c other object head there large -o json
is "metadata went along" grep -q '"metadata":{"colour":"red"}' stdout
run 2 "--set of which cloud" --clouds-file clouds.json --set root=/tmp cp local:photos/a.txt other:there/ && says "both" "which cloud"
run 0 "--set of one of two" --clouds-file clouds.json --set other:root="$work/other" cp local:photos/a.txt other:there/
run 0 "cloud list" --clouds-file clouds.json cloud list -o tsv && prints "its name" "other\n"
run 0 "cloud show" --clouds-file clouds.json cloud show other -o tsv
is "where the setting came from" grep -q "^root	$work/other	[^\\]" stdout
printf '{\n  "x": {"provider" "local"}}\n' >broken.json
run 2 "a malformed clouds.json" --clouds-file broken.json -c x bucket list && says "line and column" "broken.json.*2"

# ---- secrets from files
run 0 "a setting from a file" --set root=@<(printf '%s\n' "$work/root") ls local: -o tsv
printf '%s' "$work/root" | "$neph" --set root=@- ls local: >stdout 2>stderr
is "a setting from standard input" grep -q '^photos' stdout
run 1 "a file that cannot be read" --set root=@nofile ls local: && says "it is named" "nofile"

# ---- names that a terminal must not see raw
odd=$(printf 'tab\there \033[31mred\\ \342\200\256')
run 0 "an odd key" cp in/hello.txt "local:empty/$odd"
run 0 "odd, table" ls local:empty && is "escapes in a table" grep -qF 'tab\there \x1b[31mred\ \xe2\x80\xae' stdout
run 0 "odd, tsv" ls local:empty -o tsv && is "escapes of COPY" grep -qF 'tab\there \x1b[31mred\\ \xe2\x80\xae' stdout
run 0 "odd, json" ls local:empty -o json && is "escapes of JSON" grep -qF '"key":"tab\there \u001b[31mred\\ \u202e"' stdout
run 3 "odd, an error" cat "local:empty/no$odd" && says "escapes in messages" 'x1b\[31mred'
run 0 "odd, gone" rm "local:empty/$odd"
raw=$(printf 'not\377utf8')
if "$neph" cp in/hello.txt "local:empty/$raw" 2>stderr >stdout; then
    run 0 "no UTF-8, json" ls local:empty -o jsonl && is "base64 under a name of its own" grep -q '^{"key_base64":"bm90/3V0Zjg=",' stdout
    run 0 "no UTF-8, tsv" ls local:empty -o tsv && is "hexadecimal escapes" grep -qF 'not\xffutf8' stdout
    run 0 "no UTF-8, gone" rm "local:empty/$raw"
else
    is "a key that is no UTF-8 is refused in one line" test "$(wc -l <stderr)" = 1
fi

# ---- standard output that goes away or is full
for i in $(seq 300); do : >"root/empty/key-$i"; done
"$neph" ls local:empty -o jsonl 2>stderr | head -c 1 >/dev/null
is "a reader that goes away is no message" test ! -s stderr
"$neph" cat local:photos/large 2>stderr | head -c 1 >/dev/null
status=${PIPESTATUS[0]}
is "and status 141" test "$status" = 141 -a ! -s stderr
if [ -w /dev/full ]; then
    "$neph" ls local:empty -o tsv >/dev/full 2>stderr
    is "a full disk is status 1" test $? = 1
    says "a full disk is said" "No space left"
    "$neph" cat local:photos/large >/dev/full 2>stderr
    is "a full disk under cat is status 1" test $? = 1
    says "a full disk under cat is said" "No space left"
fi
"$neph" ls local:empty -o tsv >&- 2>stderr
is "a closed standard output is status 1" test $? = 1

# ---- Ctrl-C in the middle of a slow upload and of a slow download: 130, nothing half-written
mkfifo slow
interrupted() { # interrupted SENTENCE ARGUMENTS... : with standard input from the fifo `slow`
    local sentence=$1 pid status
    shift
    (for _ in $(seq 200); do head -c 20000 /dev/zero && sleep 0.05 || break; done >slow) 2>/dev/null &
    local feeder=$!
    "$neph" "$@" <slow >stdout 2>stderr &
    pid=$!
    sleep 0.7
    kill -INT $pid
    wait $pid
    status=$?
    kill $feeder 2>/dev/null
    wait $feeder 2>/dev/null
    if [ $status = 130 ]; then good; else bad "$sentence" "status $status, not 130"; fi
}
interrupted "Ctrl-C while uploading" cp - local:photos/endless
run 3 "nothing at the destination" -c local object head photos endless
is "no temporary files" test -z "$(find root other tmp out -name '*.tmp*' -o -path '*/.neph/*' -type f | grep -v /about-)"

mkfifo silent
interrupted "Ctrl-C while a secret is awaited" --set secret_key=@silent -c s3 bucket list
is "nothing is said of it" test ! -s stderr
mkdir "$HOME/.aws" && printf '[default]\ncredential_process = sleep 3\n' >"$HOME/.aws/credentials"
interrupted "Ctrl-C while credential_process runs" -c s3 bucket list
is "nothing is said of it" test ! -s stderr
rm -r "$HOME/.aws"

# ---- recorded replies: what a server says, and never raw
export BLUEBOX_CUSTOMER_ID=recorded BLUEBOX_API_KEY=recorded
recorded() { # recorded STATUS BODY [REQUEST [FORM]]: the directory `reply` answers REQUEST with it
    rm -rf reply && mkdir reply
    printf '%s\nHost: boxpanel.bluebox.net\n\n%s\n---\nHTTP %s\nContent-Type: application/json\n\n%s\n' \
        "${3:-GET /api/blocks.json}" "${4:-}" "$1" "$2" >reply/0001.http
}
recorded 200 '[{"id": "b1", "hostname": "web\u001b[31m", "status": "running", "cpu": 0.5, "memory": 1073741824, "ips": [{"address": "192.0.2.1"}, {"address": "192.0.2.2"}], "shoe_size": 42},
 {"id": "b2", "hostname": null, "status": "dancing"}]'
run 0 "nodes, tsv" --replay reply -c bluebox node list -o tsv
prints "nodes in fixed columns" 'b1\tweb\\x1b[31m\trunning\t192.0.2.1,192.0.2.2\t\\N\t\\N\nb2\t\\N\t\\N\t\\N\t\\N\t\\N\n'
run 0 "nodes, table" --replay reply -c bluebox node list
prints "nodes in a table" 'ID  NAME         STATE    PUBLIC_IPS            PRIVATE_IPS  SIZE_ID\nb1  web\\x1b[31m  running  192.0.2.1, 192.0.2.2  -            -\nb2  -            -        -                     -            -\n'
run 0 "nodes, json" --replay reply -c bluebox node list -o json
is "control characters escaped" grep -qF '"name":"web\u001b[31m","state":"running","public_ips":["192.0.2.1","192.0.2.2"]' stdout
is "unknown is null" grep -qF '{"id":"b2","name":null,"state":null,' stdout
is "no password in a list" sh -c '! grep -q password stdout'
recorded 401 '{"error": "who are\u001b[31m you"}'
run 4 "no credentials" --replay reply -c bluebox node list && says "where they come from" "neph cloud show bluebox"
recorded 404 '{"error": "no such block"}' 'GET /api/blocks/nope.json'
run 3 "no such node" --replay reply -c bluebox node show nope && says "which node" "node show nope"
recorded 200 '<html>a proxy</html>'
run 1 "a reply of the wrong kind" --replay reply -c bluebox node list && says "what it is" "HTML"
is "no output then" test ! -s stdout
recorded 200 '[{"id": "b1"}, {"id": "b2"'
run 1 "a truncated reply" --replay reply -c bluebox node list -o json && says "it is said" "node list"
is "what came is well-formed" grep -q '^\(\[{"id":"b1".*}\]\)$' stdout
run 2 "a node without password or key" --replay reply -c bluebox node create n i s && says "before anything is sent" "password"
run 0 "settings and their origins" cloud show bluebox -o tsv
is "a secret is not shown" grep -q $'^api_key\t\\\\N\tenvironment BLUEBOX_API_KEY\ttrue$' stdout
run 1 "a recording that is not there" --replay "$work/nothing" -c bluebox node list
is "one line" test "$(wc -l <stderr)" = 1

# ---- many at once: each is reported, the rest goes on
run 0 "buckets to delete" -c local bucket create one
run 0 "and another" -c local bucket create two
run 1 "several, one of which is not there" -c local bucket delete one nope two && says "it is named" 'bucket delete nope:'
run 0 "the others are gone" -c local bucket list -o tsv && is "both" sh -c '! grep -q "one\|two" stdout'
run 3 "several, none of which is there" -c local bucket delete nope nada
is "each is named" sh -c 'grep -q "bucket delete nope:" stderr && grep -q "bucket delete nada:" stderr'
run 0 "buckets again" -c local bucket create one
run 0 "and again" -c local bucket create two
run 0 "several, and -v says so" -v -c local bucket delete one two
is "in the past tense" sh -c 'grep -q "^neph: deleted one$" stderr && grep -q "^neph: deleted two$" stderr'
run 5 "several of what it cannot" -c local node destroy a b && is "each is named" grep -q "node destroy b" stderr
run 2 "a creation takes one" -c local bucket create a b && says "the word is named" '"b"'
run 2 "an id as an option takes no words" -c bluebox node destroy --id=a b && says "the word is named" '"b"'
run 0 "help shows that there can be more" node destroy --help && is "dots" grep -q "node destroy ID\.\.\." stdout

# ---- objects in parts, and many keys: what is left of the words is one list
column() { tail -n 1 stdout | cut -f"$1"; }
printf one >in/one
printf three >in/three
run 0 "a bucket for parts" -c local bucket create parts
run 0 "the limits" -c local storage limits -o json && is "are those of the provider" grep -q '"part_count":10000' stdout
run 0 "an upload begins" -c local upload begin parts k --content-type text/x
run 0 "uploads" -c local upload list parts -o tsv
upload=$(column 1)
run 0 "a part" -c local upload part parts k "$upload" 2 in/three --checksum-algorithm crc32c -o json && is "has the checksum of what was sent" \
    grep -q '"body_checksum":"crc32c:' stdout
run 0 "another, from standard input" -c local upload part parts k "$upload" 1 - -o tsv
empty=$(column 3)
run 0 "and again" -c local upload part parts k "$upload" 1 in/one -o tsv
first=$(column 3)
is "the parts have tags of their own" [ "$empty" != "$first" ]
run 0 "parts" -c local upload parts parts k "$upload" -o tsv
second=$(column 3)
run 2 "no part" -c local upload complete parts k "$upload" && says "what is missing is said" "PART..."
run 2 "a part without a tag" -c local upload complete parts k "$upload" "1=$first" 2 && says "how to write it is said" "NAME=VALUE"
run 1 "a part of another tag" -c local upload complete parts k "$upload" "1=$second" && says "the part is named" "no part 1"
run 0 "the object of them, as words" -c local upload complete parts k "$upload" "1=$first" "2=$second"
run 0 "its bytes" -c local object get parts k && prints "in their order" "onethree"
run 0 "an upload that will be given up" -c local upload begin parts l
run 0 "uploads again" -c local upload list parts -o tsv
upload=$(column 1)
run 0 "it is given up" -c local upload abort parts l "$upload"
run 3 "it is gone" -c local upload parts parts l "$upload"
run 1 "over what is there" -c local object put parts k in/one --if-none-match '*' && says "why not" "there is an object"
run 2 "with a checksum that there is not" -c local object put parts m in/one --checksum-algorithm md4 && says "those that there are" "crc64nvme"
run 0 "one more" -c local object put parts m in/one
run 0 "keys as words" -c local object delete-many parts k m nope
run 0 "one more again" -c local object put parts m in/one
run 0 "keys as options" -c local object delete-many parts --keys m --keys nope
run 0 "nothing is left" -c local object list parts -o tsv && prints "no key" ""
run 1 "one key that cannot be" -c local object delete-many parts nope "$(printf '%01025d' 0)" && says "which one" "delete-many 000"
run 2 "no keys" -c local object delete-many parts && says "what is missing" "KEYS..."
run 0 "the bucket goes" -c local bucket delete parts

answer() { # answer REQUEST FORM STATUS BODY: one more recorded reply
    printf '%s\nHost: boxpanel.bluebox.net\n\n%s\n---\nHTTP %s\nContent-Type: application/json\n\n%s\n' \
        "$1" "$2" "$3" "$4" >"reply/$(printf %04d $(($(ls reply | wc -l) + 1))).http"
}
large=0cd183d3-0287-4b1a-8288-b3ea8302ed58 small=94fd37a7-2606-47f7-84d5-9000deda52ae
sizes='[{"cost": 0.35, "id": "'$large'"}, {"cost": 0.15, "id": "'$small'"}, {"id": "odd"}]'
images='[{"id": "i1", "description": "Ubuntu 10.04", "created": "2010-05-01"}, {"id": "i2", "description": "Ubuntu 11.04", "created": "2011-05-01"}, {"id": "i3", "description": "CentOS", "created": "2012-01-01"}]'
printf 'pass word\n' >password
made() { # made NAME PRODUCT TEMPLATE STATUS BODY
    answer "POST /api/blocks.json" "hostname=$1&product=$2&template=$3&password=pass%20word" "$4" "$5"
}
rm -rf reply && mkdir reply
made web-1 s i 200 '{"id": "b1", "hostname": "web-1", "status": "queued"}'
made web-2 s i 409 '{"error": "full"}'
made web-3 s i 200 '{"id": "b3", "hostname": "web-3", "status": "queued"}'
run 1 "three nodes, one of which fails" --replay reply -c bluebox node create web i s --count 3 --password=@password -o jsonl
is "rows of two" test "$(sed 's/^{"id":"\([^"]*\)".*/\1/' stdout | tr '\n' ' ')" = "b1 b3 "
says "the third is named" "node create web-2:.*full"
rm -rf reply && mkdir reply
made web-1 s i 200 '{"id": "b1", "hostname": "web-1"}'
made web-2 s i 200 '{"id": "b2", "hostname": "web-2"}'
printf 'pass word\n' | "$neph" --replay reply -c bluebox node create web i s --count 2 --password=@- -o tsv >stdout 2>stderr
is "standard input is read once for all" test $? = 0 -a "$(cut -f1 stdout | tr '\n' ' ')" = "b1 b2 "
run 2 "none" -c bluebox node create web i s --count 0 && says "what count can be" "from 1 to 1000"
run 2 "many" -c bluebox node create web i s --count many && says "what count can be" '"many"'

rm -rf reply && mkdir reply
answer "GET /api/block_templates.json" "" 200 "$images"
answer "GET /api/block_products.json" "" 200 "$sizes"
made web $small i2 200 '{"id": "b1", "hostname": "web", "status": "queued"}'
run 0 "a node by constraints" --replay reply -c bluebox node create web --min-cpu 0.5 --min-ram 1GiB --min-disk 20GB --max-price 0.2 --image-name 'Ubuntu*' --password=@password -o tsv
is "it is made" grep -q '^b1' stdout
is "the size is told" grep -qx "neph: size $small: 0.5 CPU, 1 GiB, 20 GiB disk, 0.15 USD an hour" stderr
is "the image is told" grep -qx "neph: image i2: Ubuntu 11.04" stderr
rm -rf reply && mkdir reply
answer "GET /api/block_products.json" "" 200 "$sizes"
made web $large i1 200 '{"id": "b1", "hostname": "web", "status": "queued"}'
run 0 "the image may be given" --replay reply -c bluebox node create web i1 --min-ram 4GiB --password=@password -o tsv
rm -rf reply && mkdir reply
answer "GET /api/block_products.json" "" 200 "$sizes"
run 3 "no size is cheap enough" --replay reply -c bluebox node create web i1 --max-price 0.1 --password=@password
says "nothing was created" "no size of bluebox fits; nothing was created"
rm -rf reply && mkdir reply
answer "GET /api/block_templates.json" "" 200 "$images"
run 3 "no image of that name" --replay reply -c bluebox node create web $small --image-name 'Debian*' --password=@password
says "the pattern is told" 'called like "Debian\*"'
# on_ec2 STATUS SENTENCE ARCHITECTURE ARGUMENTS... : a node on the cheapest size that runs this image; the cheapest is for arm64
on_ec2() {
    local status=$1 sentence=$2 architecture=$3 size
    shift 3
    rm -rf reply && mkdir reply
    answer "POST /" "Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-1" 200 \
        "<r><imagesSet><item><imageId>ami-1</imageId><architecture>$architecture</architecture></item></imagesSet></r>"
    answer "POST /" "Action=DescribeInstanceTypes&Version=2016-11-15&MaxResults=100" 200 "<r><instanceTypeSet>$(
        for size in t4g.small:arm64 t3a.small:x86_64; do
            echo "<item><instanceType>${size%:*}</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><processorInfo>"
            echo "<supportedArchitectures><item>${size#*:}</item></supportedArchitectures></processorInfo></item>"
        done)</instanceTypeSet></r>"
    AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s run "$status" "$sentence" --replay reply -c ec2 node create "$@"
}
on_ec2 1 "a size for the image" x86_64 web ami-1 --min-cpu 2 # and no reply for the node
is "it is not the cheapest" grep -q "^neph: size t3a.small: " stderr
on_ec2 1 "the same, as options" arm64 --name web --image-id ami-1 --min-cpu 2
is "it is the cheapest" grep -q "^neph: size t4g.small: " stderr
on_ec2 3 "no size for the image" i386 web ami-1 --min-cpu 2
says "the architecture is told" "no size of ec2 fits an image for i386; nothing was created"
run 2 "an id and constraints" -c bluebox node create web i1 --size-id=s --min-cpu 1 && says "which two" "size_id is given, and --min-cpu"
run 2 "constraints and a word too many" -c bluebox node create web i1 s1 --min-cpu 1 && says "the word is named" '"s1"'
run 2 "a constraint that is no size" -c bluebox node create web i1 --min-ram 4G && says "how sizes look" "min-ram.*8GiB"
run 2 "a constraint that is no number" -c bluebox node create web i1 --max-price cheap && says "it is named" "max-price.*cheap"
run 2 "a size that is none" -c bluebox volume resize v 10G && says "how sizes look" "10GiB, 500MB or bytes"
run 5 "a size that is one" -c bluebox volume resize v 10GiB

# ---- what was made before a failure, and what a node reads; on the simulated cloud
on_sim() { # on_sim STATUS SENTENCE ARGUMENTS...
    local status=$1 sentence=$2
    shift 2
    run "$status" "$sentence" -c sim --set state="$work/sim.state" "$@"
}
on_sim 1 "a node that is not running in time" --set delay_ms=60000 node create late debian-12 small --wait --wait-seconds 1 -o json
is "it is told, whole" grep -q '^\[{"id":"node-[0-9]*","name":"late","state":"pending".*}\]$' stdout
is "and why it failed" grep -q "node create late: node node-.* is pending after 1 s, not running" stderr
on_sim 1 "the same, table" --set delay_ms=60000 node create later debian-12 small --wait --wait-seconds 1
is "it is told by name and value" grep -qx "name          later" stdout
on_sim 1 "nothing was made" --set fail=create:1 --retries 0 node create never debian-12 small -o json && is "stdout is empty" test ! -s stdout
printf 'a\0b\377\n' >data
on_sim 0 "user data that is no text" node create data debian-12 nano --user-data @data
is "it goes as base64 of all of it" grep -qx "user_data YQBi/wo=" sim.state
printf '#!/bin/sh\n' >data
on_sim 0 "user data that is text" node create text debian-12 nano --user-data @data
is "it keeps its line end" grep -qx "user_data IyEvYmluL3NoCg==" sim.state
printf 'b\0' >data
on_sim 0 "user data for two" node create two debian-12 nano --user-data @data --count 2
is "both read it" test "$(grep -cx "user_data YgA=" sim.state)" = 2
on_sim 2 "user data twice" node create x debian-12 nano --user-data a --user-data-base64 YQ== && says "which two" "user-data or --user-data-base64, not both"

# ---- what one provider alone can do; the test provider is a plugin in a shared build alone
probe=$NEPH_BUILDDIR/tests/provider
if [ -f "$probe/probe.so" ]; then
    printf 'hush' >password
    on_probe() { # on_probe STATUS SENTENCE ARGUMENTS...
        local status=$1 sentence=$2
        shift 2
        run "$status" "$sentence" --plugin-path "$probe" --set endpoint=http://probe.test --set password=@password "$@"
    }
    on_probe 0 "extensions are listed" provider show probe
    is "with their summaries" grep -q '^call        probe.quotes  offers of the market and their prices$' stdout
    is "below each other" grep -q '^            probe.echo    say something again$' stdout
    on_probe 0 "extensions by name" provider list -o jsonl && is "in json" grep -q '"extensions":\["quotes","echo"\]' stdout
    on_probe 0 "the plugin and its manifest" plugin doctor
    on_probe 0 "a call without a server" call probe.echo text=hi count=2 -o tsv
    prints "typed rows" 'hi\t\\N\nhi\t1\n'
    on_probe 0 "a call, json" call probe.echo text=@password -o json && prints "names of columns" '[{"text":"hush","number":null}]\n'
    on_probe 0 "a call, table" call probe.echo text=hi count=1 && prints "a header" 'TEXT  NUMBER\nhi         -\n'
    on_probe 0 "a call on a cloud" -c probe call probe.echo text=@@x -o tsv && prints "two @ are one" '@x\t\\N\n'
    rm -rf reply && mkdir reply
    printf 'POST /v3/auth/tokens\nHost: probe.test\nContent-Type: application/json\n\n{"user":"demo","password":"[redacted]"}\n---\nHTTP 200\nContent-Type: application/json\n\n{}\n' >reply/0001.http
    printf 'GET /quotes?kind=spot&zone=a&zone=b\nHost: probe.test\n\n\n---\nHTTP 200\nContent-Type: application/json\n\n{"quotes":[{"zone":"a","price":0.015,"seen":1767225600,"is_spot":true,"count":3,"key":"offer-k3y"},{"zone":"b"}]}\n' >reply/0002.http
    on_probe 0 "a call over HTTP" --replay reply --trace call probe.quotes kind=spot zone=a zone=b -o tsv
    prints "every type" 'a\t0.015\t2026-01-01T00:00:00Z\ttrue\t30\nb\t\\N\t\\N\t\\N\t\\N\n'
    is "its secret is in no trace" sh -c 'grep -q "zone" stderr && ! grep -q offer-k3y stderr'
    on_probe 0 "a call over HTTP, json" --replay reply call probe.quotes kind=spot zone=a zone=b -o json
    is "the secret is in its answer alone" grep -q '"key":"offer-k3y"' stdout
    on_probe 2 "no name" call && says "how it looks" "PROVIDER.NAME"
    on_probe 2 "a name without a provider" call echo && says "how it looks" "PROVIDER.NAME"
    on_probe 3 "an unknown provider" call prob.echo && says "the nearest is offered" 'did you mean "probe"'
    on_probe 5 "an unknown extension" call probe.ech && says "the nearest is offered" 'did you mean "echo"'
    on_probe 0 "a parameter of two words" call probe.echo text=a is_stray=false -o tsv && prints "as it is listed" 'a\t\\N\n'
    on_probe 2 "a missing parameter" call probe.echo && says "it is named" "text (what to say) is missing"
    on_probe 2 "an unknown parameter" call probe.echo txt=x && says "the nearest is offered" 'did you mean "text"'
    on_probe 2 "a word that is no parameter" call probe.echo hello && says "how it looks" "KEY=VALUE"
    on_probe 2 "a parameter twice" call probe.echo text=a text=b && says "it is named" "text is given twice"
    on_probe 2 "an ill-typed parameter" call probe.echo text=a count=few && says "its type" 'count is "few", but must be a whole number'
    on_probe 2 "none of the choices" call probe.quotes kind=odd && says "the choices" "spot|fixed"
    on_probe 2 "a secret in the command line" call probe.quotes kind=spot key=hush && says "how secrets go" "key=@FILE"
    is "the secret is not repeated" sh -c '! grep -q hush stderr'
    run 5 "a cloud of another provider" --plugin-path "$probe:$NEPH_BUILDDIR/core/.libs/neph/plugins" -c local call probe.echo text=a
    says "both are named" "cloud local is one of provider local"
    on_probe 0 "help of an extension" call probe.quotes --help
    is "its parameters" grep -q '^usage: neph .*call probe.quotes kind=spot|fixed \[since=TIME\] .*\[zone=TEXT\]\.\.\. \[key=@FILE\]' stdout
    is "its columns" grep -q '^  price  *for an hour$' stdout
    on_probe 0 "help of call" call --help && is "how it looks" grep -q 'PROVIDER.NAME \[KEY=VALUE\]' stdout
    on_probe 0 "names of extensions" --generate extensions && prints "all of them" 'probe.quotes\nprobe.echo\n'
    on_probe 0 "names of parameters" --generate extensions probe.echo && prints "all of them" 'text=\ncount=\nis_stray=\n'
fi

# ---- prices
prices=$HOME/.local/share/neph/prices
vectors=$NEPH_SRCDIR/tests/vectors/pricing
# counts PRICES ZEROS OTHERS : all of them, whichever providers claim their tables
counts() {
    python3 -c 'import json, sys
row = json.load(open("stdout"))[0]
sys.exit([row["prices"] + row["doubles"], row["zeros"], row["others"]] != [int(n) for n in sys.argv[1:]] or row["providers"] < 2)' "$@"
}
packaged=() # a static program has no plugins beside it
if [ ! -d "$NEPH_BUILDDIR/core/.libs/neph/plugins/prices" ]; then
    mkdir -p plugins/prices && cp "$NEPH_SRCDIR/plugins/bluebox/prices/bluebox.json" plugins/prices
    packaged=(--plugin-path "$work/plugins")
fi
small=94fd37a7-2606-47f7-84d5-9000deda52ae
run 0 "prices that came with a plugin" price "${packaged[@]}" list bluebox -o tsv
cut -f1-8 stdout >columns && head -1 columns >stdout
prints "one is a row" 'bluebox\tcompute\t\\N\t0cd183d3-0287-4b1a-8288-b3ea8302ed58\t0.35\tUSD\thour\t2011-01-01T00:00:00Z\n'
run 0 "one price" price "${packaged[@]}" show bluebox $small && says "its age is noted" "1 of these prices is older than 180 days"
is "its age is shown" grep -qE '^PROVIDER .* AGE_DAYS$' stdout
run 0 "one price in a region" price "${packaged[@]}" show bluebox $small --region anywhere -o json
is "all of it" grep -qE '^\[\{"provider":"bluebox","service":"compute","region":null,.*"price":0.15,"currency":"USD","unit":"hour",.*"age_days":[0-9]+,"source":"Apache Libcloud 0.5.0.*"\}\]$' stdout
run 3 "no such price" price "${packaged[@]}" show bluebox 16gb && says "both are named" '"16gb".*"bluebox"'
run 3 "no such price in a region" price "${packaged[@]}" show bluebox 16gb --region x && says "the region is named" "region x"
run 3 "no prices of a provider" price "${packaged[@]}" list nobody && says "the provider is named" '"nobody"'
run 2 "no such service" price "${packaged[@]}" list --service lunch && says "the services are listed" "balancers"
run 2 "an import of nothing" price "${packaged[@]}" import && says "the file is asked for" "FILE"
run 3 "an import of what is not there" price "${packaged[@]}" import "$work/nothing.json" && says "the file is named" "nothing.json"
run 0 "an import of 2011" price "${packaged[@]}" import "$vectors/libcloud-0.5.0.json" -o json
is "it is counted" counts 86 3 0
run 0 "an imported price" price "${packaged[@]}" show bluebox $small && says "that no age is known" "not known how old"
gzip -dc "$vectors/libcloud-3.8.0.json.gz" >later.json
run 0 "an import of 2023" price "${packaged[@]}" import later.json -o json
is "it is counted" counts 74022 13118 1323
is "its day is told" grep -q '"as_of":"2023-08-06T00:00:00Z"' stdout
run 0 "one of its prices" price "${packaged[@]}" show osc-inc-us-east-1 m1.small -o tsv
is "numbers in quotes are prices" grep -q $'\tm1.small\t0.06\tUSD\thour\t2023-08-06' stdout
run 0 "a provider that is named" price "${packaged[@]}" import later.json --provider acme --driver ec2_us_east=east --driver ec2_us_west=west --as-of 2023-01-01
run 0 "its regions" price "${packaged[@]}" show acme m1.small --region west -o tsv && is "the day given" grep -q $'\twest\tm1.small\t0.047\tUSD\thour\t2023-01-01T' stdout
run 3 "a driver that is not there" price "${packaged[@]}" import later.json --provider acme --driver nobody && says "the driver is named" '"nobody"'
run 2 "a driver without a provider" price "${packaged[@]}" import later.json --driver ec2_us_east && says "the provider is asked for" "provider"
run 2 "a day that is none" price "${packaged[@]}" import later.json --as-of soon && says "how a day looks" "2011-05-21"
for text in '{"bluebox": {"1gb": 9},\n "b": {"x": -1}}' '{"bluebox": {"1gb": 9},\n "b": {"x": 1e400}}' '{"bluebox": {"1gb": 9},\n "b": oops}' \
    '{"format": 7,\n "provider": "bluebox"}'; do
    printf "$text" >bad.json
    run 2 "a bad list" price "${packaged[@]}" import bad.json && says "file, line and column are said" "bad.json: .* at line [12], column"
done
run 0 "prices after it" price "${packaged[@]}" show bluebox $small -o tsv && is "nothing was replaced" grep -q $'\t0.15\tUSD' stdout
printf '{"format": 1,\n oops' >"$prices/bluebox.json"
run 2 "a copy that is malformed" price "${packaged[@]}" list bluebox && says "where it is malformed is said" "$prices/bluebox.json: .*line 2"
rm -r "$prices"
run 0 "prices without a copy" price "${packaged[@]}" list bluebox -q && is "those of the plugin" test "$(wc -l <stdout)" = 5

rm -rf reply && mkdir reply
answer "GET /api/block_products.json" "" 200 '[{"id": "'$small'"}, {"id": "odd"}]'
run 0 "sizes whose cloud tells no price" "${packaged[@]}" --replay reply -c bluebox size list && says "their age is noted" "1 of these prices is older than 180 days"
is "it is shown" grep -qE "^$small .* 0.15  USD  +[0-9]{4,}$" stdout
run 0 "sizes for a program" "${packaged[@]}" --replay reply -c bluebox size list -o tsv && is "nothing is noted" test ! -s stderr
printf 'pass word\n' >password
made web $small i1 200 '{"id": "b1", "hostname": "web"}'
run 0 "a node at a price that is old" "${packaged[@]}" --replay reply -c bluebox node create web i1 --max-price 0.2 --password=@password
is "its age is told" grep -qE "^neph: size $small: .*, 0.15 USD an hour, [0-9]{4,} days old$" stderr

# ---- what is generated
mkdir man
run 0 "man pages" --generate man man
for page in man/*.1; do
    grep -q "%D%/$page " "$NEPH_SRCDIR/pkg/pkg.am" || grep -q "%D%/$page\$" "$NEPH_SRCDIR/pkg/pkg.am" || echo "$page"
done >wrong
is "pkg/pkg.am installs every page" test ! -s wrong
run 0 "bash completion" --generate bash && is "bash takes it" bash -n stdout
run 0 "names for completion" --generate clouds && is "providers" grep -qx local stdout

done_with cli.sh
