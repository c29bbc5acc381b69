"""Mailbox, PhoneLine and CallLog: where customers reach us."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Mailbox(models.Model):
    """A mailbox we poll. The password is never stored: it comes from the environment variable named here."""

    address = models.EmailField(unique=True)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField(default=993)
    username = models.CharField(max_length=200)
    password_variable = models.CharField(max_length=80, help_text="Name of the environment variable with the password")
    use_tls = models.BooleanField(default=True)
    folder = models.CharField(max_length=80, default="INBOX")
    queue = models.ForeignKey("tickets.Queue", models.PROTECT, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.address


class PhoneLine(models.Model):
    """A phone number customers may call, with its hours: the only place it is kept.

    Bills, mails, the portal and the widget ask for the active line of a purpose and the reader's country; a country
    without one gets the international line, which has no country. Documents keep the number they were printed with.
    """

    class Purpose(models.TextChoices):
        BILLING = "billing"
        SALES = "sales"
        TECHNICAL = "technical", "technical help"

    number = models.CharField(max_length=20, unique=True, help_text="E.164, e.g. +4930901820")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.BILLING)
    country = models.CharField(
        max_length=2, blank=True, default="", help_text="ISO code; empty: for every country without a line of its own"
    )
    languages = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, help_text="Spoken there, e.g. de,en"
    )
    hours = models.ForeignKey("tickets.BusinessHours", models.PROTECT)
    is_active = models.BooleanField(default=True)
    closed_text = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "country"],
                condition=Q(is_active=True),
                name="one_active_line_per_purpose_and_country",
                violation_error_message="There is an active line for this purpose and country; switch that off first.",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="phone_line_number_is_e164",
                violation_error_message="The number is written like +4930901820.",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["billing", "sales", "technical"]), name="phone_line_purpose_is_known"
            ),
            models.CheckConstraint(condition=Q(country__regex="^([A-Z]{2})?$"), name="phone_line_country_is_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class CallLog(models.Model):
    """One call: who seems to call, which line, what came of it. A number is never a proof of identity."""

    external_id = models.CharField(max_length=100, unique=True)
    line = models.ForeignKey(PhoneLine, models.PROTECT, null=True)
    caller = models.CharField(max_length=40, blank=True, default="", help_text="E.164; empty when withheld")
    caller_problem = models.CharField(max_length=120, blank=True, default="", help_text="withheld, malformed, shared")
    candidates = ArrayField(models.BigIntegerField(), default=list, help_text="Customers with this number on file")
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, null=True, related_name="calls")
    notes = models.TextField(blank=True, default="")
    outcome = models.CharField(max_length=80, blank=True, default="")
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"call {self.external_id}"
