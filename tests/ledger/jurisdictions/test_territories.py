"""Special territories: recognised by region, post code or town; where nothing is known nobody guesses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.jurisdictions import tax
from ledger.jurisdictions.defaults import shipped_rules
from ledger.jurisdictions.kinds import InvalidRule, check_params
from ledger.jurisdictions.queries import TaxRules
from ledger.jurisdictions.rules import RuleBook
from ledger.jurisdictions.tax import NoTaxRule, TaxDecision, TaxSubject
from ledger.jurisdictions.territories import placed

ON = date(2026, 3, 2)


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook(spec.row().rule for spec in shipped_rules())


def decided(book: RuleBook, country: str, *, seller: str = "DE", category: str = "standard", **facts) -> TaxDecision:
    return tax.decide(book, TaxSubject(country, **facts), category, ON, seller_country=seller)


BLOCKED = [
    ("ES", "35001"), ("ES", "38670"), ("ES", "51001"), ("ES", "52006"), ("FI", "22100"), ("IT", "22061"),
    ("DE", "78266"), ("GR", "63087"), ("GR", "81100"), ("FR", "97110"), ("FR", "97400"), ("FR", "98800"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "postal_code"), BLOCKED)
def test_where_it_is_not_known_what_consumers_pay_nobody_guesses(book, country, postal_code):
    with pytest.raises(NoTaxRule, match=f"for {country}-"):
        decided(book, country, postal_code=postal_code)


@pytest.mark.parametrize(
    ("country", "postal_code", "rate"),
    [("ES", "28001", "21"), ("FI", "00100", "25.5"), ("IT", "23030", "22"), ("DE", "27499", "19"),
     ("PT", "1000-001", "23"), ("PT", "9000-050", "22"), ("PT", "PT-9500-321", "16"), ("FR", "75001", "20"),
     ("GR", "10431", "24")],
)  # fmt: skip
def test_the_rest_of_the_country_and_regions_inside_the_union_have_their_rate(book, country, postal_code, rate):
    assert decided(book, country, postal_code=postal_code).rate == Decimal(rate)


def test_on_helgoland_and_in_livigno_no_tax_is_charged_and_the_bill_says_why(book):
    on_helgoland = decided(book, "DE", postal_code="27498")
    in_livigno = decided(book, "IT", postal_code="23030", city=" livigno ")

    assert (on_helgoland.rate, on_helgoland.treatment, on_helgoland.wording) == (0, "export", "outside_scope")
    assert on_helgoland.evidence["territory"]["name"] == "Helgoland"
    assert on_helgoland.evidence["region"] == "DE-HEL"
    assert "outside the tax territory" in tax.sentence(in_livigno.evidence, "en")


def test_a_region_on_file_says_it_too_and_businesses_outside_account_for_the_tax_themselves(book):
    by_island = decided(book, "ES", region="ES-GC", kind="business", vat_id="ESA58818501", vat_id_valid=True,
                        vat_id_checked_on=ON)  # fmt: skip

    assert (by_island.treatment, by_island.evidence["why"]) == ("export", "recipient_accounts")
    with pytest.raises(NoTaxRule):
        decided(book, "ES", region="ES-CN")


def test_a_seller_at_home_charges_its_territories_their_own_rate_or_is_refused(book):
    assert decided(book, "PT", seller="PT", postal_code="9000-050").rate == Decimal(22)
    with pytest.raises(NoTaxRule):
        decided(book, "ES", seller="ES", postal_code="35001")


def test_northern_ireland_is_a_place_of_its_own_for_goods_only(book):
    service = decided(book, "GB", postal_code="BT1 5GS")
    goods = decided(book, "GB", postal_code="BT1 5GS", category="goods")

    assert (service.rate, "territory" in service.evidence) == (Decimal(20), False)
    assert (goods.rate, goods.evidence["rules"][0]["kind"]) == (Decimal(20), "destination_rate")
    with pytest.raises(NoTaxRule, match="for GB-NIR, business, goods"):
        decided(book, "GB", postal_code="BT1 5GS", category="goods", kind="business", vat_id="XI980780684",
                vat_id_valid=True, vat_id_checked_on=ON)  # fmt: skip


def test_customers_of_one_country_become_one_question_wherever_they_live(book):
    rules = TaxRules(book, ON, "DE")
    streets = [TaxSubject("DE", postal_code=f"{code:05}", city="Berlin") for code in range(10115, 10215)]

    assert {rules.placed(subject) for subject in streets} == {TaxSubject("DE")}
    assert placed(book, TaxSubject("ES", postal_code="35 001"), ON) == TaxSubject("ES", "ES-CN")
    assert rules.decide(TaxSubject("ES", postal_code="28001"), "standard").rate == Decimal(21)


@pytest.mark.parametrize("wrong", [{"name": "X"}, {"name": "X", "status": "near"},
                                   {"name": "X", "status": "outside", "postal_codes": "35"}])  # fmt: skip
def test_a_territory_that_says_too_little_is_refused(wrong):
    with pytest.raises(InvalidRule):
        check_params("special_territory", wrong)
