#!/bin/bash
# What moves objects, from end to end on the local provider: cp, mv and rm of one, of many and of trees, sync, and transfers
# that are interrupted and gone on with. Each check is a sentence; the last line counts them.
. "$(dirname "$0")/checks.sh"

keys() { # keys PREFIX: what the bucket holds below it, on one line
    "$neph" ls -r "local:b/$1" -o tsv | cut -f1 | tr '\n' ' '
}
counts() { # counts SENTENCE PATTERN: a line of stderr matches
    if grep -q -- "$2" stderr; then good; else bad "$1" "no line of stderr has: $2"; fi
}
run 0 "a bucket" -c local bucket create b
run 0 "and another" -c local bucket create c
mkdir -p tree/sub/deep tree/empty
printf one >tree/one.txt
printf two >tree/sub/two.txt
printf three >tree/sub/deep/three.own
printf 'text/x-own own\n' >"$HOME/.mime.types"

# ---- usage
run 2 "a directory without -r" cp tree local:b/x && says "what to add" 'is a directory; add -r'
run 2 "a bucket without -r" cp local:b out/ && says "what to add" "or -r"
run 2 "what is below a key without -r" cp local:b/tree/ out/ && says "what to add" "or -r"
run 2 "both ends are files" cp -r tree elsewhere && says "what one must be" "CLOUD:BUCKET/KEY"
run 2 "a tree into standard output" cp -r local:b/tree - && says "that it does not fit" "standard output"
run 2 "no bucket" cp -r tree local: && says "what is missing" "the bucket is missing"
run 2 "an unknown option" cp -r tree local:b/ --excluded x && says "the nearest" 'did you mean "--exclude"'
run 2 "a verification that is none" cp tree/one.txt local:b/x --verify=of && says "the nearest" 'did you mean "off"'
run 2 "both at once" cp tree/one.txt local:b/x --verify=off --checksum=md5 && says "one of the two" "one of the two"
run 2 "a part size that is none" cp tree/one.txt local:b/x --part-size=big && says "how sizes look" '"big" is no size, as in 16MiB'
run 2 "a rate that is none" cp tree/one.txt local:b/x --bandwidth=0 && says "how rates look" '"0" is no rate'
run 2 "no parts at a time" cp tree/one.txt local:b/x --parallel=0 && says "how many there can be" "from 1 to 1000"
run 2 "metadata of a file" cp local:b/x out/x --metadata=a=b && says "what it is for" "for what goes to a cloud"
run 2 "an entity tag of a tree" cp -r tree local:b/ --if-match=x && says "what it is of" "of one object"
run 2 "a comparison that is none" sync tree local:b/ --compare=sizes && says "the nearest" 'did you mean "size"'
run 2 "a negative bound" sync tree local:b/ --max-delete=-1 && says "what it can be" "from 0 on"
run 2 "a move of standard input" mv - local:b/x && says "what to write" "write cp"
run 2 "an age without a place" transfer clean --stale=7d && says "what is missing" "of which"
run 2 "a place without an age" transfer clean local:b && says "what is missing" "--stale=7d"
run 2 "an age that is none" transfer clean --stale=old local:b && says "how ages look" "12h or 7d"
run 1 "a sync from what is not there" sync nowhere local:b/ && says "it is named" "nowhere"
run 1 "a sync from a file" sync tree/one.txt local:b/ && says "what to write" "write cp"
run 1 "a sync into a file" sync local:b/ tree/one.txt && says "it is named" "one.txt"
run 3 "a tree that is not there" cp -r local:b/nowhere out/nowhere && says "it is named" "nowhere"

