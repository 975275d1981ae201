#!/usr/bin/env bash
# Translates every instrument of further files into a symbol and back.
#
#   scripts/check-instrument-symbols.sh [FILE…]
#
# The files are in the CSV format of Kite's instrument dump. Without arguments it takes a full
# sample from a folder of references beside the checkout, where there is one.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    echo "check-instrument-symbols: $*" >&2
    exit 1
}

sample=$root/../shared/reference/brokers/samples/zerodha/instruments_all.csv
if [ $# -eq 0 ] && [ -f "$sample" ]; then
    set -- "$sample"
fi
if [ $# -eq 0 ]; then
    echo "there is no further instrument file to read"
    exit 0
fi

files=
for file in "$@"; do
    [ -f "$file" ] || fail "there is no file $file"
    path=$(realpath -- "$file")
    case $path in *:*) fail "a path may hold no colon: $path" ;; esac
    files=${files:+$files:}$path
done

cd "$root"
OPENALGO_INSTRUMENT_FILES=$files \
    cargo test --locked -p openalgo-core --test it symbols -- --show-output
