"""The whole life of a rule: proposed, reviewed by somebody else, followed or ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from ledger.errors import DomainError, InvalidInput, NotAllowed, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.jurisdictions import examples
from ledger.jurisdictions.examples import ExampleFailed
from ledger.jurisdictions.kinds import KINDS, InvalidRule, check_params
from ledger.jurisdictions.models import JurisdictionRule
from ledger.jurisdictions.rules import NoRule

#: Who may write rules and say what a register answered.
KEEPERS = frozenset({"supervisor", "finance"})


#: Who may propose one; whatever they write, a keeper reviews it. Which keys may is decided when a key is issued.
PROPOSERS = KEEPERS | {"integration"}


class NoSuchRule(NotFound):
    """There is no such rule."""


class RuleNotProposed(DomainError):
    """The rule was approved or discarded before."""


class RuleNotInForce(DomainError):
    """Only an approved rule that has not ended can be ended."""


class AuthorIsReviewer(DomainError):
    """The person who wrote a rule cannot be the one who approves it."""


class LaterRuleExists(DomainError):
    """A rule for the same place begins later, so this one has to end before it."""


class NotKeeperOfRules(NotAllowed):
    """Only supervisors and finance keep the rules."""


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule as its author writes it."""

    kind: str
    params: Mapping[str, Any]
    valid_from: date
    source: str
    owner: str
    country: str = ""
    region: str = ""
    customer_type: str = ""
    category: str = ""
    valid_to: date | None = None
    wording: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    examples: Sequence[Mapping[str, Any]] = ()

    def row(self, **more: Any) -> JurisdictionRule:
        """Return the row to be; its author, the moment and anything else come with `more`."""
        return JurisdictionRule(**{**asdict(self), "examples": list(self.examples), **more})


@transaction.atomic
def propose_rule(spec: RuleSpec, *, by: Actor, at: datetime) -> JurisdictionRule:
    """This will write a rule down; it holds once somebody else has approved it.

    :raises InvalidRule: if it does not say what its kind has to say
    :raises ExampleFailed: if one of its own examples does not come out
    :raises NotKeeperOfRules: if the author is neither supervisor, finance nor an integration
    """
    check_keeper(by, among=PROPOSERS)
    check_proposal(spec)
    row = spec.row(author=str(by), proposed_at=at)
    row.save()
    record_event(
        kinds.JURISDICTION_RULE_PROPOSED, subject=row, customer_id=None, by=by, at=at, rule=str(row), params=row.params,
        source=row.source,
    )  # fmt: skip
    return row


@transaction.atomic
def approve_rule(rule_id: int, *, by: Actor, at: datetime) -> JurisdictionRule:
    """This will put a rule in force from its first day; the one it follows ends there.

    :raises RuleNotProposed: if it was decided before
    :raises AuthorIsReviewer: if the author asks
    :raises LaterRuleExists: if a later rule for the same place would overlap
    :raises ExampleFailed: if an example does not come out with the rules of today
    """
    check_keeper(by)
    _wait_for_turn()
    row = _lock(rule_id)
    if row.state != JurisdictionRule.State.PROPOSED:
        raise RuleNotProposed("This rule was decided before.")
    if row.author == str(by):
        raise AuthorIsReviewer("Somebody else has to approve this rule: you wrote it.")
    _run_examples(row)
    _end_predecessors(row, by=by, at=at)
    row.approve(by=str(by), at=at)
    row.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    record_event(kinds.JURISDICTION_RULE_APPROVED, subject=row, customer_id=None, by=by, at=at, rule=str(row))
    return row


@transaction.atomic
def discard_rule(rule_id: int, *, reason: str, by: Actor, at: datetime) -> JurisdictionRule:
    """This will drop a proposal; it stays on the record.

    :raises RuleNotProposed: if it was decided before
    """
    check_keeper(by)
    row = _lock(rule_id)
    if row.state != JurisdictionRule.State.PROPOSED:
        raise RuleNotProposed("This rule was decided before.")
    row.discard(reason=_reason(reason))
    row.save(update_fields=["state", "closing_reason"])
    record_event(
        kinds.JURISDICTION_RULE_DISCARDED, subject=row, customer_id=None, by=by, at=at, rule=str(row), why=reason
    )
    return row


@transaction.atomic
def end_rule(rule_id: int, *, on: date, reason: str, by: Actor, at: datetime) -> JurisdictionRule:
    """This will end a rule: `on` is the first day without it. What nothing follows blocks the documents it was for.

    :raises RuleNotInForce: if it is not approved, or has ended by then
    """
    check_keeper(by)
    row = _lock(rule_id)
    if row.state != JurisdictionRule.State.APPROVED or (row.valid_to and row.valid_to <= on) or on < row.valid_from:
        raise RuleNotInForce("Only a rule in force can be ended, on a day between its first and its last.")
    _end(row, on=on, reason=_reason(reason), by=by, at=at)
    return row


