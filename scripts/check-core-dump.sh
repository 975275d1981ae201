#!/usr/bin/env bash
# Proves that a process that has closed its data folder holds nothing of it any more: neither
# secrets nor names are in a dump of its memory. Needs gdb, which brings gcore; the ordinary tests
# leave this out where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

OPENALGO_TEST_NEEDS_GDB=1 cargo test --locked -p openalgo --test it -- --exact --nocapture \
    canaries::a_process_that_closed_the_folder_holds_nothing_of_it
