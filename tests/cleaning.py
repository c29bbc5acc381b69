"""Bring a used database back to how it was copied, by taking out what a test left instead of copying all of it again.

A copy costs hundreds of files and a checkpoint; most tests write to a dozen tables. Where cleaning would not be enough
(the schema was changed, or a table has grown large), it says so, and the caller copies.
"""

from __future__ import annotations

import psycopg
from django.db.backends.utils import CursorWrapper
from psycopg import sql

#: Deleted rows stay in their pages until somebody vacuums; a table beyond this is not worth cleaning.
LARGE_BYTES = 4 * 1024 * 1024

WATCH = """
CREATE SCHEMA test_watch;
CREATE TABLE test_watch.schema_change (command text NOT NULL);
CREATE FUNCTION test_watch.note_schema_change() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF tg_tag LIKE 'DROP%' OR EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM 'pg_temp'
    ) THEN
        INSERT INTO test_watch.schema_change VALUES (tg_tag);
    END IF;
END $$;
CREATE EVENT TRIGGER note_schema_change ON ddl_command_end EXECUTE FUNCTION test_watch.note_schema_change();
ALTER EVENT TRIGGER note_schema_change ENABLE ALWAYS;
"""
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), c.oid::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'test_watch') ORDER BY 1
"""
SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), last_value, start_value FROM pg_sequences
"""
END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def watch_schema(owner: CursorWrapper) -> None:
    """Let the database note every change of its schema; only a superuser may ask for that."""
    owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if owner.fetchone() == (True,):
        owner.execute(WATCH)


class Copy:
    """A fresh copy of the template, with what is needed to make it fresh again."""

    def __init__(self, url: str) -> None:
        """Learn the copy's rows and sequences. It must be fresh."""
        self._connection = psycopg.connect(url, autocommit=True)
        ask = self._connection.execute
        self.watched = ask("SELECT to_regclass('test_watch.schema_change') IS NOT NULL").fetchone() == (True,)
        self._tables: dict[str, int] = dict(ask(TABLES).fetchall()) if self.watched else {}
        self._sequences = {name: last for name, last, _ in ask(SEQUENCES).fetchall()}
        empty = self._fingerprints(self._tables)
        self._rows = {name: self._copied(name) for name in empty if empty[name][0]}
        self._fingerprint = {name: empty[name] for name in self._rows}
        self._others = " UNION ALL ".join(
            f"SELECT '{name}', {oid}::oid WHERE EXISTS (SELECT FROM {name})"
            for name, oid in self._tables.items()
            if name not in self._rows
        )

    def close(self) -> None:
        """Close the connection to the copy."""
        self._connection.close()

    def clean(self) -> bool:
        """Take out what was left in the copy; return False where only a new copy will do."""
        if not self.watched:
            return False
        ask = self._connection.execute
        ask(END_OTHERS)
        if ask("SELECT EXISTS (SELECT FROM test_watch.schema_change)").fetchone() == (True,):
            return False
        now = self._fingerprints(self._rows)
        changed = [name for name in self._rows if now[name] != self._fingerprint[name]]
        left = [name for name, _ in ask(self._others).fetchall()]
        sizes = ask("SELECT pg_table_size(name::regclass) FROM unnest(%s::text[]) AS name", [left + changed]).fetchall()
        if any(size > LARGE_BYTES for (size,) in sizes):
            return False
        with self._connection.transaction():
            # No trigger stands in the way: neither the guards of the books nor those of foreign keys.
            ask("SET LOCAL session_replication_role = replica")
            for name in left + changed:
                ask(f"DELETE FROM {name}")
            for name in changed:
                self._fill(name)
            self._wind_back()
        return True

    def _fingerprints(self, names: dict[str, object] | dict[str, int]) -> dict[str, tuple[int, str]]:
        each = (
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {name} AS t"
            for name in names
        )
        found = self._connection.execute(" UNION ALL ".join(each)).fetchall() if names else []
        return {name: (count, total) for name, count, total in found}

    def _copied(self, name: str) -> bytes:
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {name} TO STDOUT (FORMAT binary)") as out:
            return b"".join(bytes(part) for part in out)

    def _fill(self, name: str) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as into:
            into.write(self._rows[name])

    def _wind_back(self) -> None:
        for name, last, start in self._connection.execute(SEQUENCES).fetchall():
            if last != (was := self._sequences[name]):
                value, called = (start, False) if was is None else (was, True)
                self._connection.execute(sql.SQL("SELECT setval(%s, %s, %s)"), [name, value, called])
