#!/usr/bin/env bash
# Fills a small disk under a data folder: what does not fit is refused with a remedy, nothing is
# half-written, and everything works again when there is room. Needs root for the disk (a tmpfs);
# without it, it says so and passes. Give the program as the argument.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-target/debug/openalgo}
if [ "$(id -u)" != 0 ]; then
    echo "skipped: making a small disk needs root"
    exit 0
fi
room=$(mktemp -d)
trap 'umount "$room/disk" 2>/dev/null || true; rm -rf "$room"' EXIT
mkdir "$room/disk"
if ! mount -t tmpfs -o size=6m tmpfs "$room/disk" 2>/dev/null; then
    echo "skipped: this system mounts no tmpfs"
    exit 0
fi
data=$room/disk/data
key=$room/master.key

# run WORDS...: the program on the folder on the small disk.
run() {
    env -i HOME="$room" "$program" --data-dir "$data" --key-source "file:$key" \
        --json "$@" 2>"$room/stderr"
}

fail() {
    echo "$*" >&2
    exit 1
}

# is_done WORDS...: does it, or must be refused as unavailable, say that the disk is full, name the
# folder, and give a remedy.
is_done() {
    local answer code=0
    answer=$(run "$@") || code=$?
    [ "$code" != 0 ] || return 0
    [ "$code" = 7 ] || fail "refused with exit code $code: $*: $answer"
    grep -q '"hint":"[^"]*disk' <<<"$answer" || fail "refused without a remedy: $*: $answer"
    # SQLite calls it an I/O error when the disk has no room for its shared memory.
    grep -qE '"message":"[^"]*(is full|No space left|are free|disk I/O error)' <<<"$answer" ||
        fail "the full disk is not named: $*: $answer"
    grep -q "\"message\":\"[^\"]*$room/disk" <<<"$answer" || fail "no folder is named: $*: $answer"
    return 1
}

# refused WORDS...: must be.
refused() {
    if is_done "$@"; then
        fail "not refused on a full disk: $*"
    fi
    echo "ok: $* is refused"
}

works() {
    run "$@" >"$room/stdout" || {
        echo "failed: $*: $(cat "$room/stdout" "$room/stderr")" >&2
        exit 1
    }
}

# leave KIB: fills the disk up to so much.
leave() {
    fill
    truncate -s "-$1K" "$room/disk/filler"
}

# What is on the disk, but for what SQLite mends itself when it is opened next.
names() { (cd "$room/disk" && find . -type f ! -name filler ! -name '*-wal' ! -name '*-shm' | sort); }

# with_more_and_more_room WORDS...: must be refused until there is room for all of it, and leave
# nothing then.
with_more_and_more_room() {
    local before refusals=0 left
    before=$(names)
    for left in $(seq 0 60 4800); do
        leave "$left"
        if is_done "$@" <"$room/passphrase"; then
            empty
            [ "$refusals" -gt 1 ] || fail "there was always room: $*"
            works db check
            echo "ok: $1 $2 was refused $refusals times, and done with $left KiB of room"
            return
        fi
        empty
        refusals=$((refusals + 1))
        [ "$(names)" = "$before" ] || fail "$* left something with $left KiB of room: $(names)"
        [ ! -e "$data/main.db" ] || works db check
    done
    fail "never done: $*"
}

fill() { head -c 64M /dev/zero >"$room/disk/filler" 2>/dev/null || true; }
empty() { rm -f "$room/disk/filler"; }
count() { run order list --limit 1000 | grep -o '"status"' | wc -l; }

fill
refused init
empty
works init
echo "ok: init works once there is room"

place=(order place --symbol SBIN --exchange NSE --action BUY --quantity 1)
works "${place[@]}"
before=$(count)
fill
refused "${place[@]}"
answer=$(run "${place[@]}" || true)
grep -q '"code":"disk_full"' <<<"$answer" || fail "not called a full disk: $answer"
empty
works db check
after=$(count)
[ "$before" = "$after" ] || {
    echo "a refused order is in the books: $before before, $after after" >&2
    exit 1
}
works "${place[@]}"
works db check
[ "$(count)" = "$((before + 1))" ] || {
    echo "the order after the full disk is not in the books" >&2
    exit 1
}
echo "ok: the folder is sound and takes orders again"

# Room for a part of what an order writes: it is placed as a whole or not at all.
placed=$((before + 1))
refusals=0
for left in $(seq 0 8 240); do
    fill
    truncate -s "-${left}K" "$room/disk/filler"
    if run "${place[@]}" >/dev/null; then
        placed=$((placed + 1))
    else
        refusals=$((refusals + 1))
    fi
    empty
    works db check
    [ "$(count)" = "$placed" ] || {
        echo "with $left KiB of room, the answer and the books differ" >&2
        exit 1
    }
done
[ "$refusals" -gt 0 ] || { echo "there was always room" >&2; exit 1; }
echo "ok: with 0 to 240 KiB of room, $refusals orders were refused and the rest placed as a whole"

echo "three plain words" >"$room/passphrase"
with_more_and_more_room db compact
with_more_and_more_room key rotate
backup=$room/disk/my.backup
with_more_and_more_room backup create --passphrase-stdin --output "$backup"
works backup verify "$backup" --passphrase-stdin <"$room/passphrase"

# An update copies the database before. Another SQLCipher makes the database an older one, where
# scripts/check-schema.sh has left it.
python=.venv/bin/python3
if "$python" -c 'import sqlcipher3' 2>/dev/null; then
    works key export --yes
    KEY=$(grep -oE '"database_key":"[0-9a-f]{64}"' "$room/stdout" | cut -d'"' -f4) "$python" -c '
import glob, os, sqlcipher3, sys
database = sqlcipher3.connect(sys.argv[1])
database.execute("PRAGMA key = \"x\x27%s\x27\"" % os.environ["KEY"])
last = max(glob.glob("openalgo-store/migrations/*/down.sql"))
database.executescript(open(last).read())
database.execute("DELETE FROM __diesel_schema_migrations WHERE version = "
                 "(SELECT max(version) FROM __diesel_schema_migrations)")
database.commit()
' "$data/main.db"
    before=$(names)
    for left in $(seq 0 60 360); do
        leave "$left"
        is_done status && fail "updated without room for a copy"
        empty
        [ "$(names)" = "$before" ] || fail "an update left something: $(names)"
    done
    works status
    ls "$data"/main.db.before-* >/dev/null || fail "the update left no copy"
    works db check
    echo "ok: a database is updated once there is room for a copy of it"
else
    echo "skipped: an update; there is no other SQLCipher, which scripts/check-schema.sh installs"
fi

# Restoring goes to another folder, whose rest is taken over at the next attempt.
data=$room/disk/restored
key=$room/restored.key
restores=0
for left in $(seq 0 60 4800); do
    leave "$left"
    if is_done backup restore "$backup" --passphrase-stdin <"$room/passphrase"; then
        break
    fi
    empty
    restores=$((restores + 1))
    [ ! -e "$data/main.db" ] && [ ! -e "$data/main.db.new" ] && [ ! -e "$data/restoring" ] ||
        fail "half a folder was restored with $left KiB of room: $(names)"
done
empty
[ "$restores" -gt 1 ] || fail "there was always room to restore"
works db check
echo "ok: backup restore was refused $restores times, and done with $left KiB of room"
