"""Scenarios seen in what became of a subscription (pure): each returns its findings, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.explanations.scenarios.facts import AccountFacts, Agreed, Bill, Line
from ledger.explanations.scenarios.finding import Finding, Value
from ledger.explanations.scenarios.lines import on_bill


def first_bill_shorter(facts: AccountFacts) -> Iterator[Finding]:
    """The bill covers only part of a period, because the plan began, or its billing day moved, within it."""
    bill = facts.bill
    for line in bill.lines if bill else ():
        basis = line.basis
        is_stub = basis.kind == "plan" and basis.part < 1 and basis.cause in ("start", "renewal", "trial_end")
        if bill and is_stub and basis.days and basis.of_days and not facts.happened("subscription.billing_day_moved"):
            yield on_bill("first_bill_shorter", 83, bill, line, days=basis.days, of=basis.of_days)


def first_bill_longer(facts: AccountFacts) -> Iterator[Finding]:
    """The bill carries the plan for more than one period, as a first bill does that catches up."""
    bill = facts.bill
    seen: dict[tuple[str, str, str], list[Line]] = {}
    for line in bill.lines if bill and facts.before is None else ():
        if line.basis.kind == "plan" and line.start and line.end:
            seen.setdefault(line.key, []).append(line)
    for lines in seen.values():
        spans = sorted((line.start, line.end) for line in lines if line.start and line.end)
        if bill and len(set(spans)) > 1:
            values: dict[str, Value] = {"periods": len(set(spans)), "since": spans[0][0]}
            yield on_bill("first_bill_longer", 83, bill, lines[0], **values)


def trial_ended(facts: AccountFacts) -> Iterator[Finding]:
    """The free trial is over, and the bill is the first after it."""
    bill = facts.bill
    ends = {one.source: one.trial_ends_on for one in facts.subscriptions if one.trial_ends_on}
    for line in bill.lines if bill else ():
        ended = ends.get(line.source)
        is_first = line.basis.cause == "trial_end" or (ended is not None and line.start == ended)
        if bill and is_first and line.basis.kind == "plan":
            yield on_bill("trial_ended", 87, bill, line, since=ended or line.start or bill.issued_on)


def free_plan_ended(facts: AccountFacts) -> Iterator[Finding]:
    """What cost nothing before costs something now."""
    bill = facts.bill
    free = {old.key for old, _ in facts.pairs if not old.total.minor}
    for line in bill.lines if bill else ():
        if bill is None or line.basis.kind != "plan" or not line.total.minor:
            continue
        if line.key in free or (facts.before is None and _was_free(facts, line)):
            since = line.basis.price_from or line.start or bill.issued_on
            yield on_bill("free_plan_ended", 84, bill, line, since=since)


def _was_free(facts: AccountFacts, line: Line) -> bool:
    """Whether the version before the one that is billed cost nothing, while the subscription ran already."""
    since = line.basis.price_from
    running = next((one for one in facts.subscriptions if one.source == line.source), None)
    if since is None or running is None or running.started_on >= since:
        return False
    older = [one for one in facts.versions if one.product == line.basis.product and one.since < since]
    return bool(older) and max(older, key=lambda one: one.since).is_free


def plan_paused(facts: AccountFacts) -> Iterator[Finding]:
    """A subscription rests, so nothing is renewed."""
    for one in facts.subscriptions:
        if one.state == "paused" and one.paused_on and facts.is_recent(one.paused_on):
            yield _of_plan("plan_paused", 72, one, one.paused_on)


def plan_resumed(facts: AccountFacts) -> Iterator[Finding]:
    """A subscription that rested goes on."""
    for one, on in _told(facts, "subscription.resumed"):
        if one.state in ("active", "past_due"):
            yield _of_plan("plan_resumed", 74, one, on)


def final_bill(facts: AccountFacts) -> Iterator[Finding]:
    """The subscription is cancelled, and the bill is its last."""
    bill = facts.bill
    if bill is None:
        return
    for one in facts.subscriptions:
        if one.state != "cancelled" or one.ends_on is None or one.source not in {line.source for line in bill.lines}:
            continue
        if all(line.end is None or line.end <= one.ends_on for line in bill.lines if line.source == one.source):
            values: dict[str, Value] = {"plan": one.plan, "end": one.ends_on, "bill": bill.number, "amount": bill.total}
            yield Finding("final_bill", 81, bill.issued_on, (f"invoice:{bill.id}", one.source), values)


def billing_day_moved(facts: AccountFacts) -> Iterator[Finding]:
    """The billing day is another one, so one bill covers other days than usual."""
    for one, on in _told(facts, "subscription.billing_day_moved"):
        yield _of_plan("billing_day_moved", 80, one, on, facts.bill)


def _told(facts: AccountFacts, kind: str) -> Iterator[tuple[Agreed, date]]:
    known = {one.source: one for one in facts.subscriptions}
    for subject, on in {event.subject: event.on for event in facts.happened(kind)[::-1]}.items():
        if subject in known:
            yield known[subject], on


def _of_plan(scenario: str, fit: int, one: Agreed, on: date, bill: Bill | None = None) -> Finding:
    refs = (one.source, *([f"invoice:{bill.id}"] if bill else []))
    return Finding(scenario, fit, on, refs, {"plan": one.plan, "on": on})


DETECTORS = (
    first_bill_shorter,
    first_bill_longer,
    trial_ended,
    free_plan_ended,
    plan_paused,
    plan_resumed,
    final_bill,
    billing_day_moved,
)
