#!/usr/bin/env bash
# Proves with another build of SQLCipher that the program writes the database of the design.
#
#   scripts/check-schema.sh [PROGRAM]      the program is target/debug/openalgo unless given
#
# Makes a data folder, places a paper order, and hands the database to check_schema.py. The key
# goes from the program to the checker through variables and the environment, and is never printed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-target/debug/openalgo}
venv=.venv
package=sqlcipher3-wheels

fail() {
    echo "check-schema: $*" >&2
    exit 1
}

[ -x "$program" ] || fail "there is no program $program; build it with: cargo build -p openalgo-cli"
command -v python3 >/dev/null || fail "python3 is missing"

# Debian ships the venv module without what it needs to install pip.
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        fail "python3 cannot make virtual environments; install the package python3-venv"
    fi
fi
if ! "$venv/bin/python3" -c 'import sqlcipher3' 2>/dev/null; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python3" -m pip install --quiet --no-cache-dir \
        --disable-pip-version-check "$package"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset OPENALGO_DATA_DIR OPENALGO_KEY_SOURCE OPENALGO_USER OPENALGO_LOG OPENALGO_PASSPHRASE_FILE

# Runs the program on the data folder. Its answer, which may hold secrets, goes to a file.
openalgo() {
    "$program" "$@" --data-dir "$work/data" --json >"$work/answer.json" ||
        fail "'openalgo $1' ended with exit code $?"
}

# A field of the last answer.
answer() {
    python3 -c '
import json, sys
answer = json.load(open(sys.argv[1]))
assert answer["ok"] is True, "the answer is not ok"
print(answer["data"][sys.argv[2]])
' "$work/answer.json" "$1"
}

openalgo init --key-source "file:$work/key"
[ "$(answer created)" = True ] || fail "the data folder is not new"
openalgo order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --product MIS
echo "placed a paper order: $(answer status)"
openalgo key export --yes
OPENALGO_DATABASE_KEY=$(answer database_key)
export OPENALGO_DATABASE_KEY

PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python3" scripts/check_schema.py \
    --database "$work/data/main.db" --seed-ddl scripts/seed-schema.sql
