#!/usr/bin/env python3
"""Compares an encrypted database with the database design, without using any of our own code.

    OPENALGO_DATABASE_KEY=<64 hex digits> scripts/check_schema.py --database main.db
    scripts/check_schema.py --design DESIGN.md

The first form opens a copy of the database with another build of SQLCipher (the Python package
`sqlcipher3-wheels`) and compares every table, column, constraint, index, trigger and setting with
`seed-schema.sql`, which a plain SQLite executes in memory. What the database has beyond the design
is listed and counts as right. It also proves that the file says nothing without its key.

The second form proves that `seed-schema.sql` holds what the SQL blocks of the design document say.
Both can be asked for at once. Exit codes: 0 all passed, 1 something failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

SEED = Path(__file__).resolve().parent / "seed-schema.sql"
KEY_VARIABLE = "OPENALGO_DATABASE_KEY"

# What stands above the extracted statements in seed-schema.sql.
SEED_HEADER = """\
-- The tables, indexes, trigger and default settings of the database design, word for word.
-- `check_schema.py --database` compares a database with them, and `check_schema.py --design`
-- compares this file with the design document.
"""

# The cipher parameters of the design, set after the key.
CIPHER = (
    ("cipher_page_size", "4096"),
    ("kdf_iter", "256000"),
    ("cipher_hmac_algorithm", "HMAC_SHA512"),
    ("cipher_kdf_algorithm", "PBKDF2_HMAC_SHA512"),
)

PLAIN_HEADER = b"SQLite format 3\x00"

# A migration list may be a table or a view, so it has a check of its own.
MIGRATIONS = "schema_migrations"


class Report:
    """What was checked and what came of it."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, list[str]]] = []

    def add(self, name: str, note: str, problems: list[str]) -> None:
        """Notes one check; it passed if there are no problems."""
        self.rows.append((name, note, problems))

    def show(self) -> bool:
        """Prints the table and the tally; says whether all passed."""
        width = max((len(name) for name, _, _ in self.rows), default=0)
        failed = 0
        for name, note, problems in self.rows:
            if problems:
                failed += 1
                print(f"  FAILED  {name}")
                for problem in problems:
                    print(f"          - {problem}")
            else:
                print(f"  ok      {name:<{width}}  {note}".rstrip())
        print(f"{len(self.rows) - failed} passed, {failed} failed")
        return failed == 0 and bool(self.rows)


# --- the design document -------------------------------------------------------------------------


def extract(markdown: str) -> str:
    """The SQL of sections 3 and 5.2 of the design document, as seed-schema.sql holds it."""
    blocks: list[str] = []
    block: list[str] | None = None
    in_fence = wanted = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            if in_fence:
                if block is not None:
                    blocks.append("\n".join(block).strip() + "\n")
                block, in_fence = None, False
            else:
                in_fence = True
                block = [] if wanted and line.strip() == "```sql" else None
        elif in_fence:
            if block is not None:
                block.append(line.rstrip())
        elif line.startswith("## "):
            wanted = line.startswith("## 3.")
        elif re.match(r"### \d", line):
            wanted = line.startswith(("### 3.", "### 5.2 "))
    return "\n".join([SEED_HEADER, *blocks])


def check_design(report: Report, design: Path, seed: str) -> None:
    """The statements that the script compares with are those of the document."""
    expected = extract(design.read_text(encoding="utf-8"))
    tables = len(re.findall(r"^CREATE TABLE", expected, re.MULTILINE))
    problems = []
    if tables == 0:
        problems.append("the document has no SQL where it is looked for")
    if expected != seed:
        wanted, found = expected.splitlines(), seed.splitlines()
        pairs = zip(wanted, found)
        at = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), min(len(wanted), len(found)) + 1)
        problems.append(f"{SEED.name} differs from the document from line {at} on")
    report.add("seed-schema.sql is the document's", f"{tables} tables", problems)


# --- the shape of a database ---------------------------------------------------------------------


def names(db, kind: str) -> list[str]:
    """The tables, views, indexes or triggers of a database, without SQLite's own."""
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        " ORDER BY name",
        (kind,),
    )
    return [row[0] for row in rows]


def columns(db, table: str) -> dict[str, tuple]:
    """Type, NOT NULL, default and place in the primary key of each column."""
    rows = db.execute(f'PRAGMA table_info("{table}")')
    return {name: (kind.upper(), bool(required), default, key)
            for _, name, kind, required, default, key in rows}


def say_column(column: tuple) -> str:
    kind, required, default, key = column
    words = [kind]
    if required:
        words.append("NOT NULL")
    if default is not None:
        words.append(f"DEFAULT {default}")
    if key:
        words.append(f"PRIMARY KEY ({key})")
    return " ".join(words)


