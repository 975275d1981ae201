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

# run WORDS...: the program on the folder on the small disk.
run() {
    env -i HOME="$room" "$program" --data-dir "$data" --key-source "file:$room/master.key" \
        --json "$@" 2>"$room/stderr"
}

# refused WORDS...: must fail, say why, and give a remedy.
refused() {
    local answer
    if answer=$(run "$@"); then
        echo "not refused on a full disk: $*" >&2
        exit 1
    fi
    if ! grep -q '"ok":false' <<<"$answer" || ! grep -q '"hint":"' <<<"$answer"; then
        echo "refused without a remedy: $*: $answer" >&2
        exit 1
    fi
    grep -q 'disk is not full' <<<"$answer" || {
        echo "the full disk is not named: $*: $answer" >&2
        exit 1
    }
    echo "ok: $* is refused"
}

works() {
    run "$@" >"$room/stdout" || {
        echo "failed: $*: $(cat "$room/stdout" "$room/stderr")" >&2
        exit 1
    }
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
