"""Which tax a bill carries, and what proves it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.jurisdictions.models import JurisdictionRule
from ledger.jurisdictions.operations import RuleSpec, approve_rule, end_rule, propose_rule
from ledger.jurisdictions.queries import TaxRules, decide_tax, registrations, subject_with, tax_subject
from ledger.jurisdictions.tax import NoTaxRule, TaxSubject, sentence
from ledger.jurisdictions.tax_ids import record_tax_id_check
from tests.conftest import NOW

ON = date(2026, 3, 2)
DELTA = "NL004495445B01"
pytestmark = pytest.mark.django_db


def delta(**more: object) -> TaxSubject:
    """Delta BV, a business in the Netherlands, whose VAT id VIES confirmed in February."""
    facts = {"vat_id_valid": True, "vat_id_checked_on": date(2026, 2, 10), "vat_id_source": "VIES"}
    return TaxSubject("NL", "", "business", DELTA, **{**facts, **more})


def test_a_confirmed_business_in_another_member_state_accounts_for_the_tax_itself():
    decision = decide_tax(delta(), "standard", ON)

    assert (decision.rate, decision.treatment, decision.wording) == (Decimal(0), "reverse_charge", "reverse_charge")
    assert sentence(decision.evidence, "nl-NL") == "Btw verlegd"
    assert sentence(decision.evidence, "de") == "Steuerschuldnerschaft des Leistungsempfängers"
    assert sentence(decision.evidence, "ja-JP") == "Reverse charge"


def test_the_decision_keeps_its_evidence_as_json():
    decision = decide_tax(delta(vat_id_check=7), "standard", ON)

    stored = json.loads(json.dumps(decision.evidence))
    assert stored["vat_id"] == DELTA
    assert stored["vat_id_check"] == {"id": 7, "registered": True, "source": "VIES", "checked_on": "2026-02-10"}
    assert stored["rules"][0]["kind"] == "reverse_charge"
    assert "Article" in stored["rules"][0]["source"]
    assert decision.rule_ids == (stored["rules"][0]["id"],)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"vat_id_valid": None}, "Nobody has confirmed"),
        ({"vat_id_valid": False}, "Nobody has confirmed"),
        ({"vat_id_checked_on": None}, "Nobody has confirmed"),
        ({"vat_id_checked_on": ON - timedelta(days=366)}, "more than 365 days ago"),
    ],
)
def test_a_business_that_is_not_confirmed_pays_the_rate_of_its_country(facts, why):
    decision = decide_tax(delta(**facts), "standard", ON)

    assert (decision.rate, decision.treatment) == (Decimal(21), "standard")
    assert why in decision.evidence["why"]


def test_a_check_counts_until_its_last_day():
    last_day = delta(vat_id_checked_on=ON - timedelta(days=365))

    assert decide_tax(last_day, "standard", ON).treatment == "reverse_charge"


@pytest.mark.parametrize("vat_id", ["NL004495446B01", "DE136695976", "EU372022452", ""])
def test_an_id_that_cannot_be_one_of_the_country_never_counts_whoever_confirmed_it(vat_id):
    subject = TaxSubject("NL", "", "business", vat_id, vat_id_valid=True, vat_id_checked_on=ON)

    assert decide_tax(subject, "standard", ON).rate == Decimal(21)


def test_a_business_at_home_pays_the_tax_though_its_id_is_confirmed():
    subject = TaxSubject("DE", "", "business", "DE136695976", vat_id_valid=True, vat_id_checked_on=ON)

    assert decide_tax(subject, "standard", ON).rate == Decimal(19)


def test_northern_ireland_is_no_member_state_for_services():
    subject = TaxSubject("GB", "", "business", "XI980780684", vat_id_valid=True, vat_id_checked_on=ON)

    assert decide_tax(subject, "standard", ON).treatment == "export"


def test_a_reduced_category_has_its_own_rate_and_an_unknown_one_is_refused():
    assert decide_tax(TaxSubject("DE"), "reduced", ON).treatment == "reduced"
    with pytest.raises(NoTaxRule, match="no tax rate rule for DE, consumer, books"):
        decide_tax(TaxSubject("DE"), "books", ON)


@pytest.mark.parametrize("country", ["US", "JP"])
def test_abroad_no_tax_is_collected_and_the_document_says_why(country):
    decision = decide_tax(TaxSubject(country), "standard", ON)

    assert (decision.rate, decision.treatment, decision.wording) == (Decimal(0), "export", "outside_scope")
    assert decision.evidence["why"] == "not_registered"
    assert "not registered there" in sentence(decision.evidence, "en-US")


def test_a_country_without_a_rule_is_refused_by_name():
    with pytest.raises(NoTaxRule, match="for AQ, consumer, standard on 2026-03-02") as refused:
        decide_tax(TaxSubject("AQ"), "standard", ON)

    assert refused.value.missing == "destination_rate/AQ//consumer/standard"


def test_an_ended_rule_is_refused_from_its_end_on_and_says_when_that_was(pia):
    german = JurisdictionRule.objects.get(kind="tax_rate", country="DE", category="standard")
    end_rule(german.pk, on=date(2026, 3, 10), reason="A new law", by=pia, at=NOW)

    assert decide_tax(TaxSubject("DE"), "standard", date(2026, 3, 9)).rate == Decimal(19)
    with pytest.raises(NoTaxRule, match="the last one ended on 2026-03-10"):
        decide_tax(TaxSubject("DE"), "standard", date(2026, 3, 10))


def test_a_day_before_the_rules_begin_is_refused():
    with pytest.raises(NoTaxRule):
        decide_tax(TaxSubject("DE"), "standard", date(2021, 6, 30))


def test_a_supervisor_can_decide_that_the_right_form_is_enough(pia, olg):
    """The explicit policy is a rule like any other: dated, sourced, approved by a second person."""
    params = {"accept": "format_valid", "check_max_days": 365}
    spec = RuleSpec("reverse_charge", params, ON, "Own policy", "Finance", country="NL", customer_type="business")
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)

    assert decide_tax(delta(vat_id_valid=None), "standard", ON).treatment == "reverse_charge"
    assert decide_tax(TaxSubject("BE", "", "business", "BE0776091951"), "standard", ON).rate == Decimal(21)


def test_a_seller_elsewhere_in_the_union_charges_its_own_rate_at_home(settings):
    settings.SELLER_COUNTRY = "NL"

    assert decide_tax(delta(), "standard", ON).rate == Decimal(21)
    assert decide_tax(TaxSubject("DE"), "standard", ON).rate == Decimal(19)


def test_a_snapshot_decides_without_asking_again_and_says_the_same(django_assert_num_queries):
    subjects = [TaxSubject("DE"), TaxSubject("FR"), TaxSubject("JP"), delta()]
    with django_assert_num_queries(1):
        rules = TaxRules.in_force(ON)
        decided = [rules.decide(subject, "standard") for subject in subjects * 50]

    assert decided[:4] == [decide_tax(subject, "standard", ON) for subject in subjects]


def test_the_last_check_that_said_yes_or_no_counts(pia, olg):
    for hours, result in enumerate(["not_registered", "registered", "unavailable", "format_valid"]):
        record_tax_id_check(
            17, vat_id="nl 0044.95.445.b01", country="NL", result=result, source="VIES", by=olg,
            at=NOW + timedelta(hours=hours),
        )  # fmt: skip

    subject = tax_subject(17, country="NL", region="", kind="business", vat_id=DELTA)

    assert subject.vat_id_valid is True
    assert subject.vat_id_checked_on == ON
    assert decide_tax(subject, "standard", ON).treatment == "reverse_charge"


def test_a_check_of_another_number_says_nothing(olg):
    record_tax_id_check(17, vat_id=DELTA, country="NL", result="registered", source="VIES", by=olg, at=NOW)

    subject = subject_with(registrations([17])[17], country="NL", region="", kind="business", vat_id="NL123456782B90")

    assert subject.vat_id_valid is None
