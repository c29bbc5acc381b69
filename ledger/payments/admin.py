"""Payments and payment methods, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction
from ledger.payments.attempt_models import Attempt, GatewayCircuit, GatewayReport, PaymentLink
from ledger.payments.mandate_models import Mandate
from ledger.payments.models import Payment, PaymentMethod
from ledger.payments.resolving import ask_now


@admin.register(Payment)
class PaymentAdmin(FactAdmin):
    """Money from customers."""

    list_display = ("number", "customer", "shown_amount", "state", "received_on", "card_last4", "failure_code")
    list_filter = ("state", "currency")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number", "=gateway_reference", "=external_id")

    @admin.display(description="Amount")
    def shown_amount(self, payment: Payment) -> str:
        """Show the amount as money."""
        return payment.amount.display()


@admin.register(PaymentMethod)
class PaymentMethodAdmin(FactAdmin):
    """Cards and accounts on file: the last four digits, never the gateway's token."""

    list_display = ("customer", "kind", "brand", "last4", "expires_on", "removed_at")
    list_select_related = ("customer",)
    exclude = ("token",)
    search_fields = ("=customer__number",)


def _is_answered(attempt: Attempt, _by: Actor) -> str | None:
    return None if attempt.is_open else "Its answer is final."


@admin.register(Attempt)
class AttemptAdmin(FactAdmin):
    """Tries to collect bills: one with an unknown answer is asked about by itself."""

    list_display = (
        "invoice", "customer", "shown_amount", "trigger", "state", "failure_code", "started_at", "ask_again_at",
    )  # fmt: skip
    list_filter = ("state", "trigger", "gateway")
    list_select_related = ("invoice", "customer")
    search_fields = ("=key", "=gateway_reference", "=invoice__number", "=customer__number")
    object_actions = (
        ObjectAction(
            "ask", "Ask the gateway now", ask_now, "billing_desk.reaction.retry", "The gateway was asked.",
            why_not=_is_answered, explains="Nothing is charged twice: the gateway knows this attempt by its key.",
        ),
    )  # fmt: skip

    @admin.display(description="Amount")
    def shown_amount(self, attempt: Attempt) -> str:
        """Show the amount as money."""
        return attempt.amount.display()


@admin.register(GatewayCircuit)
class GatewayCircuitAdmin(FactAdmin):
    """Whether each gateway is asked, rests, or is tried out."""

    list_display = ("gateway", "state", "errors", "tripped_at", "try_again_at")


@admin.register(GatewayReport)
class GatewayReportAdmin(FactAdmin):
    """What gateways told us, each kept once."""

    list_display = ("gateway", "report_id", "kind", "subject", "received_at")
    list_filter = ("gateway", "kind")
    search_fields = ("=report_id", "=subject")


@admin.register(PaymentLink)
class PaymentLinkAdmin(FactAdmin):
    """Links to pay one bill; the secret in them is not kept."""

    list_display = ("invoice", "customer", "made_by", "made_at", "expires_at", "withdrawn_at")
    list_select_related = ("invoice", "customer")
    exclude = ("hash",)
    search_fields = ("=invoice__number", "=customer__number")


@admin.register(Mandate)
class MandateAdmin(FactAdmin):
    """What customers agreed to, word for word, so that a card or account is kept."""

    list_display = ("reference", "customer", "kind", "method", "accepted_on", "notice_days", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("customer", "method")
    search_fields = ("=reference", "=gateway_reference", "=customer__number")
