#!/usr/bin/env bash
# Kills a process with kill -9 again and again, and prints a line about each of these: a write load,
# 1,000 times, and the operations on a whole data folder, 100 times each. The ordinary tests do the
# same less often.
#
#   scripts/check-crash.sh [load|backup|compaction|migration|restore|rotation]...
#
# OPENALGO_TEST_KILLS says how often, if not so.
set -euo pipefail
cd "$(dirname "$0")/.."

# Kills what a test does, so often unless the caller says otherwise.
check() {
    local test=$1 said
    said=$(OPENALGO_TEST_KILLS=${OPENALGO_TEST_KILLS:-$2} \
        cargo test --locked --release -p openalgo --test it -- --nocapture "$test" 2>&1) || {
        echo "$said" >&2
        echo "check-crash: $test failed" >&2
        exit 1
    }
    # No line is no test.
    grep -oE '[a-z]+: [0-9]+ kills.*' <<<"$said"
}

[ $# -gt 0 ] || set -- load backup compaction migration restore rotation
for what; do
    case $what in
    load) check crash::nothing_acknowledged_is_lost_at_random_moments_of_a_load 1000 ;;
    backup | compaction | migration | restore | rotation) check "kills::$what::" 100 ;;
    *)
        echo "check-crash: there is no '$what'" >&2
        exit 2
        ;;
    esac
done
