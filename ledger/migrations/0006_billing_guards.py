"""What the database itself keeps of billing: states, price versions and facts that are never changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
#: Each file begins by dropping what it makes, so it says how to undo it too.
FORWARD = ["billing_guards.sql"]

REMOVE = """
DROP TRIGGER IF EXISTS guard_state ON ledger_invoice;
DROP TRIGGER IF EXISTS guard_state ON ledger_subscription;
DROP TRIGGER IF EXISTS price_is_never_changed ON ledger_price;
DROP TRIGGER IF EXISTS usage_event_is_never_changed ON ledger_usageevent;
DROP FUNCTION IF EXISTS fact_is_never_changed() CASCADE;
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0005_billing")]

    operations = [migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in FORWARD], REMOVE)]