# ---- one object
run 0 "a media type by the user's table" cp tree/sub/deep/three.own local:b/one/
run 0 "its facts" -c local object head b one/three.own -o json && is "the type" grep -q '"content_type":"text/x-own"' stdout
printf x | "$neph" cp - local:b/one/piped.own && run 0 "its facts" -c local object head b one/piped.own -o json
is "a pipe's by the key" grep -q '"content_type":"text/x-own"' stdout
run 0 "one that is given" cp tree/sub/deep/three.own local:b/one/ --content-type=text/given
run 0 "its facts" -c local object head b one/three.own -o json && is "the type" grep -q '"content_type":"text/given"' stdout
run 0 "what no table has" cp tree/one.txt local:b/one/x.nosuchext
run 0 "its facts" -c local object head b one/x.nosuchext -o json && is "no type" grep -q '"content_type":null' stdout
run 0 "an account of it" cp tree/one.txt local:b/one/ -o json
is "from, to, size" grep -q '^\[{"from":"tree/one.txt","to":"local:b/one/one.txt","size_bytes":3,' stdout
is "it was verified" grep -q '"is_verified":true' stdout
run 1 "over what is there" cp tree/sub/two.txt local:b/one/one.txt --if-none-match='*' && says "that it is" "one.txt"
run 0 "it is as it was" cat local:b/one/one.txt && prints "untouched" "one"
tag=$("$neph" -c local object head b one/one.txt -o json | sed 's/.*"etag":"\([^"]*\)".*/\1/')
run 1 "over another version" cp tree/sub/two.txt local:b/one/one.txt --if-match=0123456789abcdef0123456789abcdef
run 0 "over this version" cp tree/sub/two.txt local:b/one/one.txt "--if-match=$tag"
run 0 "it is" cat local:b/one/one.txt && prints "the new one" "two"

run 0 "at a rate" cp tree/one.txt local:b/spoilt --bandwidth=1M && touch -r root/b/spoilt when
printf 0ne | dd of=root/b/spoilt conv=notrunc 2>/dev/null && touch -r when root/b/spoilt
run 1 "what has other bytes than it had" cat local:b/spoilt && says "is told" "changed on their way"
rm root/b/spoilt

# ---- trees
run 0 "a tree under a name" cp -r tree local:b/tree && is "is quiet" test ! -s stderr -a ! -s stdout
is "its keys" test "$(keys tree/)" = "tree/one.txt tree/sub/deep/three.own tree/sub/two.txt "
run 0 "its facts" -c local object head b tree/sub/deep/three.own -o json && is "types of each" grep -q '"content_type":"text/x-own"' stdout
run 0 "a tree into a place" cp -r tree/ local:b/into/
is "under its last name" test "$(keys into/)" = "into/tree/one.txt into/tree/sub/deep/three.own into/tree/sub/two.txt "
(cd tree && "$neph" cp -r . local:b/dot/)
is "the content of ." test "$(keys dot/)" = "dot/one.txt dot/sub/deep/three.own dot/sub/two.txt "
run 0 "a tree that is made" cp -r local:b/tree out/made && rmdir tree/empty
is "is the same" diff -r tree out/made
run 0 "a tree into a directory" cp -r local:b/tree out && is "under its name" diff -r tree out/tree
run 0 "with a slash" cp -r local:b/tree/ out/slash/ && is "is made as well" diff -r tree out/slash
run 0 "a bucket" cp -r local:b out && is "under its name" diff -r tree out/b/tree
run 0 "one object with -r" cp -r local:b/tree/one.txt out/single && is "as without" cmp tree/one.txt out/single
run 0 "one file with -r" cp -r tree/one.txt local:b/single && run 0 "its bytes" cat local:b/single && prints "as without" "one"
run 0 "inside a cloud" cp -r local:b/tree local:c/copy && run 0 "is there" cp -r local:c/copy out/copied
is "the same" diff -r tree out/copied
run 2 "into itself" cp -r local:b/tree local:b/tree/sub && says "that it is" "lies in"
run 0 "without some" cp -r tree local:b/some --exclude '*.own' && is "they are left out" test "$(keys some/)" = "some/one.txt some/sub/two.txt "
run 0 "an account" cp -r tree local:b/told -o jsonl
is "a line for each" test "$(grep -c '^{"action":"copy","name":"[^"]*","size_bytes":[0-9]*,"error":null}$' stdout)" = 3
run 0 "what would be copied" cp -r --dry-run local:b/tree out/dry && is "is told" test "$(grep -c '^copy ' stdout)" = 3 -a ! -e out/dry
run 3 "what is not there" cp -n local:b/nowhere out/dry && says "it is named" "nowhere"
mkdir -p blocked/tree/sub/two.txt
run 1 "one that fails" cp -r local:b/tree blocked && says "it is named" "two.txt"
is "the others are there" cmp tree/sub/deep/three.own blocked/tree/sub/deep/three.own

