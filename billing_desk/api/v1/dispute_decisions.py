"""Read everything about a dispute, and decide it: a decision carries the token of what was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import KEY, Resource, posts, problems, refuse_others_object
from billing_desk.api.v1.disputes import DisputeBody, ShownDispute
from ledger.disputes.operations import mark_seen, reject_dispute, uphold_dispute, uphold_dispute_partly
from ledger.disputes.queries import evidence_items, evidence_of, get_dispute, recommendation_for
from ledger.errors import InvalidInput, NotAllowed
from ledger.events.actor import Actor
from ledger.models import Dispute

OUTCOMES = ["upheld", "partly_upheld", "rejected"]


class RecommendationBody(serializers.Serializer[Any]):
    """What the facts recommend."""

    outcome = serializers.ChoiceField([*OUTCOMES, "look"])
    amount = Amount()
    because = serializers.ListField(child=serializers.CharField())


class EvidenceBody(serializers.Serializer[Any]):
    """One piece of evidence: its text is canonical JSON, its hash covers it and the one before."""

    hash = serializers.CharField()
    content = serializers.CharField()


class ReviewBody(serializers.Serializer[Any]):
    """Everything to read before a decision, and the token that says it was read."""

    review_token = serializers.CharField(help_text="Goes with the decision; worthless as soon as something new arrives")
    recommendation = RecommendationBody()
    evidence = EvidenceBody(many=True)


class NewDecision(Body):
    """A decision of a dispute."""

    outcome = serializers.ChoiceField(OUTCOMES)
    amount = Amount(required=False, help_text="Tax included; only with partly_upheld")
    explanation = Text(max_length=2000, help_text="The customer reads it")
    deviation = Text(max_length=500, required=False, help_text="Why it is not what the facts recommend")
    review_token = Text(max_length=64, required=False, help_text="Of the review; without it the answer is 409")


def _refuse_own(request: Request, pk: int) -> None:
    """Refuse keys of a single customer: nobody judges their own dispute."""
    refuse_others_object(request.user, Dispute, pk)
    if request.user.customer_id is not None:
        raise NotAllowed("A customer's own key reads disputes; it does not decide them.")


class DisputeReview(Resource):
    """Everything about a dispute."""

    scopes = {"POST": "disputes:decide"}

    @extend_schema(
        operation_id="review_dispute", request=None, parameters=[KEY], responses={200: ReviewBody, **problems()}
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Hand out all there is to read, note that it was read, and give the token for a decision."""
        _refuse_own(request, pk)

        def effect(at: datetime) -> tuple[int, Row]:
            return 200, _review(pk, by=request.user.actor, at=at)

        return once(request, effect)


def _review(pk: int, *, by: Actor, at: datetime) -> Row:
    token = mark_seen(pk, by=by, at=at)
    found, bundle = recommendation_for(get_dispute(pk)), evidence_of(pk)
    pieces = ([bundle] if bundle else []) + list(evidence_items(pk))
    amount = {"amount_minor": found.amount.minor, "currency": found.amount.currency}
    return {
        "review_token": token,
        "recommendation": {"outcome": found.outcome, "amount": amount, "because": list(found.because)},
        "evidence": [{"hash": piece.hash, "content": piece.content} for piece in pieces],
    }


class DisputeDecision(Resource):
    """The decision of a dispute."""

    scopes = {"POST": "disputes:decide"}

    @posts("decide_dispute", NewDecision, DisputeBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Decide an open dispute on the token of its review; without the newest token it is refused with 409."""
        _refuse_own(request, pk)
        wanted = NewDecision.read(request)
        return ShownDispute.moved(request, pk, _decide, wanted=wanted)


def _decide(pk: int, *, wanted: dict[str, Any], by: Actor, at: datetime) -> None:
    said: dict[str, Any] = {
        "explanation": wanted["explanation"],
        "deviation": wanted.get("deviation", ""),
        "review_token": wanted.get("review_token", ""),
    }
    if (wanted["outcome"] == "partly_upheld") != ("amount" in wanted):
        raise InvalidInput("An amount goes with partly_upheld, and only with it.")
    if wanted["outcome"] == "partly_upheld":
        uphold_dispute_partly(pk, amount=wanted["amount"], **said, by=by, at=at)
    elif wanted["outcome"] == "upheld":
        uphold_dispute(pk, **said, by=by, at=at)
    else:
        reject_dispute(pk, **said, by=by, at=at)
