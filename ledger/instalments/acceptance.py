"""PlanAcceptance: who agreed to which words of a payment plan."""

from django.db import models
from django.db.models import Q

from ledger.customers.acceptance import AcceptedWords
from ledger.instalments.models import PaymentPlan


class PlanAcceptance(AcceptedWords):
    """Who agreed to which words of a plan, when and how; append-only."""

    plan = models.OneToOneField(PaymentPlan, models.PROTECT, related_name="acceptance")
    wording_version = models.PositiveSmallIntegerField()

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
