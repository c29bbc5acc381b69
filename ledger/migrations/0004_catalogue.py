"""A plan becomes one kind of product, and prices belong to products. Guarded columns are about to change."""

from django.db import migrations

UNGUARD = "DROP TRIGGER guard_state ON ledger_invoice; DROP TRIGGER guard_state ON ledger_subscription"
GUARD = """
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_invoice FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>paid', 'paid>open', 'open>void');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscription FOR EACH ROW
    EXECUTE FUNCTION guard_state('active>paused', 'paused>active', 'active>cancelled', 'paused>cancelled');
"""


class Migration(migrations.Migration):
    """Rename, so that what was sold stays what it is; 0006 guards the columns again."""

    dependencies = [("ledger", "0003_guards")]

    operations = [
        migrations.RunSQL(UNGUARD, GUARD),
        migrations.RenameModel("Plan", "Product"),
        migrations.RemoveConstraint("Price", "one_price_per_plan_currency_and_day"),
        migrations.RenameField("Price", "plan", "product"),
        migrations.RemoveConstraint("Product", "plan_interval_is_known"),
    ]
