"""App config of tickets."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """See the package's docstring."""

    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Tickets"
