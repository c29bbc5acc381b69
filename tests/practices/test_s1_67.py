"""S1-67: dated, sourced rules of countries decide; where one is missing nothing is sent, and supervisors see it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from ledger.billing.operations import run_billing
from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.customers.tax_ids import confirm_vat_id, refute_vat_id
from ledger.events.actor import Actor
from ledger.invoices.operations import issue_invoice
from ledger.jurisdictions.operations import RuleSpec, approve_rule, note_missing_rule, propose_rule
from ledger.jurisdictions.queries import rule_for
from ledger.jurisdictions.rules import Place
from ledger.jurisdictions.tax import NoTaxRule
from ledger.jurisdictions.windows import window_before
from ledger.models import BillingException, Customer, Event, Invoice, JurisdictionRule
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.billing.worlds import customer as subscriber
from tests.ledger.billing.worlds import plan_with_price, subscribe

SYSTEM = Actor.system("test")


def customer(name: str, country: str, **more: str) -> Customer:
    return open_customer(name=name, country=country, currency="EUR", by=SYSTEM, at=NOW, **more)


def billed(of: Customer) -> Invoice:
    """Charge 25.00 for Plus and leave the tax to the rules."""
    add_charge(
        of.pk, amount=Money(2_500, "EUR"), description="Plus", tax_rate=None, charged_on=date(2026, 3, 1), by=SYSTEM,
        at=NOW,
    )  # fmt: skip
    return issue_invoice(of.pk, by=SYSTEM, at=NOW)


def living_in(of: Customer, postal_code: str) -> Customer:
    """Put a post code on file."""
    Customer.objects.filter(pk=of.pk).update(postal_code=postal_code)
    return Customer.objects.get(pk=of.pk)


@pytest.fixture
def delta(db) -> Customer:
    """Delta BV: a Dutch business."""
    return customer("Delta BV", "NL", kind="business", vat_id="NL004495445B01")


def test_ana_pays_19_per_cent(db):
    invoice = billed(customer("Ana Berg", "DE", language="de-DE"))

    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (2_500, 475, 2_975)


def test_delta_accounts_for_the_tax_itself_and_the_bill_keeps_wording_and_evidence(delta, olg):
    confirm_vat_id(delta.pk, source="VIES, consultation WAPIAAAAZ1", by=olg, at=NOW)

    invoice = billed(delta)

    assert (invoice.tax_minor, invoice.total_minor) == (0, 2_500)
    kept = json.dumps(invoice.tax_evidence, ensure_ascii=False)
    for part in ("reverse_charge", "Btw verlegd", "NL004495445B01", "VIES, consultation WAPIAAAAZ1", "2026-03-02"):
        assert part in kept


def test_delta_pays_the_tax_while_nobody_has_confirmed_the_id_and_once_it_is_refuted(delta, olg):
    assert billed(delta).tax_minor == 525  # 21 % of 25.00

    confirm_vat_id(delta.pk, source="VIES 1", by=olg, at=NOW)
    assert billed(delta).tax_minor == 0

    refute_vat_id(delta.pk, source="VIES 2", by=olg, at=NOW + timedelta(minutes=5))
    assert billed(delta).tax_minor == 525


def test_an_issued_bill_keeps_its_evidence_whatever_the_register_says_later(delta, olg):
    confirm_vat_id(delta.pk, source="VIES 1", by=olg, at=NOW)
    invoice = billed(delta)
    refute_vat_id(delta.pk, source="VIES 2", by=olg, at=NOW + timedelta(minutes=5))

    assert "VIES 2" not in json.dumps(Invoice.objects.get(pk=invoice.pk).tax_evidence)


def test_bo_is_told_of_a_new_price_7_to_30_days_before(db):
    rule = rule_for("price_change_notice", Place("US", "US-CA", "consumer"), on=date(2026, 3, 2))

    window = window_before(rule, date(2026, 4, 15))

    assert (window.earliest, window.latest) == (date(2026, 3, 16), date(2026, 4, 8))
    assert "17602" in rule.source


def test_a_bill_to_a_country_without_rules_is_blocked_and_supervisors_see_the_task(staff, db):
    nowhere = customer("Pole Station", "AQ")

    with pytest.raises(NoTaxRule, match="AQ, consumer, standard") as refused:
        billed(nowhere)
    note_missing_rule(refused.value, subject=f"customer:{nowhere.pk}", customer_id=nowhere.pk, by=SYSTEM, at=NOW)

    assert not Invoice.objects.exists()
    page = staff("pia", "supervisor").get(reverse("admin:ledger_jurisdictionrule_changelist")).content.decode()
    assert "Documents are blocked: a rule is missing" in page
    assert "AQ, consumer, standard" in page


def test_an_expired_rule_blocks_the_bill_too(staff, db):
    german = JurisdictionRule.objects.get(kind="tax_rate", country="DE", category="standard")
    browser = staff("pia", "supervisor")
    browser.post(reverse("admin:ledger_jurisdictionrule_act", args=[german.pk, "end"]), {"words": "The rate changes"})
    assert JurisdictionRule.objects.get(pk=german.pk).valid_to == date(2026, 3, 3)

    add_charge(
        (ana := customer("Ana Berg", "DE")).pk, amount=Money(2_500, "EUR"), description="Plus", tax_rate=None,
        charged_on=date(2026, 3, 1), by=SYSTEM, at=NOW,
    )  # fmt: skip
    with pytest.raises(NoTaxRule, match="ended on 2026-03-03"):
        issue_invoice(ana.pk, issued_on=date(2026, 3, 3), by=SYSTEM, at=NOW + timedelta(days=1))


def test_a_rule_that_no_longer_does_what_its_example_says_is_found(db):
    wrong = [{"given": {"country": "XK", "seller": "XK"}, "expect": {"rate": "17"}}]
    JurisdictionRule.objects.create(
        kind="tax_rate", country="XK", category="standard", valid_from=date(2026, 1, 1), examples=wrong, source="x",
        owner="x", author="system:defaults", proposed_at=NOW, state="approved",
        params={"rate": "18", "treatment": "standard", "name": "TVSH"},
    )  # fmt: skip

    with pytest.raises(CommandError, match="1 rules do not do what their examples say"):
        call_command("check_rules")


def test_two_supervisors_change_a_rule_in_the_admin_and_the_page_shows_its_versions(staff, db):
    pia, rob = staff("pia", "supervisor"), staff("rob", "supervisor")
    asked = {
        "kind": "tax_rate", "country": "FR", "category": "standard", "valid_from": "2026-04-01", "source": "CGI 278",
        "owner": "Finance", "params": '{"rate": "20.6", "treatment": "standard", "name": "TVA"}', "wording": "{}",
        "examples": '[{"given": {"country": "FR", "on": "2026-04-01"}, "expect": {"rate": "20.6"}}]',
    }  # fmt: skip
    refused = pia.post(reverse("admin:ledger_jurisdictionrule_add"), {**asked, "params": '{"rate": 20.6}'})
    assert "needs &#x27;treatment&#x27;" in refused.content.decode() or "is a number of per cent" in (
        refused.content.decode()
    )
    pia.post(reverse("admin:ledger_jurisdictionrule_add"), asked)
    row = JurisdictionRule.objects.get(state="proposed")
    approve = reverse("admin:ledger_jurisdictionrule_act", args=[row.pk, "approve"])

    pia.post(approve)
    assert JurisdictionRule.objects.get(pk=row.pk).state == "proposed"
    rob.post(approve)

    page = rob.get(reverse("admin:ledger_jurisdictionrule_change", args=[row.pk])).content.decode()
    assert "2021-07-01 to 2026-04-01 (approved)" in page
    assert "1 stored, all come out as written" in page
    assert "jurisdiction_rule.approved" in page
    tried = rob.get(
        reverse("admin:ledger_jurisdictionrule_try"),
        {"country": "fr", "customer_type": "consumer", "category": "standard", "on": "2026-04-02"},
    ).content.decode()
    assert "20.6 % (standard)" in tried
    assert "CGI 278" in tried


def test_staff_without_the_right_neither_see_nor_change_rules(staff, db):
    agent = staff("mia", "agent")

    assert agent.get(reverse("admin:ledger_jurisdictionrule_add")).status_code in {302, 403}
    assert agent.get(reverse("admin:ledger_jurisdictionrule_try")).status_code in {302, 403}
    assert not Event.objects.filter(kind__startswith="jurisdiction_rule").exists()


def test_the_shipped_rules_do_what_their_examples_say(db, capsys):
    call_command("check_rules")

    out = capsys.readouterr().out
    assert "Every example comes out as written." in out
    assert (
        Decimal(JurisdictionRule.objects.get(kind="tax_rate", country="DE", category="standard").params["rate"]) == 19
    )


def test_a_bill_to_the_canary_islands_waits_for_a_rule_and_supervisors_see_the_task(staff, db):
    nowhere, madrid = living_in(customer("Inés", "ES"), "35001"), living_in(customer("Luz", "ES"), "28001")

    with pytest.raises(NoTaxRule, match="for ES-CN, consumer, standard") as refused:
        billed(nowhere)
    note_missing_rule(refused.value, subject=f"customer:{nowhere.pk}", customer_id=nowhere.pk, by=SYSTEM, at=NOW)

    page = staff("pia", "supervisor").get(reverse("admin:ledger_jurisdictionrule_changelist")).content.decode()
    assert "ES-CN, consumer, standard" in page
    assert billed(madrid).tax_minor == 525  # 25.00 × 21 %


def test_the_billing_run_counts_sales_to_other_member_states_and_leaves_what_no_rule_covers(staff, pia, olg):
    """With a threshold of 15.00 EUR: 9.99 for Luz at the seller's 19 %, Zoé's 9.99 crosses it and bears 20 %."""
    params = {"threshold_minor": 1_500, "currency": "EUR", "is_waived": False}
    spec = RuleSpec("distance_threshold", params, date(2026, 1, 1), "Article 59c", "Finance", country="EU")
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)
    plan = plan_with_price(tax=None)
    people = [("luz", "ES", "28001"), ("zoe", "FR", "75001"), ("ines", "ES", "35001")]
    for day, (name, country, postal_code) in enumerate(people, start=1):
        subscribe(living_in(subscriber(name, country=country), postal_code), plan, on=date(2026, 2, 10 + day))

    run_billing(at=NOW, by=SYSTEM)

    rates = Invoice.objects.order_by("pk").values_list("customer__name", "lines__tax_rate")
    assert list(rates) == [("Luz", 19), ("Zoe", 20)]
    crossed = Event.objects.get(kind="distance_threshold.crossed")
    assert crossed.data["invoice"] == Invoice.objects.get(customer__name="Zoe").number
    waiting = BillingException.objects.get()
    assert "destination rate rule for ES-CN" in waiting.reason
    assert Event.objects.filter(kind="jurisdiction.rule_missing", data__region="ES-CN").count() == 1
    page = staff("rob", "supervisor").get(reverse("admin:ledger_jurisdictionrule_changelist")).content.decode()
    assert "19.98" in page
