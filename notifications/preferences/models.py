"""Preference and Consent: how, in which language and when a customer wants to hear from us."""

from django.db import models
from django.db.models import Q


class Preference(models.Model):
    """One customer's choice; without a row the customer's language, e-mail and no quiet hours apply."""

    customer = models.OneToOneField("ledger.Customer", models.PROTECT, related_name="preference")
    channel = models.CharField(max_length=6, choices=[("email", "E-mail"), ("sms", "Text message")], default="email")
    language = models.CharField(max_length=12, blank=True, default="")
    quiet_from = models.TimeField(null=True, help_text="Local time; messages that can wait do until quiet hours end")
    quiet_until = models.TimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=["email", "sms"]), name="preference_channel_is_known"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"preference of customer {self.customer_id}"


class Consent(models.Model):
    """Said yes or no to a kind of message at a moment; append-only, the newest row holds."""

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=40, help_text="marketing, sms, …; messages about money owed need none")
    granted = models.BooleanField()
    source = models.CharField(max_length=120, help_text="How it was said, e.g. STOP by text message")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "kind", "-id"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{'yes' if self.granted else 'no'} to {self.kind} by customer {self.customer_id}"
