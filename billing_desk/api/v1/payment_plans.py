"""Payment plans with their instalments, and whether a customer is helped in hardship: to read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Amount, amount
from billing_desk.api.pagination import Row
from billing_desk.api.shown import Listing, Shown, Single
from ledger.models import HardshipCase, Instalment, PaymentPlan, PlanAcceptance, PlanBill

PLAN_STATES = tuple(PaymentPlan.State.values)
ACCEPTED = ("accepted_by", "channel", "accepted_at", "wording_hash", "proof_reference")


class AcceptanceBody(serializers.Serializer[Any]):
    """Who said yes to which words, when and how they were known."""

    accepted_by = serializers.CharField()
    channel = serializers.ChoiceField(["portal", "email", "phone", "letter"])
    accepted_at = serializers.DateTimeField()
    wording_hash = serializers.CharField()
    proof_reference = serializers.CharField(help_text="The check that proved who they are; empty: they were signed in")


class PlanBody(serializers.Serializer[Any]):
    """An overdue amount in instalments; `covered` is what they add up to now."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    customer_id = serializers.IntegerField()
    state = serializers.ChoiceField(PLAN_STATES)
    agreed, covered, can_pay_monthly = Amount(), Amount(), Amount()
    every = serializers.ChoiceField(PaymentPlan.Every.values)
    charges_automatically = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    open_until = serializers.DateField(help_text="The last day on which it can be accepted")
    agreed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class InstalmentBody(serializers.Serializer[Any]):
    """One part, due on one business day."""

    position = serializers.IntegerField()
    due_on = serializers.DateField()
    amount, paid, waived = Amount(), Amount(), Amount()
    state = serializers.ChoiceField(Instalment.State.values)
    cure_until = serializers.DateField(allow_null=True, help_text="Until when a missed one can be made good")


class PlanBillBody(serializers.Serializer[Any]):
    """One bill it covers."""

    invoice_id = serializers.IntegerField()
    covered = Amount()


class PlanWithInstalments(PlanBody):
    """A plan with its parts, its bills, its words, and who agreed to them."""

    instalments = InstalmentBody(many=True)
    bills = PlanBillBody(many=True)
    language, wording = serializers.CharField(), serializers.CharField()
    wording_hash = serializers.CharField()
    acceptance = AcceptanceBody(allow_null=True)


class HardshipBody(serializers.Serializer[Any]):
    """That a customer is helped because they cannot pay; what they said stays with the people who help."""

    id = serializers.IntegerField()
    customer_id = serializers.IntegerField()
    cause = serializers.ChoiceField(HardshipCase.Cause.values)
    state = serializers.ChoiceField(HardshipCase.State.values)
    outcome = serializers.CharField(help_text="What was decided: plan, pause, cheaper, nothing; empty: not yet")
    review_on = serializers.DateField()
    opened_at = serializers.DateTimeField()
    reviewed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ShownPlan(Shown):
    """A payment plan as the API shows it."""

    model, body, name = PaymentPlan, PlanBody, "payment_plan"
    whole_body, parts = PlanWithInstalments, "its instalments, bills and words"
    columns = (
        "id", "number", "customer_id", "state", "currency", "agreed_minor", "covered_minor", "can_pay_monthly_minor",
        "every", "charges_automatically", "requested_at", "open_until", "agreed_at", "closed_at",
    )  # fmt: skip
    states = PLAN_STATES

    @classmethod
    def shape(cls, row: Row) -> Row:
        for name in ("agreed", "covered", "can_pay_monthly"):
            amount(row, f"{name}_minor", name)
        del row["currency"]
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one plan with what belongs to it."""
        row = cls.one(client, pk)
        words = PaymentPlan.objects.values("language", "wording", "wording_hash").get(pk=pk)
        said = PlanAcceptance.objects.filter(plan_id=pk).values(*ACCEPTED).first()
        return {**row, **words, "instalments": _instalments(pk), "bills": _bills(pk), "acceptance": said}


def _instalments(plan_id: int) -> list[Row]:
    columns = ("position", "due_on", "currency", "amount_minor", "paid_minor", "waived_minor", "state", "cure_until")
    rows = list(Instalment.objects.filter(plan_id=plan_id).order_by("position").values(*columns))
    for row in rows:
        for name in ("amount", "paid", "waived"):
            amount(row, f"{name}_minor", name)
        del row["currency"]
    return rows


def _bills(plan_id: int) -> list[Row]:
    found = PlanBill.objects.filter(plan_id=plan_id).order_by("pk")
    rows = list(found.values("invoice_id", "currency", "covered_minor"))
    for row in rows:
        amount(row, "covered_minor", "covered")
        del row["currency"]
    return rows


class PaymentPlans(Listing):
    """Amounts paid in instalments."""

    shown, scopes = ShownPlan, {"GET": "payment_plans:read"}


class OnePaymentPlan(Single):
    """One plan."""

    shown, scopes = ShownPlan, {"GET": "payment_plans:read"}


class ShownHardship(Shown):
    """A hardship case as the API shows it."""

    model, body, name = HardshipCase, HardshipBody, "hardship_case"
    columns = tuple(HardshipBody._declared_fields)
    states = tuple(HardshipCase.State.values)


class HardshipCases(Listing):
    """Customers who said that they cannot pay."""

    shown, scopes = ShownHardship, {"GET": "hardship:read"}


class OneHardshipCase(Single):
    """One case."""

    shown, scopes = ShownHardship, {"GET": "hardship:read"}
