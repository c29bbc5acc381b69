"""What the database itself keeps of money that comes back: states, schedules and facts that are never changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
#: Each file begins by dropping what it makes, so it says how to undo it too.
FORWARD = [
    "guards_before_money_back.sql",
    "holds.sql",
    "collecting.sql",
    "imports.sql",
    "collections.sql",
    "instalments.sql",
    "refunds.sql",
    "retries.sql",
    "reconciliation.sql",
    "disputes.sql",
]

#: The guards of states that grew go as well; 0007_guards_aside puts back those there were.
REMOVE = """
DROP TRIGGER IF EXISTS refund_waits_for_the_bank ON ledger_refund;
DROP FUNCTION IF EXISTS refund_waits_for_the_bank();
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_chargebackstep;
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_chargebackpack;
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_evidenceitem;
DROP TRIGGER IF EXISTS evidence_item_follows_the_last ON ledger_evidenceitem;
DROP FUNCTION IF EXISTS evidence_item_follows_the_last();
DROP TRIGGER IF EXISTS chargeback_goes_forward ON ledger_chargeback;
DROP FUNCTION IF EXISTS chargeback_goes_forward();
DROP FUNCTION IF EXISTS chargeback_rank(text, text);
DROP TRIGGER IF EXISTS dispute_is_appealed_once ON ledger_dispute;
DROP FUNCTION IF EXISTS dispute_is_appealed_once();
DROP TRIGGER IF EXISTS guard_state ON ledger_provisionalcredit;
DROP TRIGGER IF EXISTS guard_state ON ledger_chargeback;
DROP TRIGGER IF EXISTS guard_state ON ledger_dispute;
DROP TRIGGER IF EXISTS settlement_file_is_never_changed ON ledger_settlementfile;
DROP TRIGGER IF EXISTS settlement_line_keeps_what_was_said ON ledger_settlementline;
DROP FUNCTION IF EXISTS settlement_line_keeps_what_was_said();
DROP TRIGGER IF EXISTS guard_state ON ledger_break;
DROP TRIGGER IF EXISTS guard_state ON ledger_retry;
DROP TRIGGER IF EXISTS retry_keeps_its_plan ON ledger_retry;
DROP FUNCTION IF EXISTS retry_keeps_its_plan();
ALTER TABLE ledger_networkrule DROP CONSTRAINT IF EXISTS network_rule_one_in_force;
DROP FUNCTION IF EXISTS payment_plan_adds_up() CASCADE;
DROP TRIGGER IF EXISTS guard_state ON ledger_paymentplan;
DROP TRIGGER IF EXISTS guard_state ON ledger_instalment;
DROP TRIGGER IF EXISTS guard_state ON ledger_hardshipcase;
DROP TRIGGER IF EXISTS payment_plan_keeps_its_terms ON ledger_paymentplan;
DROP TRIGGER IF EXISTS instalment_keeps_its_terms ON ledger_instalment;
DROP TRIGGER IF EXISTS plan_acceptance_is_never_changed ON ledger_planacceptance;
DROP TRIGGER IF EXISTS hardship_case_keeps_what_was_said ON ledger_hardshipcase;
DROP TRIGGER IF EXISTS guard_state ON ledger_dunningstep;
DROP TRIGGER IF EXISTS guard_state ON ledger_paymentpromise;
DROP TRIGGER IF EXISTS late_fee_counts_a_day_once ON ledger_latefee;
DROP FUNCTION IF EXISTS late_fee_counts_a_day_once();
DROP TRIGGER IF EXISTS late_fee_keeps_its_figures ON ledger_latefee;
DROP FUNCTION IF EXISTS late_fee_keeps_its_figures();
DROP TRIGGER IF EXISTS imported_record_is_never_changed ON ledger_importedrecord;
DROP TRIGGER IF EXISTS guard_state ON ledger_importrun;
DROP TRIGGER IF EXISTS guard_state ON ledger_attempt;
DROP TRIGGER IF EXISTS guard_state ON ledger_gatewaycircuit;
DROP TRIGGER IF EXISTS collection_ends_with_its_attempt ON ledger_collection;
DROP FUNCTION IF EXISTS collection_ends_with_its_attempt();
DROP TRIGGER IF EXISTS hold_keeps_its_terms ON ledger_hold;
DROP FUNCTION IF EXISTS hold_keeps_its_terms();
DROP TRIGGER IF EXISTS guard_state ON ledger_refund;
DROP TRIGGER IF EXISTS guard_state ON ledger_adjustment;
DROP TRIGGER IF EXISTS guard_state ON ledger_correctionbatch;
DROP TRIGGER IF EXISTS guard_state ON ledger_correctionitem;
DROP TRIGGER IF EXISTS correction_item_keeps_its_terms ON ledger_correctionitem;
DROP TRIGGER IF EXISTS refund_waits_while_frozen ON ledger_refund;
DROP FUNCTION IF EXISTS refund_waits_while_frozen();
DROP TRIGGER IF EXISTS approval_has_enough_votes ON ledger_approval;
DROP FUNCTION IF EXISTS approval_has_enough_votes();
DROP TRIGGER IF EXISTS nobody_votes_for_their_own ON ledger_approvalvote;
DROP FUNCTION IF EXISTS nobody_votes_for_their_own();
DROP TRIGGER IF EXISTS vote_is_never_changed ON ledger_approvalvote;
DROP TRIGGER IF EXISTS freeze_is_lifted_once ON ledger_freeze;
DROP FUNCTION IF EXISTS freeze_is_lifted_once();
DROP TRIGGER IF EXISTS guard_state ON ledger_payment;
DROP TRIGGER IF EXISTS guard_state ON ledger_approval;
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0008_money_back")]

    operations = [migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in FORWARD], REMOVE)]