def is_autoincrement(db, table: str) -> bool:
    """Whether ids of deleted rows are never given out again."""
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    without_comments = re.sub(r"--[^\n]*", "", sql)
    return re.search(r"\bAUTOINCREMENT\b", without_comments, re.IGNORECASE) is not None


def indexed(db, index: str) -> tuple[str, ...]:
    """The columns of an index, each with its direction and its collation if that is unusual."""
    found = []
    for _, _, name, descending, collation, is_key in db.execute(f'PRAGMA index_xinfo("{index}")'):
        if is_key:
            direction = " DESC" if descending else ""
            order = "" if collation == "BINARY" else f" COLLATE {collation}"
            found.append(f"{name or '(expression)'}{order}{direction}")
    return tuple(found)


def indexes(db, table: str) -> dict[str, tuple]:
    """Columns, uniqueness, origin and partiality of each index of a table."""
    rows = db.execute(f'PRAGMA index_list("{table}")').fetchall()
    return {name: (indexed(db, name), bool(unique), origin, bool(partial))
            for _, name, unique, origin, partial in rows}


def uniques(db, table: str) -> set[tuple[str, ...]]:
    """The UNIQUE constraints of a table."""
    return {what for what, _, origin, _ in indexes(db, table).values() if origin == "u"}


def foreign_keys(db, table: str) -> set[str]:
    """The foreign keys of a table, as sentences."""
    keys: dict[int, list] = {}
    for row in db.execute(f'PRAGMA foreign_key_list("{table}")'):
        keys.setdefault(row[0], []).append(row)
    found = set()
    for parts in keys.values():
        parts.sort(key=lambda row: row[1])
        mine = ", ".join(row[3] for row in parts)
        theirs = ", ".join(row[4] or "(primary key)" for row in parts)
        _, _, target, _, _, on_update, on_delete, _ = parts[0]
        found.add(f"({mine}) -> {target}({theirs}) ON UPDATE {on_update} ON DELETE {on_delete}")
    return found


# --- the checks ----------------------------------------------------------------------------------


def check_tables(report: Report, seed, db) -> None:
    present = set(names(db, "table"))
    for table in names(seed, "table"):
        if table == MIGRATIONS:
            continue
        if table not in present:
            report.add(f"table {table}", "", ["it is missing"])
            continue
        check_columns(report, seed, db, table)
        check_constraints(report, seed, db, table)


def check_columns(report: Report, seed, db, table: str) -> None:
    expected, found = columns(seed, table), columns(db, table)
    problems = []
    for name, column in expected.items():
        if name not in found:
            problems.append(f"{table}.{name} is missing")
        elif found[name] != column:
            problems.append(
                f"{table}.{name} is {say_column(found[name])}, not {say_column(column)}")
    if is_autoincrement(seed, table) and not is_autoincrement(db, table):
        problems.append(f"{table}.id is not AUTOINCREMENT")
    report.add(f"{table}: columns", f"{len(expected)} of {len(found)}", problems)


def check_constraints(report: Report, seed, db, table: str) -> None:
    unique = uniques(seed, table)
    missing = sorted(unique - uniques(db, table))
    problems = [f"UNIQUE({', '.join(it)}) is missing" for it in missing]
    keys = foreign_keys(seed, table)
    problems += [f"foreign key {it} is missing" for it in sorted(keys - foreign_keys(db, table))]
    if unique or keys:
        note = f"{len(unique)} unique, {len(keys)} foreign"
        report.add(f"{table}: constraints", note, problems)


def check_indexes(report: Report, seed, db) -> None:
    count, problems = 0, []
    present = {}
    for table in names(db, "table"):
        for name, shape in indexes(db, table).items():
            present[name] = (table, shape)
    for table in names(seed, "table"):
        for name, shape in indexes(seed, table).items():
            if shape[2] != "c":
                continue
            count += 1
            if name not in present:
                problems.append(f"{name} on {table}({', '.join(shape[0])}) is missing")
            elif present[name] != (table, shape):
                where, (what, unique, _, partial) = present[name]
                more = (" unique" if unique else "") + (" partial" if partial else "")
                problems.append(
                    f"{name} is on {where}({', '.join(what)}){more},"
                    f" not on {table}({', '.join(shape[0])})")
    report.add("indexes", str(count), problems)


def insert_log(db, age: str) -> int:
    """Inserts a log row and gives it an age, whatever columns there are besides the design's."""
    values = {"endpoint": "/check", "method": "POST", "created_at": None}
    for name, (kind, required, default, key) in columns(db, "order_logs").items():
        if required and default is None and not key and name not in values:
            values[name] = 0 if kind in ("INTEGER", "REAL") else ""
    values["created_at"] = db.execute("SELECT datetime('now')").fetchone()[0]
    fields, marks = ", ".join(values), ", ".join("?" for _ in values)
    cursor = db.execute(
        f"INSERT INTO order_logs ({fields}) VALUES ({marks})", tuple(values.values()))
    row = cursor.lastrowid
    db.execute("UPDATE order_logs SET created_at = datetime('now', ?) WHERE id = ?", (age, row))
    return row


