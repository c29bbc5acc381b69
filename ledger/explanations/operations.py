"""give_explanation, and renewing what was given once the facts behind it have changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.explanations.making import explain_subject
from ledger.explanations.models import GivenExplanation
from ledger.explanations.telling import Explanation, hash_of

RENEWER = Actor.system("renew_explanations")
#: Longer than any explanation, shorter than a mail gateway's patience.
LONGEST_TEXT = 20_000


@transaction.atomic
def give_explanation(explanation: Explanation, *, text: str = "", by: Actor, at: datetime) -> GivenExplanation:
    """This will keep what a customer is told, word for word; what stood before about it is superseded.

    `text` is what is really sent, where somebody worded it anew. The same text again returns the row that stands.

    :raises ClaimWithoutSource: if the text names an amount that nothing stands behind
    :raises InvalidInput: if it is empty or too long
    """
    text = text.strip() or explanation.text
    if not text or len(text) > LONGEST_TEXT:
        raise InvalidInput("An explanation says something, in at most 20,000 characters.")
    explanation.check(text)
    Customer.objects.select_for_update(no_key=True).get(pk=explanation.customer_id)
    standing = _standing(explanation)
    if standing is not None and (standing.hash, standing.facts_hash) == (hash_of(text), explanation.hash):
        return standing
    if standing is not None:
        _supersede(standing, by=by, at=at)
    given = GivenExplanation.objects.create(
        customer_id=explanation.customer_id,
        subject=explanation.subject,
        language=explanation.language,
        text=text,
        entry_ids=list(explanation.entry_ids),
        line_ids=list(explanation.line_ids),
        hash=hash_of(text),
        facts_hash=explanation.hash,
        given_at=at,
        given_by=str(by),
    )
    if standing is not None:
        GivenExplanation.objects.filter(pk=standing.pk).update(superseded_by=given)
    _record(kinds.EXPLANATION_GIVEN, given, by=by, at=at)
    return given


def _standing(explanation: Explanation) -> GivenExplanation | None:
    found = GivenExplanation.objects.select_for_update(of=("self",)).filter(
        subject=explanation.subject, language=explanation.language, superseded_at=None
    )
    return found.first()


def _supersede(standing: GivenExplanation, *, by: Actor, at: datetime) -> None:
    standing.supersede(None, at=max(at, standing.given_at))
    standing.save(update_fields=["superseded_at", "superseded_by"])
    _record(kinds.EXPLANATION_SUPERSEDED, standing, by=by, at=at)


def _record(kind: str, given: GivenExplanation, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=given,
        customer_id=given.customer_id,
        by=by,
        at=at,
        explains=given.subject,
        language=given.language,
        hash=given.hash,
        entries=given.entry_ids,
    )


@transaction.atomic
def renew_explanations(customer_id: int, *, by: Actor = RENEWER, at: datetime) -> list[GivenExplanation]:
    """This will make every standing explanation of a customer anew; those that now read otherwise are superseded.

    What was worded by hand is superseded by the generated text once the facts behind it have moved. Repeating is
    harmless.
    """
    standing = GivenExplanation.objects.filter(customer_id=customer_id, superseded_at=None).order_by("pk")
    renewed = []
    for given in standing:
        explanation = explain_subject(given.subject, given.language)
        if explanation.hash != given.facts_hash:
            renewed.append(give_explanation(explanation, by=by, at=at))
    return renewed
