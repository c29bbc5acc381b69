"""PlanAcceptance: who agreed to which words of a payment plan."""

from django.db import models
from django.db.models import Q

from ledger.instalments.models import PaymentPlan


class PlanAcceptance(models.Model):
    """Who agreed to which words of a plan, when and how; append-only."""

    class Channel(models.TextChoices):
        PORTAL = "portal"
        PHONE = "phone"
        EMAIL = "email", "e-mail"
        LETTER = "letter"

    plan = models.OneToOneField(PaymentPlan, models.PROTECT, related_name="acceptance")
    accepted_by = models.CharField(max_length=200, help_text="The person, as they are known")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    wording_version = models.PositiveSmallIntegerField()
    wording_hash = models.CharField(max_length=64)
    proof_reference = models.CharField(max_length=60, blank=True, default="", help_text="How they were known, check:7")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    accepted_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["portal", "phone", "email", "letter"]),
                name="plan_acceptance_channel_is_known",
            ),
            models.CheckConstraint(
                condition=Q(channel="portal") | ~Q(proof_reference=""), name="plan_acceptance_elsewhere_is_proved"
            ),
        ]

    def __str__(self) -> str:
        return f"acceptance of plan {self.plan_id}"
