"""App config of the composition root."""

from django.apps import AppConfig


class BillingDeskConfig(AppConfig):
    """Screens and APIs over the four apps."""

    name = "billing_desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Billing desk"

    def ready(self) -> None:
        """Load the Celery app and the reactions, so every process knows its broker and what follows; add the checks."""
        from billing_desk import celery, checks
        from ledger.events import outbox

        celery.app.set_default()
        outbox.table()
        checks.register_checks()
