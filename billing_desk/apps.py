"""App config of the composition root."""

from django.apps import AppConfig


class BillingDeskConfig(AppConfig):
    """Screens and APIs over the four apps."""

    name = "billing_desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Billing desk"

    def ready(self) -> None:
        """Register the system checks, and load the Celery app, so that every process knows its broker."""
        from billing_desk import celery, checks

        celery.app.set_default()
        checks.register_checks()
