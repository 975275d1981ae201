#!/usr/bin/env bash
# Proves which crate depends on which: one line per rule, exit code 1 if one is broken.
#
# All features and all platforms count; dependencies of tests do not.
set -euo pipefail
cd "$(dirname "$0")/.."

broken=0

# Everything that a crate depends on, itself included, one name per line.
tree() {
    local crate=$1
    shift
    cargo tree --locked --edges normal --target all --all-features --prefix none --format '{p}' \
        --package "$crate" "$@" | awk '{ print $1 }' | sort -u
}

# verdict RULE OFFENDERS: prints the rule, and what breaks it.
verdict() {
    if [ -z "$2" ]; then
        echo "ok      $1"
    else
        echo "BROKEN  $1: depends on $(echo "$2" | paste -sd' ')"
        broken=1
    fi
}

# ours CRATE [ALLOWED…]: of our crates, it depends on these at most.
ours() {
    local crate=$1 names
    shift
    names=$(tree "$crate")
    local offenders
    offenders=$(grep -E '^openalgo(-|$)' <<<"$names" | grep -vxF -e "$crate" "${@/#/-e}" || true)
    verdict "$crate depends on ${*:-none} of ours" "$offenders"
}

# never CRATE NAME…: it depends on none of these, however indirectly.
never() {
    local crate=$1 names offenders
    shift
    names=$(tree "$crate")
    offenders=$(grep -xF "${@/#/-e}" <<<"$names" || true)
    verdict "$crate depends on none of $*" "$offenders"
}

ours openalgo-core
never openalgo-core tokio diesel reqwest axum egui libsqlite3-sys
ours openalgo-crypto openalgo-core
ours openalgo-store openalgo-core openalgo-crypto
ours openalgo-brokers openalgo-core
never openalgo-brokers diesel libsqlite3-sys
ours openalgo-engine openalgo-core
never openalgo-engine diesel libsqlite3-sys reqwest axum egui

# The programs reach everything through the facade: only what they name themselves counts here.
names=$(tree openalgo-cli --depth 1)
offenders=$(grep -E '^openalgo(-|$)' <<<"$names" | grep -vxF -e openalgo-cli -e openalgo || true)
verdict "openalgo-cli names only openalgo of ours" "$offenders"

exit "$broken"
