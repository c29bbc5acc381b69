"""Notice: something a customer is told ahead of time, once; and how far ahead."""

from django.db import models
from django.db.models import F, Q


class LeadTime(models.Model):
    """How many days ahead a kind of notice goes out, by place and term. Supervisors edit it; the narrowest row wins."""

    kind = models.CharField(max_length=30, default="renewal")
    country = models.CharField(max_length=2, blank=True, default="", help_text="Empty: everywhere")
    region = models.CharField(max_length=6, blank=True, default="")
    interval = models.CharField(max_length=5, choices=[("month", "monthly"), ("year", "annual")])
    earliest_days = models.PositiveIntegerField(help_text="Not earlier than this many days ahead")
    latest_days = models.PositiveIntegerField(help_text="Not later than this many days ahead")
    source = models.CharField(max_length=300, help_text="The law or promise behind it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "country", "region", "interval"], name="one_lead_time_per_place_and_term"
            ),
            models.CheckConstraint(condition=Q(earliest_days__gte=F("latest_days")), name="lead_time_window_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.interval}: {self.earliest_days} to {self.latest_days} days ahead"


class Notice(models.Model):
    """One row per kind, subject and day it is about: the database forbids telling anybody twice."""

    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=60, help_text="e.g. subscription:9")
    about_on = models.DateField(help_text="The day it is about, e.g. of the renewal")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="notices")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    message = models.OneToOneField("notifications.Message", models.PROTECT, null=True, related_name="notice")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "about_on"], name="one_notice_per_kind_subject_and_day")
        ]
        indexes = [
            models.Index(fields=["id"], name="notice_not_told", condition=Q(message=None)),
            models.Index(fields=["customer", "-id"], name="notice_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} notice for {self.subject}"
