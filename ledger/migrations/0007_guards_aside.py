"""Guards of states are set aside while their columns change; 0009 makes them again."""

from pathlib import Path

from django.db import migrations

AS_DRAWN = (Path(__file__).parent / "sql" / "guards_before_money_back.sql").read_text(encoding="utf-8")

ASIDE = """
DROP TRIGGER IF EXISTS guard_state ON ledger_approval;
DROP TRIGGER IF EXISTS guard_state ON ledger_chargeback;
DROP TRIGGER IF EXISTS guard_state ON ledger_dispute;
DROP TRIGGER IF EXISTS guard_state ON ledger_payment;
DROP TRIGGER IF EXISTS guard_state ON ledger_refund;
"""


class Migration(migrations.Migration):
    """Drop the triggers; backwards, make them as they were."""

    dependencies = [("ledger", "0007_books_faster")]

    operations = [migrations.RunSQL(ASIDE, AS_DRAWN)]
