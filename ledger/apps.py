"""App config of the ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The book of record."""

    name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Ledger"
