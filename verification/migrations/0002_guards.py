"""The moves of identity checks, guarded by the database, as SQL beside this file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

REMOVE = """
DROP TRIGGER IF EXISTS guard_state ON verification_check;
"""


class Migration(migrations.Migration):
    """Run the file; backwards, remove what it made."""

    dependencies = [("verification", "0001_initial"), ("ledger", "0003_guards")]

    operations = [migrations.RunSQL((SQL / "guards.sql").read_text(encoding="utf-8"), REMOVE)]
