"""Agreements: proposed, offered, accepted by a customer who proved who they are, declined, ended."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Amount, Body, Exact, Id, Nothing, Text, WholeNumber
from billing_desk.api.pagination import Row
from billing_desk.api.resources import Resource, posts, refuse_bound, ticket_of
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from billing_desk.api.v1.payment_plans import ACCEPTED, AcceptanceBody
from ledger.agreements.deciding import decline_agreement
from ledger.agreements.offering import end_agreement, offer_agreement
from ledger.agreements.operations import propose_amendment
from ledger.agreements.terms import LONGEST_NOTICE_DAYS, LONGEST_TERM_MONTHS, Proposal
from ledger.customers.acceptance import Acceptance
from ledger.models import Agreement, AgreementAcceptance
from tickets.casework.agreements import accept_agreement_for_ticket

STATES = tuple(Agreement.State.values)
READ_ONLY = "it reads agreements and accepts them, nothing else"
TERMS = ("price", "percent", "plan", "starts_on", "term_months", "renews_months", "notice_days")


class AgreementBody(serializers.Serializer[Any]):
    """One version of what was agreed on for a subscription; bills follow it once it is accepted."""

    id, customer_id, subscription_id, version = (serializers.IntegerField() for _ in range(4))
    replaces_id = serializers.IntegerField(allow_null=True, help_text="The version it takes the place of")
    state = serializers.ChoiceField(STATES)
    plan_code, currency = serializers.CharField(), serializers.CharField()
    price = Amount(allow_null=True, help_text="Per unit and period; null: a percentage or the list price")
    percent = serializers.CharField(allow_null=True, help_text="Off the list price")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="The first day after its term")
    renews_months, notice_days = serializers.IntegerField(), serializers.IntegerField()
    wording_hash = serializers.CharField(help_text="SHA-256 of its words: what is accepted is named by it")
    offered_at = serializers.DateTimeField(allow_null=True)
    open_until = serializers.DateField(allow_null=True, help_text="The last day on which it can be accepted")
    accepted_at = serializers.DateTimeField(allow_null=True)
    until_on = serializers.DateField(allow_null=True, help_text="The first day on which it counts no more")


class AgreementWithWords(AgreementBody):
    """One version with its words, and who accepted them."""

    language, wording = serializers.CharField(), serializers.CharField()
    acceptance = AcceptanceBody(allow_null=True)


class NewAgreement(Body):
    """What the next version is to say: a price, or a percentage off the list price, or neither (the list price)."""

    subscription_id = Id()
    price = Amount(required=False)
    percent = Exact(max_digits=9, decimal_places=6, required=False, help_text='Off the list price, as text: "12.5"')
    plan = Text(max_length=40, required=False, help_text="Code of another plan; without it the running one")
    starts_on = serializers.DateField(required=False, help_text="The next billing day from here on is its first")
    term_months = WholeNumber(min_value=0, max_value=LONGEST_TERM_MONTHS, required=False)
    renews_months = WholeNumber(min_value=0, max_value=LONGEST_TERM_MONTHS, required=False)
    notice_days = WholeNumber(min_value=0, max_value=LONGEST_NOTICE_DAYS, required=False)
    reason = Text(max_length=300, help_text="Why, for the approver")
    conversation = Text(max_length=60, required=False, help_text='The case it was spoken of in, e.g. "ticket:9"')


class NewAcceptance(Body):
    """The customer's yes as it was taken down: who, how, when, to which words, in which case they were verified."""

    wording_hash = Text(min_length=64, max_length=64)
    accepted_by = Text(max_length=200, help_text="The person")
    channel = serializers.ChoiceField(["email", "phone", "letter"])
    accepted_at = serializers.DateTimeField(required=False, help_text="When they said so; now without it")
    contact_point_id = Id(required=False, help_text="The address on file it came from")
    conversation = Text(max_length=60, help_text='The case in which they proved who they are, e.g. "ticket:9"')


class AgreementReason(Body):
    """A reason, kept for good."""

    reason = Text(max_length=500)


