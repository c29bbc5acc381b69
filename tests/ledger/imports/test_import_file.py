"""import_file: what comes in behaves like ours, twice changes nothing, and the books hold what the file says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Price, Product
from ledger.closing.checklist import check_month
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.operations import open_customer
from ledger.disputes.opening import open_dispute
from ledger.documents.operations import document_for
from ledger.events.models import Event
from ledger.explanations.making import explain_bill
from ledger.imports import engine
from ledger.imports.models import ImportedRecord, ImportRun
from ledger.imports.totals import read_totals
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.statements import statement_of
from ledger.invoices.voiding import InvoiceNotVoidable, void_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.subscriptions.changes import preview_change
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import NotBilledHere
from ledger.subscriptions.terms import Change, What, When
from notifications.models import Message
from tests.conftest import NOW, berlin
from tests.ledger.documents.pages import page_texts
from tests.ledger.documents.worlds import LINE
from tests.ledger.imports.test_stripe_rows import CUSTOMER, INVOICE, PRICE, SUBSCRIPTION
from tests.ledger.imports.worlds import CUSTOMERS, FILES, INVOICES, counts, json_lines, problems, read_all_in, read_in
from tests.ledger.worlds import SYSTEM, eur, open_ana, prove

pytestmark = pytest.mark.django_db


def test_four_files_make_a_customer_with_credit_a_subscription_and_an_open_bill(run_reactions):
    runs = read_all_in()

    assert {kind: counts(run) for kind, run in runs.items()} == {
        "customers": (2, 0, 0, 0, 0),
        "prices": (2, 0, 0, 0, 0),
        "subscriptions": (1, 0, 0, 0, 0),
        "invoices": (1, 0, 0, 0, 0),
    }
    ana = Customer.objects.get(external_id="old-1")
    invoice = Invoice.objects.get(number="2026-17")
    assert (invoice.customer, invoice.state, invoice.issued_on, invoice.due_on) == (
        ana, "open", date(2026, 2, 1), date(2026, 2, 15))  # fmt: skip
    # 78.00 + 14.82 + 5.00 + 0.95 = 98.77, of which 50.00 were paid.
    assert (invoice.total, invoice.open_amount, invoice.lines.count()) == (eur(9877), eur(4877), 2)
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(4877)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1250)
    run_reactions()
    assert not Message.objects.exists()
    assert first_break() is None
    assert [item.findings for item in check_month(date(2026, 3, 1)) if item.key.startswith(("claim", "tax"))
            and item.findings] == []  # fmt: skip


def test_a_second_run_changes_nothing_and_tells_what_the_file_says_differently():
    read_all_in()
    events = Event.objects.exclude(kind__startswith="import.").count()

    again = {kind: counts(read_in(kind, text)) for kind, text in FILES.items()}
    changed = read_in("customers", CUSTOMERS.replace("Bo Lund", "Bo Lind"))

    assert set(again.values()) == {(0, 1, 0, 0, 0), (0, 2, 0, 0, 0)}
    assert counts(changed) == (0, 1, 1, 0, 0)
    assert "says something else than when it was imported" in problems(changed)[0][1]
    assert Customer.objects.get(external_id="old-2").name == "Bo Lund"
    assert Event.objects.exclude(kind__startswith="import.").count() == events
    assert read_totals(read_in("invoices", INVOICES).totals)[0].before == eur(4877)


def test_a_dry_run_tells_the_same_and_keeps_nothing_but_the_report():
    text = CUSTOMERS + "old-3,Cy,XX1,EUR,,\n"

    tried = read_in("customers", text, dry=True)
    left = Customer.objects.count(), ImportedRecord.objects.count(), Event.objects.count()
    number = open_customer(name="Di", country="DE", currency="EUR", by=SYSTEM, at=NOW).number
    done = read_in("customers", text)

    assert (counts(tried), problems(tried), tried.totals) == (counts(done), problems(done), done.totals)
    assert counts(done) == (2, 0, 0, 1, 0)
    assert left == (0, 0, 2)
    # The numbers of customers have no gap because of it.
    following = Customer.objects.get(external_id="old-1").number
    assert int(following.removeprefix("C-")) == int(number.removeprefix("C-")) + 1


def test_all_or_nothing_keeps_nothing_when_one_row_is_wrong():
    run = read_in("customers", CUSTOMERS + "old-3,,DE,EUR,,\n", all_or_nothing=True)

    assert counts(run) == (0, 0, 0, 1, 2)
    assert run.note.startswith("Nothing was imported")
    assert not Customer.objects.exists()
    assert counts(read_in("customers", CUSTOMERS, all_or_nothing=True)) == (2, 0, 0, 0, 0)


def test_rows_that_cannot_be_are_refused_each_for_its_reason_and_the_others_come_in():
    open_ana(email="taken@example.com")

    run = read_in(
        "customers",
        "id,name,country,currency,email,vat_id\n"
        "a,Ann,DE,EUR,Taken@Example.com,\n"
        "b,Bea,DE,EUR,shared@example.com,\n"
        "c,Cay,DE,EUR,shared@example.com,\n"
        "d,Dan,DE,EUR,no-address,DE123\n"
        "b,Bea again,DE,EUR,,\n"
        "e,Eve,DE,EUR,eve@example.com,\n",
    )

    assert counts(run) == (2, 0, 0, 4, 0)
    told = dict(problems(run))
    assert "belongs to C-" in told[2]
    assert "shared@example.com belongs to the customer b" in told[4]
    assert "no-address" in told[5]
    assert "DE123 is not a VAT id" in told[5]
    assert told[6] == "id: b stands in line 3 already."
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {
        "taken@example.com", "shared@example.com", "eve@example.com"}  # fmt: skip


def test_references_series_and_currencies_that_do_not_fit_are_refused():
    read_in("customers", CUSTOMERS)
    head = "number,customer,currency,issued_on,due_on,net,tax,paid\n"
    rows = [
        "A-1,nobody,EUR,2026-02-01,2026-02-15,10.00,0,",
        "A-2,old-1,USD,2026-02-01,2026-02-15,10.00,0,",
        "INV-2026-000001,old-1,EUR,2026-02-01,2026-02-15,10.00,0,",
        "A-3,old-1,EUR,2026-02-01,2026-01-15,10.00,0,",
        "A-4,old-1,EUR,2026-02-01,2026-02-15,10.00,0,10.00",
        "A-5,old-1,EUR,2026-02-01,2026-02-15,10.00,10.00,",
    ]

    told = dict(problems(read_in("invoices", head + "\n".join(rows))))

    assert "'nobody' is not known; import customers first" in told[2]
    assert "billed in EUR, not in USD" in told[3]
    assert "such as OLD-INV-2026-000001" in told[4]
    assert "2026-01-15 is before 2026-02-01" in told[5]
    assert "nothing is owed" in told[6]
    assert "tax: is not less than the net amount" in told[7]
    assert not Invoice.objects.exists()


def test_an_imported_bill_is_paid_disputed_and_credited_like_ours_but_never_voided():
    read_in("customers", CUSTOMERS)
    read_in("invoices", INVOICES)
    invoice = Invoice.objects.get(number="2026-17")
    plus, storage = invoice.lines.order_by("position")

    with pytest.raises(InvoiceNotVoidable, match="issued by another system"):
        void_invoice(invoice.pk, reason="A mistake", by=SYSTEM, at=NOW)
    issue_credit_note(storage.pk, amount=eur(595), reason="Not ordered", by=SYSTEM, at=NOW)
    proof = prove(invoice.customer)
    open_dispute(plus.pk, amount=eur(1000), reason="wrong_amount", proof=proof, by=SYSTEM, at=NOW)
    record_payment(invoice.customer_id, amount=eur(3282), card_last4="4242", by=SYSTEM, at=NOW)

    invoice = Invoice.objects.get(pk=invoice.pk)
    # 48.77 owed, less 5.95 credited, less 10.00 on hold: 32.82 were due, and are paid.
    assert (invoice.due_amount, invoice.open_amount) == (eur(0), eur(1000))
    assert first_break() is None


def test_an_imported_subscription_renews_on_its_next_billing_day_and_not_before():
    read_all_in()
    subscription = Subscription.objects.get(external_id="sub-1")

    run_billing(at=berlin(2026, 3, 30, 12))
    before = Invoice.objects.filter(source=f"subscription:{subscription.pk}").count()
    run_billing(at=berlin(2026, 3, 31, 12))

    (bill,) = Invoice.objects.filter(source=f"subscription:{subscription.pk}")
    subscription = Subscription.objects.get(pk=subscription.pk)
    assert before == 0
    # Two at 39.00 and the storage at 5.00; anchored on the 31st, so April's last day is next.
    assert (bill.net_minor, bill.period_start, bill.period_end) == (8300, date(2026, 3, 31), date(2026, 4, 30))
    assert subscription.renews_on == date(2026, 4, 30)


def test_an_imported_bill_is_explained_and_printed_under_its_own_number():
    read_in("customers", CUSTOMERS)
    read_in("invoices", INVOICES)
    invoice = Invoice.objects.get(number="2026-17")

    explained = explain_bill(invoice.pk, "en")
    pages = page_texts(
        bytes(document_for(f"invoice:{invoice.pk}", contact=LINE, language="en", by=SYSTEM, at=NOW).content)
    )

    assert "€78.00" in " ".join(one.text for one in explained.sentences)
    assert "2026-17" in pages[0]
    assert "98.77" in "".join(pages)


def test_what_another_system_billed_is_neither_billed_again_nor_given_back():
    read_all_in()
    read_in("prices", "code,name,currency,valid_from,price\npro,Pro,EUR,2025-01-01,59.00\n")
    subscription = Subscription.objects.get(external_id="sub-1")
    upgrade = Change(What.PLAN, plan="pro", when=When.NOW)

    with pytest.raises(NotBilledHere, match="up to 2026-03-31 is not in our books"):
        preview_change(subscription.pk, upgrade, at=NOW)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("s,old-1,plus,2026-03-01,,", "2026-03-01 is over. Bill that period where it was"),
        ("s,old-1,plus,2026-03-15,2026-01-31,", "counted from 2026-01-31, 2026-03-15 is no billing day"),
        ("s,old-1,gold,2026-03-15,,", "'gold' is no plan we know; import prices first"),
        ("s,old-1,storage,2026-03-15,,", "'storage' is no plan we know"),
        ("s,nobody,plus,2026-03-15,,", "'nobody' is not known"),
        ("s,old-1,plus,2026-03-15,,plus", "'plus' is no add-on we know"),
    ],
)
def test_a_subscription_that_could_bill_twice_or_never_is_refused(row, why):
    read_in("customers", CUSTOMERS)
    read_in("prices", FILES["prices"])

    run = read_in("subscriptions", f"id,customer,plan,next_billing_on,anchor_on,add_ons\n{row}\n")

    assert why in problems(run)[0][1]


def test_files_of_stripe_come_in_with_their_ids_and_a_retired_price_keeps_its_holders():
    product = {"id": "prod_1", "object": "product", "name": "Plus", "active": True}

    runs = [
        read_in("customers", json_lines([CUSTOMER]), form="stripe"),
        read_in("products", json_lines([product]), form="stripe"),
        read_in("prices", json_lines([{**PRICE, "active": False}]), form="stripe"),
        read_in("subscriptions", json_lines([SUBSCRIPTION, {**SUBSCRIPTION, "status": "canceled"}]), form="stripe"),
        read_in("invoices", json_lines([INVOICE, {**INVOICE, "id": "in_2", "status": "paid"}]), form="stripe"),
    ]

    assert [problems(run) for run in runs] == [[]] * 5
    assert [run.left_out for run in runs] == [0, 0, 0, 1, 1]
    subscription = Subscription.objects.get(external_id="sub_1")
    assert (subscription.plan.name, subscription.plan.is_on_sale, subscription.quantity) == ("Plus", False, 3)
    # 1 April 2026, 00:00 UTC is 1 April in Berlin.
    assert subscription.renews_on == date(2026, 4, 1)
    assert Price.objects.get().unit_minor == Decimal(3900)
    assert Invoice.objects.get().open_amount == eur(10000)
    assert Product.objects.count() == 1


def test_control_totals_show_the_file_beside_the_books():
    read_in("customers", CUSTOMERS)

    run = read_in("invoices", INVOICES + "A-9,nobody,EUR,2026-02-01,2026-02-15,,7.00,0,,\n")

    (total,) = read_totals(run.totals)
    assert (total.in_file, total.imported, total.refused, total.in_books, total.difference) == (
        eur(5577), eur(4877), eur(700), eur(4877), eur(0))  # fmt: skip


def test_the_statement_begins_with_what_was_owed_before():
    read_in("customers", CUSTOMERS)
    read_in("invoices", INVOICES)
    ana = Customer.objects.get(external_id="old-1")

    statement = statement_of(ana.pk, date(2026, 3, 1), date(2026, 3, 31))

    assert {(line.words, line.amount) for line in statement.movements} == {
        ("Owed from before 2026-17", eur(4877)), ("Credit from before", eur(-1250))}  # fmt: skip
    assert statement.closing == Money(3627, "EUR")


def test_one_row_the_database_refuses_costs_its_neighbours_nothing(monkeypatch):
    read_in("customers", CUSTOMERS)
    head = "number,customer,currency,issued_on,due_on,net,tax\n"
    most = f"{10**15 - 1}.00"

    run = read_in("invoices", head + f"B-1,old-1,EUR,2026-02-01,2026-02-15,{most},0\n"
                  "B-2,old-2,EUR,2026-02-01,2026-02-15,5.00,0\n"
                  f"B-3,old-1,EUR,2026-02-01,2026-02-15,{'9' * 19}.00,0\n")  # fmt: skip

    assert (run.imported, run.refused) == (2, 1)
    assert "too large" in problems(run)[0][1]


def test_many_chunks_count_every_row_once_and_a_duplicate_is_found_across_them(monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 7)
    rows = "".join(f"c{number},Name {number},DE,EUR\n" for number in range(50))

    run = read_in("customers", f"id,name,country,currency\n{rows}c3,Again,DE,EUR\n")

    assert (run.rows, run.done, counts(run)) == (51, 51, (50, 0, 0, 1, 0))
    assert problems(run) == [(52, "id: c3 stands in line 5 already.")]
    assert ImportRun.objects.get().state == "finished"