# ---- mv
cp -r tree moving && cp tree/one.txt solo
run 0 "a file" mv solo local:b/moved && is "is gone" test ! -e solo
run 0 "it is" cat local:b/moved && prints "there" "one"
run 0 "an object" mv local:b/moved local:c/moved && run 3 "is gone" cat local:b/moved
run 0 "and back" mv local:c/moved solo && is "is there" cmp tree/one.txt solo && run 3 "it is gone" cat local:c/moved
run 2 "onto itself" mv local:b/single local:b/single && says "that it is the same" "the same object"
run 0 "it is still there" cat local:b/single
run 0 "what would be moved" mv -r -n moving local:b/arrived -o tsv && is "is told" test "$(cut -f1,2 stdout | tr '\t\n' ' ,')" = "copy one.txt,copy sub/deep/three.own,copy sub/two.txt,"
is "and not done" test -e moving/sub/deep/three.own -a -z "$(keys arrived/)"
run 0 "one that would be" mv -n tree/one.txt local:b/arrived/ && is "is told" grep -q '^copy *tree/one.txt *3 B' stdout
is "and stays" test -e tree/one.txt -a -z "$(keys arrived/)"
run 0 "a tree" mv -r moving local:b/arrived && is "is gone" test ! -e moving
is "is there" test "$(keys arrived/)" = "arrived/one.txt arrived/sub/deep/three.own arrived/sub/two.txt "
run 0 "a tree of a cloud" mv -r local:b/arrived out/arrived && is "is there" diff -r tree out/arrived
is "and gone" test -z "$(keys arrived/)"
ln -s one.txt tree/link && run 2 "no regular file" mv tree/link local:b/link && says "what to write" "no regular file" && rm tree/link

# ---- rm
run 0 "several" rm local:b/told/one.txt local:b/told/sub/two.txt && is "are gone" test "$(keys told/)" = "told/sub/deep/three.own "
long=$(printf '%01100d' 0)
run 1 "one of which cannot be" rm local:b/some/one.txt "local:b/$long" local:b/some/sub/two.txt
says "it is named" "rm local:b/000*:"
is "the others are gone" test -z "$(keys some/)"
run 3 "in a bucket that is not there" rm local:nobucket/one local:nobucket/two && says "it is named" "nobucket"
run 0 "what would go" rm -n -r local:b/into -o tsv && is "is told" test "$(cut -f1,2 stdout | tr '\t\n' ' ,')" = "delete local:b/into/tree/one.txt,delete local:b/into/tree/sub/deep/three.own,delete local:b/into/tree/sub/two.txt,"
is "and stays" test "$(keys into/ | wc -w)" = 3
run 1 "more than it may" rm -r local:b/into --max-delete=2 && is "stays" test "$(keys into/ | wc -w)" = 3
run 0 "beside it" cp tree/one.txt local:b/into-other && run 0 "with its name" cp tree/one.txt local:b/into
run 0 "a tree" rm -r local:b/into && is "all of it" test "$(keys into)" = "into-other "
run 3 "again" rm -r local:b/into && says "that there is none" "no object"