class ShownAgreement(Shown):
    """An agreement as the API shows it; who is bound to a customer sees what was offered to them."""

    model, body, name = Agreement, AgreementBody, "agreement"
    whole_body, parts = AgreementWithWords, "its words"
    columns = (
        "id", "customer_id", "subscription_id", "version", "replaces_id", "state", "plan__code", "currency",
        "price_minor", "percent", "starts_on", "ends_on", "renews_months", "notice_days", "wording_hash", "offered_at",
        "open_until", "accepted_at", "until_on",
    )  # fmt: skip
    states = STATES
    narrows = (Narrows("subscription", "subscription_id", int, "Only this subscription's"),)

    @classmethod
    def visible(cls, client: Client) -> QuerySet[Any]:
        """Return the versions; what was never offered is nothing a customer knows of."""
        found = super().visible(client)
        return found if client.customer_id is None else found.exclude(offered_at=None)

    @classmethod
    def shape(cls, row: Row) -> Row:
        row["plan_code"], minor = row.pop("plan__code"), row.pop("price_minor")
        row["price"] = None if minor is None else {"amount_minor": minor, "currency": row["currency"]}
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one version with its words and who accepted them."""
        row = cls.one(client, pk)
        words = Agreement.objects.values("language", "wording").get(pk=pk)
        said = AgreementAcceptance.objects.filter(agreement_id=pk).values(*ACCEPTED).first()
        return {**row, **words, "acceptance": said}


class Agreements(Listing):
    """What was agreed on with customers."""

    shown, scopes = ShownAgreement, {"GET": "agreements:read", "POST": "agreements:write"}

    @posts("propose_agreement", NewAgreement, AgreementWithWords, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Propose the next version. What gives something away waits for a person's approval before it is offered."""
        refuse_bound(request.user, READ_ONLY)
        wanted = NewAgreement.read(request)
        proposal = Proposal(**{name: wanted.pop(name) for name in TERMS if name in wanted})
        subscription_id = wanted.pop("subscription_id")
        if "conversation" in wanted:
            ticket_of(request.user, wanted["conversation"])
        return ShownAgreement.created(request, propose_amendment, subscription_id, proposal=proposal, **wanted)


class OneAgreement(Single):
    """One version."""

    shown, scopes = ShownAgreement, {"GET": "agreements:read"}


class AgreementOffer(Resource):
    """Offering a version to the customer."""

    scopes = {"POST": "agreements:write"}

    @posts("offer_agreement", Nothing, AgreementWithWords)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Offer an approved version; the customer is told and may accept it up to its first day."""
        refuse_bound(request.user, READ_ONLY)
        return ShownAgreement.moved(request, pk, offer_agreement, **Nothing.read(request))


class AgreementAccepting(Resource):
    """The customer's yes."""

    scopes = {"POST": "agreements:write"}

    @posts("accept_agreement", NewAcceptance, AgreementWithWords)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Take down the customer's yes to exactly these words. They must be verified in the named case, now."""
        wanted = NewAcceptance.read(request)
        ticket_id = ticket_of(request.user, wanted.pop("conversation"))
        acceptance = Acceptance(said_at=wanted.pop("accepted_at", None), **wanted)
        return ShownAgreement.moved(request, pk, partial(accept_agreement_for_ticket, ticket_id), acceptance=acceptance)


class AgreementDecline(Resource):
    """No."""

    scopes = {"POST": "agreements:write"}

    @posts("decline_agreement", AgreementReason, AgreementWithWords)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Take an own proposal back, or note that the customer declined what was offered."""
        refuse_bound(request.user, READ_ONLY)
        return ShownAgreement.moved(request, pk, decline_agreement, **AgreementReason.read(request))


class AgreementEnd(Resource):
    """The end of what is agreed."""

    scopes = {"POST": "agreements:write"}

    @posts("end_agreement", AgreementReason, AgreementWithWords)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """End it with the next billing day after its notice; the list price counts from then on."""
        refuse_bound(request.user, READ_ONLY)
        return ShownAgreement.moved(request, pk, end_agreement, **AgreementReason.read(request))
