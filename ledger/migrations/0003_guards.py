"""Append-only events with their chain, and the state machines' guards, as SQL beside this file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

REMOVE = """
DROP FUNCTION IF EXISTS guard_state, evidence_is_frozen CASCADE;
DROP FUNCTION IF EXISTS seal_events(integer), event_hash(ledger_event, text), event_text(ledger_event) CASCADE;
DROP FUNCTION IF EXISTS event_is_append_only() CASCADE;
DROP TABLE IF EXISTS ledger_event_head;
DROP SEQUENCE IF EXISTS ledger_customer_number;
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0002_books")]

    operations = [
        migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in ("events.sql", "guards.sql")], REMOVE)
    ]
