"""App config of verification."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    """See the package's docstring."""

    name = "verification"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Verification"