def check_triggers(report: Report, seed, db) -> None:
    present = dict(db.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"))
    for name, table in seed.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"):
        found = present.get(name)
        problems = [] if found == table else [f"there is no {name} on {table}"]
        report.add(f"trigger {name}", f"on {table}", problems)
    if "order_logs" not in names(db, "table"):
        report.add("order_logs keeps 30 days", "", ["there is no table order_logs"])
        return
    problems = []
    db.execute("BEGIN")
    try:
        old, young = insert_log(db, "-31 days"), insert_log(db, "-29 days")
        new = insert_log(db, "+0 days")
        left = {row[0] for row in db.execute("SELECT id FROM order_logs")}
        if old in left:
            problems.append("a row of 31 days ago survives an insert")
        if not {young, new} <= left:
            problems.append("a row of 29 days ago or of now does not survive an insert")
    except Exception as error:
        problems.append(f"inserting fails: {error}")
    finally:
        db.execute("ROLLBACK")
    report.add("order_logs keeps 30 days", "tried out and rolled back", problems)


def check_settings(report: Report, seed, db) -> None:
    query = "SELECT key, value, description FROM settings ORDER BY key"
    expected = seed.execute(query).fetchall()
    found = {key: (value, description) for key, value, description in db.execute(query)}
    problems = []
    for key, value, description in expected:
        if key not in found:
            problems.append(f"{key} is missing")
        elif found[key] != (value, description):
            problems.append(f"{key} is {found[key]!r}, not {(value, description)!r}")
    report.add("settings", f"{len(expected)} of {len(found)}", problems)


def check_migrations(report: Report, seed, db) -> None:
    problems, note = [], ""
    is_view = MIGRATIONS in names(db, "view")
    if not is_view and MIGRATIONS not in names(db, "table"):
        report.add(MIGRATIONS, "", ["there is no such table or view"])
        return
    present = columns(db, MIGRATIONS)
    missing = [name for name in columns(seed, MIGRATIONS) if name not in present]
    problems += [f"{MIGRATIONS}.{name} is missing" for name in missing]
    if not missing:
        rows = db.execute(
            f"SELECT version, applied_at, datetime(applied_at) FROM {MIGRATIONS}").fetchall()
        note = f"{len(rows)} applied, a {'view' if is_view else 'table'}"
        if not rows:
            problems.append("no migration is recorded")
        problems += [f"version {version!r} was applied at {at!r}"
                     for version, at, instant in rows if not version or instant is None]
    report.add(MIGRATIONS, note, problems)


# --- the encryption ------------------------------------------------------------------------------


def open_encrypted(sqlcipher, path: Path, key: str):
    """Opens a database with a raw key and the design's parameters, and reads from it."""
    db = sqlcipher.connect(str(path), isolation_level=None)
    try:
        db.execute("PRAGMA cipher_log_level = NONE")
        db.execute(f"PRAGMA key = \"x'{key}'\"")
        for name, value in CIPHER:
            db.execute(f"PRAGMA {name} = {value}")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def refusal(action) -> str | None:
    """Why an attempt to read was refused; None when it was not."""
    try:
        action()
    except Exception as error:  # two libraries, two unrelated error types
        return str(error) or type(error).__name__
    return None


def read_without_key(library, path: Path) -> None:
    db = library.connect(str(path))
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        db.close()


def check_is_locked(report: Report, sqlcipher, files: list[Path], key: str) -> None:
    """Without the right key, the file says nothing."""
    database = files[0]
    start = database.read_bytes()[:16]
    problem = ["the file begins like a plain SQLite database"] if start == PLAIN_HEADER else []
    if len(start) < 16:
        problem = ["the file is empty"]
    report.add("the header is not SQLite's", start.hex(), problem)
    texts = (b"SQLite format 3", b"CREATE TABLE", b"order_events", b"RELIANCE")
    problems = [f"{text.decode()!r} stands in {file.name}"
                for file in files for text in texts if text in file.read_bytes()]
    report.add("no plain text inside", ", ".join(file.name for file in files), problems)

    wrong = key
    while wrong.lower() == key.lower():
        wrong = secrets.token_hex(32)
    near = key[:-1] + ("0" if key[-1] != "0" else "1")
    attempts = (
        ("plain SQLite cannot read it", lambda: read_without_key(sqlite3, database)),
        ("SQLCipher without a key cannot read it", lambda: read_without_key(sqlcipher, database)),
        ("another key does not open it", lambda: open_encrypted(sqlcipher, database, wrong).close()),
        ("a key with one digit changed does not", lambda: open_encrypted(sqlcipher, database, near).close()),
    )
    for name, attempt in attempts:
        why = refusal(attempt)
        if why is None:
            problems = ["it does"]
        elif "not a database" not in why:
            problems = [f"it is refused for another reason: {why}"]
        else:
            problems = []
        report.add(name, why or "", problems)


def check_cipher(report: Report, seed, db) -> None:
    version = db.execute("PRAGMA cipher_version").fetchone()[0]
    found = {name: str(db.execute(f"PRAGMA {name}").fetchone()[0]) for name, _ in CIPHER}
    problems = [f"{name} is {found[name]}, not {value}"
                for name, value in CIPHER if found[name] != value]
    if not version.startswith("4."):
        problems.append(f"this is SQLCipher {version}")
    report.add("opens with the design's parameters", f"SQLCipher {version}", problems)


def check_pages(report: Report, seed, db) -> None:
    rows = [str(row[0]) for row in db.execute("PRAGMA cipher_integrity_check")]
    report.add("every page is authentic", "cipher_integrity_check", rows)


def check_structure(report: Report, seed, db) -> None:
    rows = [str(row[0]) for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    report.add("the structure is sound", "integrity_check", rows)
    rows = [f"row {row[1]} of {row[0]} refers to nothing in {row[2]}"
            for row in db.execute("PRAGMA foreign_key_check")]
    report.add("every reference holds", "foreign_key_check", rows)


def list_extras(report: Report, seed, db) -> None:
    """Prints what the database has beyond the design."""
    expected = set(names(seed, "table"))
    print("Beyond the design:")
    tables = [it for it in names(db, "table") if it not in expected]
    print(f"  tables   {', '.join(tables) or 'none'}")
    views = names(db, "view")
    print(f"  views    {', '.join(views) or 'none'}")
    extra = [f"{table}.{name}" for table in sorted(expected & set(names(db, "table")))
             for name in columns(db, table) if name not in columns(seed, table)]
    print(f"  columns  {', '.join(extra) or 'none'}")
    for kind in ("index", "trigger"):
        more = [it for it in names(db, kind) if it not in set(names(seed, kind))]
        title = "indexes" if kind == "index" else "triggers"
        print(f"  {title:<8} {', '.join(more) or 'none'}")


CHECKS = (
    check_cipher,
    check_pages,
    check_structure,
    check_tables,
    check_indexes,
    check_triggers,
    check_settings,
    check_migrations,
    list_extras,
)


def check_database(report: Report, database: Path, key: str, ddl: str) -> None:
    """Runs all checks on a copy of the database, which leaves the original alone."""
    try:
        import sqlcipher3 as sqlcipher
    except ImportError:
        sys.exit("the Python package sqlcipher3-wheels is missing: "
                 "run scripts/check-schema.sh, which installs it into .venv")
    seed = sqlite3.connect(":memory:")
    seed.executescript(ddl)
    with tempfile.TemporaryDirectory(prefix="openalgo-schema-") as folder:
        files = []
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                files.append(Path(shutil.copy(source, folder)))
        check_is_locked(report, sqlcipher, files, key)
        why = refusal(lambda: open_encrypted(sqlcipher, files[0], key).close())
        if why is not None:
            report.add("opens with its key", "", [why])
            return
        db = open_encrypted(sqlcipher, files[0], key)
        try:
            for check in CHECKS:
                # A damaged file may fail anywhere; the other checks still say what they can.
                why = refusal(lambda: check(report, seed, db))
                if why is not None:
                    report.add(check.__name__, "", [f"it cannot be carried out: {why}"])
        finally:
            db.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=Path, metavar="FILE", help="the database to check")
    parser.add_argument("--key", metavar="HEX64",
                        help=f"its raw key; better given in {KEY_VARIABLE}, which ps does not show")
    parser.add_argument("--seed-ddl", type=Path, metavar="FILE", default=SEED,
                        help="the design as SQL [default: seed-schema.sql beside this script]")
    parser.add_argument("--design", type=Path, metavar="FILE",
                        help="the design document that the SQL must agree with")
    args = parser.parse_args()
    key = (args.key or os.environ.pop(KEY_VARIABLE, "")).strip()
    if args.database is None and args.design is None:
        parser.error("give --database, --design or both")
    if args.database is not None and not args.database.is_file():
        parser.error(f"there is no file {args.database}")
    if args.database is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", key):
        parser.error(f"give the key, 64 hex digits, in {KEY_VARIABLE} or with --key")

    seed = args.seed_ddl.read_text(encoding="utf-8")
    report = Report()
    if args.design is not None:
        check_design(report, args.design, seed)
    if args.database is not None:
        check_database(report, args.database, key, seed)
    return 0 if report.show() else 1


if __name__ == "__main__":
    sys.exit(main())
