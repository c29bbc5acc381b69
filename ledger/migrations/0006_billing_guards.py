"""What the database itself keeps of billing: states, price versions and facts that are never changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
#: Each file begins by dropping what it makes, so it says how to undo it too.
FORWARD = [
    "billing_guards.sql",
    "invoices.sql",
    "discounts.sql",
    "billing_run.sql",
    "jurisdictions.sql",
    "fx.sql",
    "documents.sql",
    "explanations.sql",
    "closing.sql",
    "agreements.sql",
]

REMOVE = """
DROP FUNCTION IF EXISTS terms_come_from_what_was_accepted() CASCADE;
DROP TRIGGER IF EXISTS subscription_terms_are_never_changed ON ledger_subscriptionterms;
DROP TRIGGER IF EXISTS agreement_acceptance_is_never_changed ON ledger_agreementacceptance;
DROP TRIGGER IF EXISTS agreement_keeps_its_terms ON ledger_agreement;
DROP TRIGGER IF EXISTS guard_state ON ledger_agreement;
DROP FUNCTION IF EXISTS given_explanation_is_only_superseded() CASCADE;
DROP TRIGGER IF EXISTS guard_state ON ledger_monthclose;
DROP TRIGGER IF EXISTS recognition_is_never_changed ON ledger_recognition;
DROP TRIGGER IF EXISTS guard_state ON ledger_discountgrant;
DROP TRIGGER IF EXISTS discount_keeps_its_terms ON ledger_discountgrant;
DROP TRIGGER IF EXISTS document_is_never_changed ON ledger_document;
DROP TRIGGER IF EXISTS guard_state ON ledger_billingrun;
DROP TRIGGER IF EXISTS billing_step_is_never_changed ON ledger_billingstep;
DROP TRIGGER IF EXISTS guard_state ON ledger_invoice;
DROP FUNCTION IF EXISTS invoice_keeps_what_was_asked() CASCADE;
DROP FUNCTION IF EXISTS invoice_line_keeps_what_was_asked() CASCADE;
DROP TRIGGER IF EXISTS credit_note_is_never_changed ON ledger_creditnote;
DROP TRIGGER IF EXISTS credit_note_line_is_never_changed ON ledger_creditnoteline;
DROP TRIGGER IF EXISTS guard_state ON ledger_subscription;
DROP TRIGGER IF EXISTS guard_state ON ledger_subscriptionchange;
DROP TRIGGER IF EXISTS price_is_never_changed ON ledger_price;
DROP TRIGGER IF EXISTS usage_event_is_never_changed ON ledger_usageevent;
DROP TRIGGER IF EXISTS guard_state ON ledger_jurisdictionrule;
DROP TRIGGER IF EXISTS jurisdiction_rule_keeps_its_content ON ledger_jurisdictionrule;
DROP FUNCTION IF EXISTS jurisdiction_rule_keeps_its_content();
ALTER TABLE ledger_jurisdictionrule DROP CONSTRAINT IF EXISTS jurisdiction_rule_one_in_force_per_place;
DROP TRIGGER IF EXISTS tax_id_check_is_never_changed ON ledger_taxidcheck;
DROP TRIGGER IF EXISTS exchange_rate_is_never_changed ON ledger_exchangerate;
DROP TRIGGER IF EXISTS exchange_is_never_changed ON ledger_exchange;
DROP TRIGGER IF EXISTS position_step_is_never_changed ON ledger_positionstep;
DROP FUNCTION IF EXISTS fact_is_never_changed() CASCADE;
"""


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0005_billing")]

    operations = [migrations.RunSQL([(SQL / name).read_text(encoding="utf-8") for name in FORWARD], REMOVE)]
