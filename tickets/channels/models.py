"""Mailbox, PhoneLine and CallLog: where customers reach us."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


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
    """A billing phone number, printed on bills, with its hours."""

    number = models.CharField(max_length=20, unique=True, help_text="E.164")
    name = models.CharField(max_length=80)
    hours = models.ForeignKey("tickets.BusinessHours", models.PROTECT)
    closed_text = models.TextField(blank=True, default="")

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
