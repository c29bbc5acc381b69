"""What the database itself keeps of money that comes back: states, schedules and facts that are never changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
#: Each file begins by dropping what it makes, so it says how to undo it too.
FORWARD = ["holds.sql"]

REMOVE = """
DROP TRIGGER IF EXISTS hold_keeps_its_terms ON ledger_hold;
DROP FUNCTION IF EXISTS hold_keeps_its_terms();
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0008_money_back")]

    operations = [migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in FORWARD], REMOVE)]