@transaction.atomic
def confirm_rule(rule_id: int, *, by: Actor, at: datetime) -> JurisdictionRule:
    """This will sign a rule that came with the product, after comparing it with its source.

    :raises RuleNotInForce: if it was not shipped, or is signed already
    """
    check_keeper(by)
    row = _lock(rule_id)
    if row.state != JurisdictionRule.State.APPROVED or row.reviewed_by:
        raise RuleNotInForce("Only a rule that came with the product is confirmed, once.")
    row.reviewed_by, row.reviewed_at = str(by), at
    row.save(update_fields=["reviewed_by", "reviewed_at"])
    record_event(kinds.JURISDICTION_RULE_CONFIRMED, subject=row, customer_id=None, by=by, at=at, rule=str(row))
    return row


def note_missing_rule(problem: NoRule, *, subject: str, customer_id: int | None, by: Actor, at: datetime) -> Event:
    """This will put a blocked document on the list of missing rules; call it outside the refused transaction.

    The gap is the event's subject, the document stands in its data. Each blocked document is noted.
    """
    place = problem.place
    return record_event(
        kinds.JURISDICTION_RULE_MISSING, subject=problem.missing[:60], customer_id=customer_id, by=by, at=at,
        rule_kind=problem.kind, country=place.country, region=place.region, customer_type=place.customer_type,
        category=place.category, on=str(problem.on), blocked=subject, reason=str(problem),
    )  # fmt: skip


def check_keeper(by: Actor, *, among: frozenset[str] = KEEPERS) -> None:
    """Refuse who may not keep the rules.

    :raises NotKeeperOfRules: if they are neither supervisor nor finance
    """
    if by.kind != ActorKind.SYSTEM and not among & by.roles:
        raise NotKeeperOfRules("Only supervisors and finance keep the rules of countries.")


def check_proposal(spec: RuleSpec) -> None:
    """Refuse a rule that does not say what its kind has to say, or whose examples do not come out.

    :raises InvalidRule: naming the part that is wrong
    :raises ExampleFailed: naming the example that does not come out
    """
    _check_spec(spec)
    _run_examples(spec.row())


def _check_spec(spec: RuleSpec) -> None:
    check_params(spec.kind, spec.params)
    if not spec.source.strip() or not spec.owner.strip():
        raise InvalidRule("A rule needs its source (law, section, where it can be read) and an owner.")
    if KINDS[spec.kind].needs_country and not spec.country:
        raise InvalidRule(f"A {spec.kind} rule is for a country: for everywhere it would be a guess.")
    country = spec.country
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise InvalidRule(f"{country!r} is not an ISO 3166-1 country code.")
    if spec.region and not spec.region.startswith(f"{country}-"):
        raise InvalidRule(f"{spec.region!r} is not an ISO 3166-2 region of {country or 'no country'}.")
    if spec.customer_type not in {"", "consumer", "business"}:
        raise InvalidRule("A rule is for a consumer, a business, or (empty) for both.")
    if spec.valid_to is not None and spec.valid_to <= spec.valid_from:
        raise InvalidRule("A rule ends after it begins.")
    texts = spec.wording
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise InvalidRule('The wording is one text per language: {"en": "Reverse charge"}.')


def _run_examples(row: JurisdictionRule) -> None:
    """Run the rule's examples beside the rules approved so far."""
    others = [other.rule for other in JurisdictionRule.objects.filter(state=JurisdictionRule.State.APPROVED)]
    wrong = examples.failures(row.rule, row.examples, others)
    if wrong:
        raise ExampleFailed(" ".join(wrong))


def _end_predecessors(row: JurisdictionRule, *, by: Actor, at: datetime) -> None:
    """End the rule that this one follows on the day this one begins."""
    place = {name: getattr(row, name) for name in ("kind", "country", "region", "customer_type", "category")}
    same = JurisdictionRule.objects.filter(**place, state=JurisdictionRule.State.APPROVED)
    overlapping = same.filter(Q(valid_to=None) | Q(valid_to__gt=row.valid_from))
    if row.valid_to is not None:
        overlapping = overlapping.filter(valid_from__lt=row.valid_to)
    for other in overlapping.select_for_update().order_by("valid_from"):
        if other.valid_from > row.valid_from:
            raise LaterRuleExists(f"Another rule begins on {other.valid_from}: let this one end by then.")
        _end(other, on=row.valid_from, reason=f"Followed by rule {row.pk}", by=by, at=at)


def _end(row: JurisdictionRule, *, on: date, reason: str, by: Actor, at: datetime) -> None:
    row.valid_to, row.closing_reason = on, reason
    row.save(update_fields=["valid_to", "closing_reason"])
    record_event(
        kinds.JURISDICTION_RULE_ENDED, subject=row, customer_id=None, by=by, at=at, rule=str(row), on=on.isoformat(),
        why=reason,
    )  # fmt: skip


def _wait_for_turn() -> None:
    """Let approvals follow one another, so that each sees the rule the one before put in force."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger_jurisdictionrule'))")


def _lock(rule_id: int) -> JurisdictionRule:
    row = JurisdictionRule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None:
        raise NoSuchRule("There is no such rule.")
    return row


def _reason(text: str) -> str:
    if not text.strip():
        raise InvalidInput("Say why, in a few words.")
    return text.strip()[:300]
