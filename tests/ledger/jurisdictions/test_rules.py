"""The life of a rule: written, checked, approved by somebody else, followed, ended; the database keeps the laws too."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import ProgrammingError

from ledger.jurisdictions.examples import ExampleFailed
from ledger.jurisdictions.kinds import InvalidRule, check_params
from ledger.jurisdictions.models import SHIPPED, JurisdictionRule
from ledger.jurisdictions.operations import (
    AuthorIsReviewer,
    LaterRuleExists,
    NotKeeperOfRules,
    RuleNotInForce,
    RuleNotProposed,
    RuleSpec,
    approve_rule,
    confirm_rule,
    discard_rule,
    end_rule,
    note_missing_rule,
    propose_rule,
)
from ledger.jurisdictions.queries import decide_tax, rule_for, rules_ending, rules_missing, versions_of
from ledger.jurisdictions.rules import NoRule, Place
from ledger.jurisdictions.tax import NoTaxRule, TaxSubject
from ledger.jurisdictions.windows import days_to_send, fixed_sum, interest_rate, window_before
from ledger.models import Event
from ledger.money import Money
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)


def french(rate: str = "20.6", **more: Any) -> RuleSpec:
    facts: dict[str, Any] = {
        "kind": "tax_rate",
        "country": "FR",
        "category": "standard",
        "params": {"rate": rate, "treatment": "standard", "name": "TVA"},
        "valid_from": APRIL,
        "source": "CGI art. 278",
        "owner": "Finance",
    }
    return RuleSpec(**{**facts, **more})


def rate_of_france(on: date) -> str:
    return str(decide_tax(TaxSubject("FR"), "standard", on).rate)


def test_a_proposal_holds_only_when_somebody_else_has_approved_it(pia, olg):
    row = propose_rule(french(), by=pia, at=NOW)
    assert rate_of_france(APRIL) == "20"
    with pytest.raises(AuthorIsReviewer):
        approve_rule(row.pk, by=pia, at=NOW)

    approve_rule(row.pk, by=olg, at=NOW)

    assert rate_of_france(date(2026, 3, 31)) == "20"
    assert rate_of_france(APRIL) == "20.6"
    assert [str(version.valid_to) for version in versions_of(row)] == ["None", "2026-04-01"]
    with pytest.raises(RuleNotProposed):
        approve_rule(row.pk, by=olg, at=NOW)


def test_every_step_leaves_an_event_of_who_did_it(pia, olg):
    row = propose_rule(french(), by=pia, at=NOW)
    approve_rule(row.pk, by=olg, at=NOW)

    events = Event.objects.filter(kind__startswith="jurisdiction_rule.").order_by("pk")
    assert [(event.kind, event.actor) for event in events] == [
        ("jurisdiction_rule.proposed", "agent:3"),
        ("jurisdiction_rule.ended", "agent:4"),
        ("jurisdiction_rule.approved", "agent:4"),
    ]


def test_a_discarded_proposal_stays_on_the_record_and_is_never_approved(pia, olg):
    row = propose_rule(french(), by=pia, at=NOW)
    discard_rule(row.pk, reason="Not passed by parliament", by=pia, at=NOW)

    with pytest.raises(RuleNotProposed):
        approve_rule(row.pk, by=olg, at=NOW)
    assert JurisdictionRule.objects.get(pk=row.pk).state == "discarded"


def test_an_agent_keeps_no_rules(mia, pia):
    row = propose_rule(french(), by=pia, at=NOW)

    for act in (
        lambda: propose_rule(french(), by=mia, at=NOW),
        lambda: approve_rule(row.pk, by=mia, at=NOW),
        lambda: end_rule(row.pk, on=APRIL, reason="x", by=mia, at=NOW),
    ):
        with pytest.raises(NotKeeperOfRules):
            act()


def test_a_rule_for_some_months_is_followed_by_nothing_until_somebody_says_what(pia, olg):
    """As when Germany charged 16 % from July to December 2020."""
    until = date(2026, 7, 1)
    approve_rule(propose_rule(french("16", valid_to=until), by=pia, at=NOW).pk, by=olg, at=NOW)

    assert rate_of_france(date(2026, 6, 30)) == "16"
    with pytest.raises(NoTaxRule, match="ended on 2026-07-01"):
        rate_of_france(until)
    named = rules_ending(after=date(2026, 6, 1), before=until)
    assert "tax_rate FR, standard, from 2026-04-01" in {str(row) for row in named}


def test_a_rule_that_would_overlap_a_later_one_is_refused(pia, olg):
    approve_rule(propose_rule(french("21", valid_from=date(2026, 6, 1)), by=pia, at=NOW).pk, by=olg, at=NOW)
    open_ended = propose_rule(french(), by=pia, at=NOW)

    with pytest.raises(LaterRuleExists, match="2026-06-01"):
        approve_rule(open_ended.pk, by=olg, at=NOW)


def test_an_example_that_does_not_come_out_stops_the_proposal(pia):
    wrong = [{"given": {"country": "FR", "on": "2026-04-02"}, "expect": {"rate": "20.0"}}]

    with pytest.raises(ExampleFailed, match=r"Example 1: rate '20\.6' instead of '20\.0'"):
        propose_rule(french(examples=wrong), by=pia, at=NOW)


def test_a_shipped_rule_is_confirmed_once_under_a_name(pia):
    shipped = JurisdictionRule.objects.get(kind="tax_rate", country="FR")
    assert (shipped.author, shipped.reviewed_by) == (SHIPPED, "")

    confirm_rule(shipped.pk, by=pia, at=NOW)

    assert JurisdictionRule.objects.get(pk=shipped.pk).reviewed_by == "agent:3"
    with pytest.raises(RuleNotInForce):
        confirm_rule(shipped.pk, by=pia, at=NOW)


@pytest.mark.parametrize(
    ("kind", "params", "words"),
    [
        ("tax_rate", {"treatment": "standard", "name": "USt"}, "needs 'rate': a number of per cent"),
        ("tax_rate", {"rate": 19, "treatment": "standard", "name": "USt"}, "'rate' of a tax_rate rule is a number"),
        ("tax_rate", {"rate": "19,0", "treatment": "standard", "name": "USt"}, 'such as "19" or "25.5"'),
        ("tax_rate", {"rate": "101", "treatment": "standard", "name": "USt"}, "from 0 to 100"),
        ("tax_rate", {"rate": "19", "treatment": "free", "name": "USt"}, "one of: standard, reduced, zero, exempt"),
        ("tax_rate", {"rate": "7", "treatment": "exempt", "name": "USt"}, "exempt tax rate is 0"),
        ("tax_rate", {"rate": "19", "treatment": "standard", "name": "USt", "ratte": "1"}, "no part 'ratte'"),
        ("renewal_notice", {"min_days": 30, "max_days": 7}, "not above 'max_days'"),
        ("renewal_notice", {"min_days": 7, "max_days": 30, "send_days": [31]}, "outside its window"),
        ("late_fee", {"points": "8", "day_count": "actual/360", "round_daily": False}, "one of: actual/365"),
        ("late_fee", {"points": "8", "day_count": "actual/365", "round_daily": False,
                      "fixed_sums": [{"below_minor": 1000, "amount_minor": 40, "currency": "GBP"}]}, "rising"),
        ("poll_tax", {}, "not a kind of rule"),
        ("tax_rate", [], "not as list"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_understood_is_refused_by_its_part(kind, params, words):
    with pytest.raises(InvalidRule, match=words):
        check_params(kind, params)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"country": ""}, "would be a guess"),
        ({"country": "fr"}, "not an ISO 3166-1"),
        ({"region": "US-CA"}, "not an ISO 3166-2 region of FR"),
        ({"customer_type": "robot"}, "consumer, a business"),
        ({"valid_to": APRIL}, "ends after it begins"),
        ({"source": " "}, "needs its source"),
        ({"wording": {"en": ""}}, "one text per language"),
        ({"examples": [{"given": {}}]}, "Examples are a list"),
        ({"examples": [{"given": {"on": "soon"}, "expect": {"rate": "1"}}]}, "cannot be read"),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_in_words(pia, more, words):
    with pytest.raises(InvalidRule, match=words):
        propose_rule(french(**more), by=pia, at=NOW)


def test_the_most_specific_rule_answers():
    annual = Place("US", "US-CA", "consumer", "annual")
    elsewhere = Place("US", "US-TX", "consumer", "annual")

    assert "17602" in rule_for("renewal_notice", annual, on=APRIL).source
    assert rule_for("renewal_notice", elsewhere, on=APRIL).place == Place("", "", "", "annual")


def test_california_is_told_of_a_new_price_7_to_30_days_before_and_new_york_of_a_renewal_15_to_45():
    price = rule_for("price_change_notice", Place("US", "US-CA", "consumer"), on=APRIL)
    window = window_before(price, date(2026, 4, 15))
    assert (window.earliest, window.latest) == (date(2026, 3, 16), date(2026, 4, 8))
    assert date(2026, 4, 8) in window
    assert date(2026, 4, 9) not in window
    assert days_to_send(price, date(2026, 4, 15)) == [date(2026, 3, 16), date(2026, 4, 5)]

    renewal = rule_for("renewal_notice", Place("US", "US-NY", "consumer", "annual"), on=APRIL)
    assert str(window_before(renewal, date(2026, 4, 15))) == "2026-03-01 to 2026-03-31"


def test_late_payment_in_britain_costs_8_points_above_the_base_rate_and_a_fixed_sum():
    business = Place("GB", "", "business")
    rule = rule_for("late_fee", business, on=date(2024, 9, 1))
    base = rule_for("base_rate", business, on=date(2024, 9, 1))

    assert str(interest_rate(rule, base)) == "13.25"
    sums = [fixed_sum(rule, Money(minor, "GBP")).minor for minor in (99_999, 100_000, 999_999, 1_000_000)]
    assert sums == [4_000, 7_000, 7_000, 10_000]
    assert fixed_sum(rule, Money(99_999, "EUR")) == Money(0, "EUR")


def test_a_base_rate_lapses_with_its_half_year():
    assert rule_for("base_rate", Place("DE"), on=date(2026, 6, 30)).params["rate"] == "1.27"
    with pytest.raises(NoRule, match="ended on 2026-07-01"):
        rule_for("base_rate", Place("DE"), on=date(2026, 7, 1))


def test_a_blocked_document_is_listed_until_a_rule_is_approved(pia, olg, system):
    with pytest.raises(NoTaxRule) as refused:
        decide_tax(TaxSubject("AQ"), "standard", APRIL)
    for invoice in ("invoice:1", "invoice:2"):
        note_missing_rule(refused.value, subject=invoice, customer_id=17, by=system, at=NOW)

    (gap,) = rules_missing()
    assert "AQ, consumer, standard" in gap.data["reason"]
    assert gap.data["blocked"] == "invoice:2"

    spec = RuleSpec("export", {"why": "not_taxed"}, APRIL, "Antarctic Treaty", "Finance", country="AQ")
    row = propose_rule(spec, by=pia, at=NOW)
    approve_rule(row.pk, by=olg, at=NOW.replace(hour=11))
    assert rules_missing() == []


def test_the_database_refuses_two_rules_in_force_for_one_place(pia):
    clash = french(valid_from=date(2026, 5, 1)).row(author=SHIPPED, state="approved", proposed_at=NOW)

    with pytest.raises(IntegrityError, match="jurisdiction_rule_one_in_force_per_place"), transaction.atomic():
        clash.save()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"params": {"rate": "1"}}, "never rewritten"),
        ({"source": "somebody said so"}, "never rewritten"),
        ({"valid_from": date(2020, 1, 1)}, "never rewritten"),
    ],
)
def test_the_database_refuses_a_rewritten_rule(fields, words):
    shipped = JurisdictionRule.objects.filter(kind="tax_rate", country="FR")

    with pytest.raises((IntegrityError, InternalError), match=words), transaction.atomic():
        shipped.update(**fields)


def test_the_database_refuses_an_approval_by_the_author_or_by_nobody(pia):
    row = propose_rule(french(valid_to=date(2026, 5, 1)), by=pia, at=NOW)
    mine = JurisdictionRule.objects.filter(pk=row.pk)

    with pytest.raises(IntegrityError, match="reviewed_by_someone_else"), transaction.atomic():
        mine.update(reviewed_by="agent:3")
    with pytest.raises(IntegrityError, match="in_force_is_reviewed"), transaction.atomic():
        mine.update(state="approved")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        mine.delete()


def test_not_even_the_owner_brings_an_ended_rule_back(db, owner):
    with pytest.raises(psycopg.errors.RestrictViolation, match="only comes nearer"):
        owner.execute(
            "UPDATE ledger_jurisdictionrule SET valid_to = NULL WHERE kind = 'tax_rate' AND country = 'FI' "
            "AND valid_to IS NOT NULL"
        )