# ---- sync
run 0 "a sync" sync tree local:b/synced && says "a summary" "sync: 3 copied (11 B), 0 the same, 0 deleted, 0 left out, 0 failed"
run 0 "again" sync tree local:b/synced && says "nothing to do" "sync: 0 copied (0 B), 3 the same, 0 deleted"
printf changed >tree/sub/two.txt && printf new >tree/new && rm tree/one.txt
run 0 "what would be done" sync -n --delete tree local:b/synced -o tsv
is "is told" test "$(cut -f1,2 stdout | sort | tr '\t\n' ' ,')" = "copy new,copy sub/two.txt,delete one.txt,"
is "and not done" test "$(keys synced/)" = "synced/one.txt synced/sub/deep/three.own synced/sub/two.txt "
run 1 "more deletions than it may" sync --delete --max-delete=0 tree local:b/synced && counts "are not begun" "0 deleted"
run 0 "without --delete" sync tree local:b/synced && is "all is kept" test "$(keys synced/ | wc -w)" = 4
run 0 "with it" sync --delete tree local:b/synced -o json && is "what is gone here is gone there" test "$(keys synced/)" = "synced/new synced/sub/deep/three.own synced/sub/two.txt "
is "items and a summary" grep -q '"action":"delete","name":"one.txt"' stdout
is "the summary is last" grep -q '{"action":"summary","seen":3,"copied":0,"copied_bytes":0,"same":3,"deleted":1,"skipped":0,"failed":0,' stdout
run 0 "down" sync local:b/synced out/synced && is "is the same" diff -r tree out/synced
run 0 "between buckets" sync local:b/synced local:c/synced && counts "three" "3 copied"
run 0 "the first pattern decides" sync tree local:c/picked --include '*.own' --exclude '*' && is "one is left" test "$("$neph" ls -r local:c/picked/ -o tsv | cut -f1)" = picked/sub/deep/three.own
run 0 "in another order" sync tree local:c/picked2 --exclude '*' --include '*.own' && counts "none is left" "0 copied"
run 0 "between directories" sync tree out/mirror && says "a summary" "sync: 3 copied"
is "is the same" diff -r tree out/mirror
printf old >out/mirror/old && printf CHANGED >tree/sub/two.txt && touch -d '1 hour ago' tree/sub/two.txt
run 0 "again" sync tree out/mirror && says "the older one is the same" "sync: 0 copied (0 B), 3 the same, 0 deleted"
run 0 "by checksum" sync -n --delete --compare=checksum tree out/mirror -o tsv
is "is told" test "$(cut -f1,2 stdout | sort | tr '\t\n' ' ,')" = "copy sub/two.txt,delete old,"
run 1 "more deletions than it may" sync --delete --max-delete=0 tree out/mirror && counts "are not begun" "0 deleted"
run 0 "with --delete" sync --delete --compare=checksum --jobs=2 tree out/mirror && is "is the same" diff -r tree out/mirror
run 0 "without some" sync tree out/picked --exclude '*.own' && is "they are left out" test ! -e out/picked/sub/deep
run 2 "into itself, as directories" sync tree tree/sub/x && counts "that it is" "inside the other"
head -c 3M /dev/zero >out/picked/zero && begun=$(date +%s%N)
run 0 "at a rate" sync out/picked out/slow --bandwidth=4M && is "takes its time" test $(($(date +%s%N) - begun)) -gt 500000000
run 2 "into itself" sync local:b/synced local:b/synced/sub && says "that it is" "lies in"
run 2 "out of itself, with --delete" sync --delete local:b/synced/sub local:b/synced && says "that it would be lost" "lose it"

