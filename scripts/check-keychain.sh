#!/usr/bin/env bash
# Walks the program through what a real keychain does: gnome-keyring on a session bus of its own.
#
#   scripts/check-keychain.sh [PROGRAM]    the program is target/debug/openalgo unless given
#
# Needs Debian's gnome-keyring, dbus and libsecret-tools, and installs them if it may. Nobody's
# keychain is touched: home, bus and keyring are made for this and removed.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the keyring says of itself is kept away from what this says.
[ "${1:-}" = --within ] || exec 3>&2

fail() {
    echo "check-keychain: $*" >&3
    exit 1
}

# expect CODE WORDS ARGUMENT...: the program ends with this code and says these words.
expect() {
    local wanted=$1 words=$2 code=0
    shift 2
    "$KEYCHAIN_PROGRAM" "$@" --data-dir "$data" >"$HOME/said" 2>&1 </dev/null || code=$?
    if [ "$code" != "$wanted" ] || ! grep -qF -- "$words" "$HOME/said"; then
        # What `init` says holds a password, which is worth nothing outside this folder.
        cat "$HOME/said" >&3
        fail "$situation: 'openalgo $*' ended with $code and not with $wanted, or without '$words'"
    fi
    echo "ok: $situation: openalgo $*: $wanted"
}

# Makes the login keyring, or unlocks it.
unlock_keyring() {
    printf 'a password of the keyring' |
        gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
}

# is_there POINT: a change of the key has come so far, as its files show.
is_there() {
    case $1 in
    announced) [[ $(<"$data/vault.json") == *'"pending"'* ]] ;;
    copying) [ -e "$data/main.db.rotated.new" ] ;;
    copied | replaced) [ -e "$data/main.db.rotated" ] ;;
    esac
}

# kill_rotation POINT: kills a change of the key with kill -9 when it has come so far. The folder
# opens with what the keychain holds, and one key is left there.
kill_rotation() {
    local point=$1 victim entries
    "$KEYCHAIN_PROGRAM" key rotate --data-dir "$data" >/dev/null 2>&1 </dev/null &
    victim=$!
    until is_there "$point" || ! kill -0 "$victim" 2>/dev/null; do :; done
    if [ "$point" = replaced ]; then
        # The copy has its name no more, since it has taken the place of the database.
        while is_there "$point" && kill -0 "$victim" 2>/dev/null; do :; done
    fi
    kill -9 "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    if is_there announced; then
        interrupted=$((interrupted + 1))
    fi
    situation="killed when $point"
    expect 0 keychain status
    expect 0 "sealed" db check
    ! is_there announced || fail "$situation: the change is neither finished nor undone"
    entries=$(secret-tool search --all service openalgo 2>/dev/null | grep -c '^\[') || true
    [ "$entries" = 1 ] || fail "$situation: there are $entries keys in the keychain"
}

# Changes of the key that nobody finished.
rotation() {
    local point interrupted=0
    unlock_keyring
    expect 0 keychain init --key-source keychain
    for point in announced copying copied replaced announced copying copied replaced; do
        kill_rotation "$point"
    done
    [ "$interrupted" -gt 0 ] || fail "no change of the key was met in the middle"
    situation="after $interrupted of 8 changes of the key that were cut off"
    expect 0 keychain key rotate
    expect 0 "sealed" db check
}

unlocked() {
    unlock_keyring
    expect 0 keychain init --key-source keychain
    expect 0 keychain status
    expect 0 yes key source
    expect 0 keychain key rotate
    expect 0 "sealed" db check
    expect 0 file: key move --to "file:$HOME/moved.key"
    secret-tool search --all service openalgo >"$HOME/entries" 2>&1 || true
    [ ! -s "$HOME/entries" ] || fail "$situation: a key stays behind that was moved away"
    expect 0 file: status
    expect 0 keychain key move --to keychain
    [ ! -e "$HOME/moved.key" ] || fail "$situation: the key file stays behind"
    expect 0 "sealed" db check
}

# Another day: the keyring is there, and nobody has opened it.
locked() {
    expect 3 "the keychain is locked" status
    expect 3 "the key is not lost" status
    expect 3 "the keychain is locked" key source
    expect 3 "the keychain is locked" init
}

# And opened again. An entry that is gone is no first run: no new key is made beside the data.
deleted() {
    local before
    before=$(sha256sum "$data/vault.json")
    unlock_keyring
    expect 0 keychain status
    secret-tool clear service openalgo
    expect 3 "the keychain holds no key" status
    expect 3 "a lost key cannot be replaced" status
    expect 3 "the keychain holds no key" init --key-source keychain
    [ "$before" = "$(sha256sum "$data/vault.json")" ] || fail "$situation: vault.json was changed"
}

no_collection() {
    expect 3 "no default keyring" init --key-source keychain
    [ ! -e "$data/main.db" ] || fail "$situation: there is a database without a key"
    expect 0 "no usable keychain" init
}

no_bus() {
    expect 3 "this session has no keychain" init --key-source keychain
    [ ! -e "$data/main.db" ] || fail "$situation: there is a database without a key"
    expect 0 "no usable keychain" init
    expect 0 file: status
}

if [ "${1:-}" = --within ]; then
    situation=$2
    data=$3
    "$situation"
    exit
fi

program=${1:-target/debug/openalgo}
[ -x "$program" ] || fail "there is no program $program; build it with: cargo build -p openalgo-cli"
missing=()
command -v gnome-keyring-daemon >/dev/null || missing+=(gnome-keyring)
command -v dbus-run-session >/dev/null || missing+=(dbus)
command -v secret-tool >/dev/null || missing+=(libsecret-tools)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "install these first: ${missing[*]}"
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset OPENALGO_DATA_DIR OPENALGO_KEY_SOURCE OPENALGO_USER OPENALGO_LOG OPENALGO_PASSPHRASE_FILE
# Nobody is to be asked, and no keyring of the session that runs this is to be met.
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GNOME_KEYRING_CONTROL
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME
KEYCHAIN_PROGRAM=$(realpath "$program")
export KEYCHAIN_PROGRAM

# within NAME HOME DATA [BUS...]: goes through a situation in a home folder.
within() {
    local name=$1 home=$work/$2 data=$work/$3
    shift 3
    mkdir -p "$home" "$work/run-$name"
    chmod 700 "$work/run-$name"
    HOME=$home XDG_RUNTIME_DIR=$work/run-$name \
        "$@" scripts/check-keychain.sh --within "$name" "$data" 2>"$work/noise" ||
        { cat "$work/noise" >&2; fail "$name did not go through"; }
}

within unlocked one data dbus-run-session --
within locked one data dbus-run-session --
within deleted one data dbus-run-session --
within rotation four fourth dbus-run-session --
within no_collection two other dbus-run-session --
within no_bus three third env
echo "the keychain is met as it should be"
