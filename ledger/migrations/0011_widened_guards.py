"""What the database itself keeps of the widened tables."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
#: Each file begins by dropping what it makes, so it says how to undo it too.
FORWARD: list[str] = [
    "tax_corrections.sql",
    "choices.sql",
    "gateway_widened.sql",
]

REMOVE = """
DROP TRIGGER IF EXISTS correction_item_keeps_its_right_tax ON ledger_correctionitem;
DROP TRIGGER IF EXISTS credit_notes_stay_within_the_line ON ledger_creditnoteline;
DROP FUNCTION IF EXISTS credit_notes_stay_within_the_line();
DROP TRIGGER IF EXISTS shown_offer_keeps_what_was_read ON ledger_shownoffer;
DROP TRIGGER IF EXISTS guard_state ON ledger_shownoffer;
DROP TRIGGER IF EXISTS letter_stays_in_its_file ON ledger_letter;
DROP TRIGGER IF EXISTS guard_state ON ledger_letter;
DROP TRIGGER IF EXISTS guard_state ON ledger_printbatch;
DROP TRIGGER IF EXISTS delivery_choice_keeps_what_was_chosen ON ledger_deliverychoice;
DROP TRIGGER IF EXISTS guard_state ON ledger_deliverychoice;
DROP TRIGGER IF EXISTS method_choice_keeps_what_was_chosen ON ledger_methodchoice;
DROP TRIGGER IF EXISTS guard_state ON ledger_methodchoice;
DROP TRIGGER IF EXISTS guard_state ON ledger_subscription;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscription FOR EACH ROW
    EXECUTE FUNCTION guard_state('trial>active', 'trial>cancelled', 'active>past_due', 'past_due>active',
        'active>paused', 'paused>active', 'active>cancelled', 'past_due>cancelled', 'paused>cancelled',
        'cancelled>active', 'cancelled>trial');
DROP TRIGGER IF EXISTS guard_state ON ledger_chargebackanswer;
DROP TRIGGER IF EXISTS chargeback_answer_keeps_its_pack ON ledger_chargebackanswer;
DROP TRIGGER IF EXISTS guard_state ON ledger_parkedreport;
DROP TRIGGER IF EXISTS refund_credit_never_comes_back ON ledger_refund;
DROP FUNCTION IF EXISTS refund_credit_never_comes_back();
DROP TRIGGER IF EXISTS mandate_keeps_what_was_accepted ON ledger_mandate;
DROP FUNCTION IF EXISTS mandate_keeps_what_was_accepted();
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0010_widened")]

    operations = [migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in FORWARD], REMOVE)]
