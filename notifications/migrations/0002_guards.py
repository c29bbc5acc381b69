"""The moves of messages, and attempts and consents that are only ever added, as SQL beside this file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

REMOVE = """
DROP TRIGGER IF EXISTS guard_state ON notifications_message;
DROP FUNCTION IF EXISTS fact_is_append_only() CASCADE;
"""


class Migration(migrations.Migration):
    """Run the file; backwards, remove what it made."""

    dependencies = [("notifications", "0001_initial"), ("ledger", "0003_guards")]

    operations = [migrations.RunSQL((SQL / "guards.sql").read_text(encoding="utf-8"), REMOVE)]
