#!/bin/sh
# Checks that every `header:line name` of CASES.md is true; --update moves the line numbers.
set -eu
src=${NEPH_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
exec python3 - "$src" "$@" <<'EOF'
import re, sys
src, update = sys.argv[1], "--update" in sys.argv
path = src + "/tests/abi/CASES.md"
text = open(path, encoding="utf-8").read()
lines, wrong, count = {}, [], 0

def where(header, name, line):
    rows = lines.setdefault(header, open(f"{src}/include/neph/{header}", encoding="utf-8").read().split("\n"))
    word = re.compile(r"(?<![\w])" + re.escape(name) + r"(?![\w])")
    if 0 < line <= len(rows) and not update and word.search(rows[line - 1]):
        return line
    code = [i for i, row in enumerate(rows, 1) if word.search(re.sub(r"/\*.*|^ *\*.*", "", row))]
    return code[0] if code else 0

def one(match):
    global count
    header, line, name = match.group(1), int(match.group(2)), match.group(3)
    count += 1
    found = where(header, name, line)
    if not found or (found != line and not update):
        wrong.append(f"{header}:{line} {name}: " + (f"stands on line {found}" if found else "is nowhere in the header"))
    return f"`{header}:{found if found else line} {name}`"

new = re.sub(r"`(\w+\.h):(\d+) (\w+)`", one, text)
if update:
    open(path, "w", encoding="utf-8").write(new)
for row in wrong:
    print("CASES.md:", row)
print(f"{count - len(wrong)} references hold, {len(wrong)} do not")
sys.exit(1 if wrong or count < 50 else 0)
EOF
