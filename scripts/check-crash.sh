#!/usr/bin/env bash
# Kills a process with kill -9 at random moments of a write load, 1,000 times or as often as the
# argument says, and prints what came of it. The ordinary tests do the same 50 times.
set -euo pipefail
cd "$(dirname "$0")/.."

export OPENALGO_TEST_KILLS=${1:-1000}
cargo test --locked -p openalgo --test it -- --exact --nocapture \
    crash::nothing_acknowledged_is_lost_at_random_moments_of_a_load | grep -E 'kills:|^test result'