# ---- interrupted, and gone on with
unfinished() { "$neph" transfer list -o tsv; }
head -c 64M /dev/urandom >large
run 0 "nothing is unfinished" transfer list && prints "so nothing is told" ""
begun() { # waits until a part of something is done
    local i
    for i in $(seq 400); do
        unfinished | awk -F'\t' '$4 > 0 { found = 1 } END { exit !found }' && return
    done
}
stopped() { # stopped SIGNAL SOURCE KEY: an upload of many parts, ended by the signal when some of them are done
    local status
    for _ in 1 2 3 4 5; do # a fast disk may be done before the signal comes
        "$neph" cp "$2" "local:b/$3" --part-size=64KiB --parallel=1 >stdout 2>stderr &
        local pid=$!
        begun
        kill "-$1" $pid
        wait $pid
        status=$?
        [ -e "root/b/$3" ] || return $status
        "$neph" rm "local:b/$3"
    done
}
stopped INT large large
is "Ctrl-C is 130" test $? = 130
says "how to go on" "neph transfer resume"
run 3 "nothing is there" -c local object head b large
is "it is listed" test "$(unfinished | wc -l)" = 1
is "with its ends" grep -q "$PWD/large	local:b/large	[1-9][0-9]*	67108864	" <(unfinished)
run 0 "the same command" cp large local:b/large && says "what was kept" "parts were kept from an earlier run"
run 0 "brings" cp local:b/large back && is "the same bytes" cmp large back
is "nothing is unfinished" test -z "$(unfinished)"
stopped KILL large large2 2>/dev/null
is "after kill -9 it is listed" test "$(unfinished | wc -l)" = 1
run 0 "resumed by its id" transfer resume "$(unfinished | cut -f1)" && says "what was kept" "parts were kept from an earlier run"
run 0 "brings" cp local:b/large2 back && is "the same bytes" cmp large back
(ulimit -f 20000 && "$neph" cp local:b/large down --part-size=1MiB >stdout 2>stderr)
is "a download that a limit stops" test $? = 1 -a ! -e down
counts "how to go on" "neph transfer resume"
run 0 "is resumed" transfer resume && is "the same bytes" cmp large down
stopped INT large large3
id=$(unfinished | cut -f1)
mkdir -p elsewhere/b
for verb in resume abort; do
    run 2 "elsewhere, $verb" transfer $verb "$id" --set "root=$PWD/elsewhere" && says "why not" "other settings of its cloud"
done
is "it is still there" test "$(unfinished | cut -f1)" = "$id"
run 0 "given up" transfer abort "$(unfinished | cut -f1)" && is "is forgotten" test -z "$(unfinished)"
run 0 "at the cloud too" -c local upload list b -o tsv && prints "no upload is left" ""
run 3 "many parts into no bucket" cp large local:nobucket/x && is "leave nothing unfinished" test -z "$(unfinished)"
run 3 "what is not listed" transfer resume nosuch && says "is named" "nosuch"
run 3 "nor can it be given up" transfer abort nosuch && says "is named" "nosuch"
stopped INT large large4
journal=$HOME/.local/state/neph/transfers
for file in "$journal"/*; do [ -f "$file" ] && head -c 20 "$file" >cut && cat cut >"$file"; done
is "a damaged journal is listed" test "$(unfinished | cut -f9)" != '\N'
run 1 "it cannot be resumed" transfer resume && counts "what to do" "transfer clean"
run 0 "it is forgotten" transfer clean && counts "why" "forgot" && is "for good" test -z "$(unfinished)"
sleep 1
run 0 "and its upload" transfer clean --stale=1s local:b && says "is aborted" "aborted the upload of local:b/large4"
stopped INT large large5
sed -i '1s/[0-9]/9/g' "$journal"/* 2>/dev/null
is "one of another version is listed" test "$(unfinished | cut -f9)" != '\N'
run 0 "the same command begins anew" cp large local:b/large5 && run 0 "brings" cp local:b/large5 back && is "the bytes" cmp large back
run 0 "what is left is forgotten" transfer clean && is "for good" test -z "$(unfinished)"
"$neph" transfer clean --stale=0s local:b 2>/dev/null
stopped INT large large6
rm large && run 1 "a source that is gone" transfer resume && counts "what to do" "transfer clean"
for dry in "" -n; do
    run 2 "not with other settings $dry" transfer clean $dry --set "root=$PWD/elsewhere" && says "why not" "other settings of its cloud"
    is "and not a word more" test "$(wc -l <stderr)" = 1
done
run 0 "what would be forgotten" transfer clean -n && counts "is told" "would forget"
is "and kept" test "$(unfinished | wc -l)" = 1
run 0 "forgotten" transfer clean && counts "why" "forgot" && is "for good" test -z "$(unfinished)"
run 0 "and at the cloud" -c local upload list b -o tsv && prints "no upload is left" ""
"$neph" -c local upload begin b orphan >/dev/null
run 0 "an upload that nobody knows of" transfer clean --stale=1d local:b && is "is left alone while it is young" test ! -s stderr
sleep 1
run 0 "what is older" transfer clean --stale=1s local:b && says "is aborted" "aborted the upload of local:b/orphan"
run 0 "and gone" -c local upload list b -o tsv && prints "no upload is left" ""

done_with storage.sh
