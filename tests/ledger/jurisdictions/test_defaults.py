"""The rules that come with the product: each says what its kind has to say, and comes out as its examples say."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.jurisdictions import defaults
from ledger.jurisdictions.defaults import ensure_rules, shipped_rules
from ledger.jurisdictions.examples import failures
from ledger.jurisdictions.kinds import check_params
from ledger.jurisdictions.models import JurisdictionRule
from ledger.jurisdictions.operations import RuleSpec, approve_rule, end_rule, propose_rule
from ledger.jurisdictions.queries import decide_tax
from ledger.jurisdictions.rules import EU_MEMBERS
from ledger.jurisdictions.tax import TaxSubject
from tests.conftest import NOW

ON = date(2026, 3, 2)


def test_every_shipped_rule_is_well_formed_and_its_examples_come_out():
    rows = [spec.row() for spec in shipped_rules()]
    rules = [row.rule for row in rows]

    for row in rows:
        check_params(row.kind, row.params)
        assert failures(row.rule, row.examples, rules) == [], row
        assert row.source, row


#: Standard rates on 2026-03-02, written down a second time from the Commission's table.
RATES = {
    "AT": "20", "BE": "21", "BG": "20", "CY": "19", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17",
    "LV": "21", "MT": "18", "NL": "21", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22", "SK": "23",
    "GB": "20", "NO": "25", "CH": "8.1",
}  # fmt: skip


@pytest.mark.django_db
def test_consumers_pay_the_rate_of_where_they_live():
    assert set(RATES) > EU_MEMBERS
    for country, rate in RATES.items():
        assert str(decide_tax(TaxSubject(country), "standard", ON).rate) == rate, country


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "last_day", "before", "after"),
    [
        ("EE", date(2025, 6, 30), "22", "24"),
        ("FI", date(2024, 8, 31), "24", "25.5"),
        ("LU", date(2023, 12, 31), "16", "17"),
        ("RO", date(2025, 7, 31), "19", "21"),
        ("SK", date(2024, 12, 31), "20", "23"),
        ("CH", date(2023, 12, 31), "7.7", "8.1"),
    ],
)
def test_a_rate_changes_from_one_day_to_the_next(country, last_day, before, after):
    next_day = date.fromordinal(last_day.toordinal() + 1)

    assert str(decide_tax(TaxSubject(country), "standard", last_day).rate) == before
    assert str(decide_tax(TaxSubject(country), "standard", next_day).rate) == after


@pytest.mark.django_db
def test_filling_in_again_adds_nothing_and_brings_no_ended_rule_back(pia):
    french = JurisdictionRule.objects.get(kind="tax_rate", country="FR")
    end_rule(french.pk, on=date(2026, 4, 1), reason="The rate changes", by=pia, at=NOW)

    assert ensure_rules() == 0
    assert JurisdictionRule.objects.get(pk=french.pk).valid_to == date(2026, 4, 1)


def spec_for_france(rate: str, *, valid_from: date) -> RuleSpec:
    params = {"rate": rate, "treatment": "standard", "name": "TVA"}
    return RuleSpec("tax_rate", params, valid_from, "CGI", "Finance", country="FR", category="standard")


@pytest.mark.django_db
def test_a_rule_of_the_staff_is_never_overwritten_by_a_newer_shipped_one(pia, olg, monkeypatch):
    row = propose_rule(spec_for_france("20.6", valid_from=date(2026, 4, 1)), by=pia, at=NOW)
    approve_rule(row.pk, by=olg, at=NOW)
    shipped = [spec_for_france("19.6", valid_from=date(2026, 5, 1))]
    monkeypatch.setattr(defaults, "shipped_rules", lambda: shipped)

    assert ensure_rules() == 0
    assert str(decide_tax(TaxSubject("FR"), "standard", date(2026, 6, 1)).rate) == "20.6"


@pytest.mark.django_db
def test_a_newer_shipped_rule_ends_the_older_shipped_one(monkeypatch):
    shipped = [spec_for_france("19.6", valid_from=date(2026, 5, 1))]
    monkeypatch.setattr(defaults, "shipped_rules", lambda: shipped)

    assert ensure_rules() == 1
    assert str(decide_tax(TaxSubject("FR"), "standard", date(2026, 4, 30)).rate) == "20"
    assert str(decide_tax(TaxSubject("FR"), "standard", date(2026, 5, 1)).rate) == "19.6"
