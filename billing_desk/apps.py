"""App config of the composition root."""

from django.apps import AppConfig


class BillingDeskConfig(AppConfig):
    """Screens and APIs over the four apps."""

    name = "billing_desk"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Billing desk"

    def ready(self) -> None:
        """Register the system checks."""
        from billing_desk import checks

        checks.register_checks()
