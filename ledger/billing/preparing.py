"""From claimed rows to bills: rated and taxed in memory by the very functions that previews use.

Most subscribers share their figures: what was rated once is kept for all who have the same plan, quantity, add-ons,
days and tax. Use and discounts are everybody's own, so those bills are made one by one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ledger.billing.bills import Bill, Item, Problem, Sums
from ledger.billing.claiming import Claimed
from ledger.billing.figures import Figures, StepData
from ledger.billing.late_use import LateUse, find_late_use
from ledger.charges.basis import discount_amount, to_json
from ledger.customers.models import Customer
from ledger.discounts.rules import taken_by_grant
from ledger.errors import DomainError
from ledger.invoices.building import PAYMENT_TERM_DAYS
from ledger.invoices.taxing import BillLine, BillPart, bill_of
from ledger.jurisdictions.rules import NoRule
from ledger.periods import Period
from ledger.subscriptions import rating
from ledger.subscriptions.facts import wanted_use
from ledger.subscriptions.rating import Facts, Rated
from ledger.usage.queries import quantities

log = logging.getLogger(__name__)

Use = dict[str, Decimal]


class AccountClosed(DomainError):
    """A closed account is not billed."""


class NoAddress(DomainError):
    """A bill that nobody can receive is not issued."""


class UnknownTimeZone(DomainError):
    """Nobody can say which day it is for the customer."""


@dataclass(frozen=True, slots=True)
class Case:
    """A claimed subscription with what is to be billed: a period in advance, or the use of its last days."""

    row: Claimed
    facts: Facts
    period: Period
    is_last: bool


def prepare(claimed: Sequence[Claimed], figures: Figures, *, is_last: bool = False) -> tuple[list[Bill], list[Problem]]:
    """Rate and tax what was claimed; whatever cannot be billed becomes a problem and costs nobody else anything.

    Of a customer with discounts only the first subscription is billed: the next step knows what is left of them.
    """
    data = StepData.read(claimed, figures)
    cases, problems = _cases(claimed, data, is_last=is_last)
    used = _used(cases)
    late: Mapping[int, LateUse] = find_late_use([case.facts for case in cases], figures.prices)
    bills = []
    for case in cases:
        key = case.facts.subscription_id
        try:
            bills.append(_bill(case, data, used.get(key), late.get(key)))
        except Exception as cause:
            problems.append(problem_of(case.row, cause))
    return bills, problems


def problem_of(row: Claimed, cause: Exception) -> Problem:
    """Say why a subscription could not be billed, in words for an operator."""
    words = str(cause)
    if not isinstance(cause, DomainError):
        log.error("subscription %s could not be rated", row.subscription_id, exc_info=cause)
        words = f"Something unexpected went wrong: {cause!r}"
    gap = cause if isinstance(cause, NoRule) else None
    return Problem(row.subscription_id, row.customer_id, row.renews_on, type(cause).__name__, words[:500], gap)


def _cases(claimed: Sequence[Claimed], data: StepData, *, is_last: bool) -> tuple[list[Case], list[Problem]]:
    cases, problems, discounted = list[Case](), list[Problem](), set[int]()
    for row in claimed:
        if row.customer_id in discounted:
            continue
        try:
            _check(row, data.figures)
            facts = data.facts(row)
            cases.append(Case(row, facts, _period(facts, is_last=is_last), is_last))
        except Exception as cause:
            problems.append(problem_of(row, cause))
        if row.customer_id in data.grants:
            discounted.add(row.customer_id)
    return cases, problems


def _check(row: Claimed, figures: Figures) -> None:
    if row.is_closed:
        raise AccountClosed("The customer's account is closed: end the subscription, or open the account again.")
    if row.time_zone in figures.days.unknown:
        raise UnknownTimeZone(f"The customer's time zone {row.time_zone!r} is not known: correct it on the account.")
    if not row.has_address:
        raise NoAddress("There is no e-mail address on file that may get a bill: add one of the owner or of finance.")


def _period(facts: Facts, *, is_last: bool) -> Period:
    """Return what is billed: the next period, or the days since use was last billed."""
    if is_last:
        assert facts.ends_on is not None
        return Period(facts.metered_on, facts.ends_on)
    period = rating.period_due(facts)
    assert period is not None
    return period


def _span(case: Case) -> Period | None:
    until = case.period.end if case.is_last else case.period.start
    return rating.usage_span(case.facts, until)


def _used(cases: Sequence[Case]) -> dict[int, Use]:
    """Return the use to bill, by subscription and meter, counted by one query for all of them."""
    asked = [
        (case.facts.subscription_id, meter, wanted)
        for case in cases
        if (span := _span(case)) is not None
        for meter, wanted in wanted_use(case.facts, span).items()
    ]
    found: dict[int, Use] = {}
    counts = quantities([wanted for _, _, wanted in asked])
    for (subscription_id, meter, _), quantity in zip(asked, counts, strict=True):
        found.setdefault(subscription_id, {})[meter] = quantity
    return found


def _bill(case: Case, data: StepData, used: Use | None, late: LateUse | None) -> Bill:
    row, facts, period = case.row, case.facts, case.period
    if late and late.problem:
        raise late.problem
    return Bill(
        subscription_id=row.subscription_id,
        customer_id=row.customer_id,
        currency=row.currency,
        plan=facts.plan.product.name,
        period=period,
        renews_on=row.renews_on if case.is_last else period.end,
        metered_on=period.end if case.is_last else period.start,
        issued_on=row.today,
        # What is served only once it is paid is due at once.
        due_on=row.today + timedelta(days=0 if row.state == "starting" else PAYMENT_TERM_DAYS),
        sums=_sums(case, data, used, late),
        rate=data.figures.rate(row.currency, row.today),
        ends_trial=row.state == "trial",
        is_last=case.is_last,
        corrections=late.corrections if late else (),
    )


def _sums(case: Case, data: StepData, used: Use | None, late: LateUse | None) -> Sums:
    row, figures, subject = case.row, data.figures, data.subject(case.row, case.period.start)
    is_alone = used or late or row.customer_id in data.grants or case.is_last
    if is_alone or data.tax_rules(case.period.start).counts(subject):
        return _taxed(case, _rated(case, data, used, late), data)
    key = (
        row.plan_id, row.quantity, row.currency, row.anchor_on, case.period, row.priced_on, row.trial_ends_on,
        row.time_zone, subject, tuple(data.add_ons.get(row.subscription_id, ())), case.facts.agreed,
    )  # fmt: skip
    known = figures.kept.get(key)
    if known is None:
        known = _taxed(case, _rated(case, data, None, None), data)
        figures.keep(key, known)
    return known


def _rated(case: Case, data: StepData, used: Use | None, late: LateUse | None) -> list[Rated]:
    """Return the lines of a bill that come to something, late use last."""
    prices, facts = data.figures.prices, case.facts
    if case.is_last:
        span = _span(case)
        lines = rating.rate_usage(facts, span, used=used or {}, prices=prices) if span else []
    else:
        discounts = data.discounts(facts.customer_id, case.period.start)
        lines = rating.rate_period(facts, case.period, cause="renewal", prices=prices, used=used, discounts=discounts)
    return [line for line in [*lines, *(late.lines if late else ())] if line.list_amount]


def _taxed(case: Case, rated: Sequence[Rated], data: StepData) -> Sums:
    row, on = case.row, case.period.end if case.is_last else case.period.start
    customer = Customer(
        pk=row.customer_id, country=row.country, region=row.region, kind=row.kind, vat_id=row.vat_id,
        currency=row.currency, time_zone=row.time_zone,
    )  # fmt: skip
    parts = [BillPart(basis=line.basis, tax_rate=line.tax_rate, tax_category=line.tax_category) for line in rated]
    bill = bill_of(customer, parts, on, rules=data.tax_rules(on), subject=data.subject(row, on), counted=data.counted)
    items = tuple(_item(line, taxed) for line, taxed in zip(rated, bill.lines, strict=True))
    uses = tuple(taken_by_grant(line.basis.discounts for line in rated).items())
    return Sums(items, bill.net.minor, bill.tax.minor, json.dumps(bill.evidence), uses)


def _item(line: Rated, taxed: BillLine) -> Item:
    return Item(
        kind=line.kind,
        description=line.description,
        basis=json.dumps(to_json(line.basis)),
        net=taxed.net.minor,
        discount=discount_amount(line.basis).minor,
        rate_given=taxed.rate if taxed.includes_tax else line.tax_rate,
        rate=taxed.rate,
        treatment=taxed.treatment,
        category=line.tax_category,
        included_tax=taxed.tax.minor if taxed.includes_tax else None,
        tax=taxed.tax.minor,
        period=line.period,
    )
