"""difference: worked by hand, cause by cause."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import AppliedDiscount
from ledger.invoices.difference import BillFacts, HeaderItem, difference
from ledger.money import CurrencyMismatch
from tests.ledger.invoices.bills import Item, bill_facts, flat, per_unit, percent_off, told

TWENTY = Fraction(20)


def test_ten_at_ten_to_twelve_at_eleven_is_quantity_and_price_without_an_order():
    old = bill_facts([Item(per_unit("Seats", 10, 1000), TWENTY)])
    new = bill_facts([Item(per_unit("Seats", 12, 1100), TWENTY)])

    found = difference(old, new)

    # 120.00 -> 158.40. Quantity first: 24.00 then 14.40; price first: 12.00 then 26.40; the means are 25.20 and 13.20.
    assert found.total.minor == 3840
    assert told(found) == [("quantity", "Seats", 2520), ("price", "Seats", 1320)]
    assert found.causes[0].facts["before"] == "10"
    assert found.causes[0].facts["after"] == "12"


def test_a_graduated_price_is_compared_through_its_steps():
    tiers = (Tier(Fraction(1000), Fraction(0)), Tier(Fraction(10000), Fraction("1.23")), Tier(None, Fraction("0.85")))
    meter = replace(flat("Meter", 0, kind="usage"), tariff=Tariff(Model.GRADUATED, "EUR", tiers=tiers))

    def used(quantity: int) -> BillFacts:
        return bill_facts([Item(replace(meter, quantity=Fraction(quantity)))])

    assert told(difference(used(1000), used(1001))) == [("usage", "Meter", 1)]  # 1 x 0.0123 is rounded up
    assert told(difference(used(10000), used(12500))) == [("usage", "Meter", 2125)]  # 2,500 x 0.0085
    assert told(difference(used(0), used(12500))) == [("usage", "Meter", 13195)]  # 110.70 + 21.25


def test_a_discount_is_new_expired_or_changed():
    plain = [Item(flat("Plus", 2500))]
    ten, twenty = (percent_off(plain, "LOYAL", Fraction(rate)) for rate in (10, 20))

    (new,) = difference(bill_facts(plain), bill_facts(ten)).causes
    (expired,) = difference(bill_facts(ten), bill_facts(plain)).causes
    (changed,) = difference(bill_facts(ten), bill_facts(twenty)).causes

    assert [(cause.minor, cause.facts["what"]) for cause in (new, expired, changed)] == [
        (-250, "new"),
        (250, "expired"),
        (-250, "changed"),
    ]


def test_one_discount_ends_while_another_stays_and_only_the_ended_one_is_named():
    items = [Item(flat("Plus", 10000))]
    both = percent_off(percent_off(items, "SAVE-20", Fraction(20)), "LOYAL-10", Fraction(10))
    kept = percent_off(items, "LOYAL-10", Fraction(10))

    # 100.00 - 20.00 - 8.00 = 72.00 before, 90.00 now
    assert told(difference(bill_facts(both), bill_facts(kept))) == [("discount", "SAVE-20", 1800)]


def test_an_amount_off_that_two_lines_share_is_no_cause_when_only_its_shares_move():
    def bill(seats: int, shares: tuple[int, int]) -> BillFacts:
        lines = [per_unit("Seats", seats, 1000), flat("Storage", 1000)]
        return bill_facts(
            [
                Item(replace(line, discounts=(AppliedDiscount("WELCOME", share),)))
                for line, share in zip(lines, shares, strict=True)
            ]
        )

    # 6.00 off 10.00 + 10.00, then off 20.00 + 10.00: the shares move from 3.00 + 3.00 to 4.00 + 2.00
    assert told(difference(bill(1, (300, 300)), bill(2, (400, 200)))) == [("quantity", "Seats", 1000)]


def test_a_price_that_includes_tax_does_not_change_with_the_rate():
    inclusive = flat("Plus", 1190, includes_tax=True)
    old, new = (bill_facts([Item(inclusive, Fraction(rate))]) for rate in (19, 16))

    assert told(difference(old, new)) == []
    assert told(difference(old, bill_facts([Item(replace(inclusive, quantity=Fraction(2)), Fraction(19))]))) == []
    dearer = replace(inclusive, tariff=Tariff(Model.FLAT, "EUR", flat_minor=1290))
    assert told(difference(old, bill_facts([Item(dearer, Fraction(19))]))) == [("price", "Plus", 100)]


def test_reverse_charge_is_a_cause_of_its_own_over_all_lines():
    lines = [Item(flat("Plus", 2500), Fraction(19)), Item(flat("Storage", 500), Fraction(19))]
    reversed_ones = [replace(line, tax=Fraction(0), treatment="reverse_charge") for line in lines]

    (cause,) = difference(bill_facts(lines), bill_facts(reversed_ones)).causes

    assert (cause.kind, cause.minor, cause.facts["treatment"]) == ("tax", -570, "reverse_charge")  # 19 % of 30.00


def test_a_price_in_another_currency_moves_with_the_exchange_rate():
    dollars = Item(replace(flat("Plus", 0), tariff=Tariff(Model.FLAT, "USD", flat_minor=1000)))
    old, new = (bill_facts([dollars], currency="JPY", fx={"USD": Fraction(rate)}) for rate in ("151.23", "149.8"))

    # 10.00 USD: 1,512 yen, then 1,498
    assert (old.total.minor, new.total.minor) == (1512, 1498)
    assert told(difference(old, new)) == [("fx", "USD", -14)]


def test_what_was_added_or_is_gone_says_why():
    old = bill_facts([Item(flat("Basic", 1000)), Item(flat("Set-up", 4900, kind="one_off", cause="one_off"))])
    new = bill_facts([Item(flat("Plus", 2500, cause="change", days=16, of_days=31))])

    reasons = {cause.subject: (cause.kind, cause.facts["reason"]) for cause in difference(old, new).causes}
    assert reasons == {
        "Plus": ("added", "changed"),
        "Basic": ("removed", "replaced"),
        "Set-up": ("one_off", "once"),
    }


def test_causes_that_cancel_out_are_both_shown():
    old, new = bill_facts([Item(flat("Storage", 500))]), bill_facts([Item(flat("Support", 500))])

    found = difference(old, new)

    assert not found.total
    assert sorted(told(found)) == [("added", "Support", 500), ("removed", "Storage", -500)]


def test_late_fees_credits_and_a_balance_carried_over_are_causes_by_themselves():
    lines = [Item(flat("Plus", 2500))]
    items = [HeaderItem("late_fee", "fee", 500, "Late fee"), HeaderItem("credit", "note:1", -250, "Plus")]
    old, new = bill_facts(lines), bill_facts(lines, header=[*items, HeaderItem("balance", "carried", 100)])

    assert told(difference(old, new)) == [("late_fee", "Late fee", 500), ("credit", "Plus", -250), ("balance", "", 100)]


def test_drivers_that_do_not_give_the_amount_are_not_believed():
    bill = bill_facts([Item(flat("Plus", 2500))])
    imported = replace(bill, lines=(replace(bill.lines[0], net_minor=3000),))

    (cause,) = difference(bill, imported).causes

    assert (cause.kind, cause.minor, cause.facts["before_minor"], cause.facts["after_minor"]) == (
        "amount",
        500,
        2500,
        3000,
    )


def test_the_same_thing_twice_is_matched_in_the_order_of_its_service():
    first, second = (flat("Plus", 2500) for _ in range(2))
    old = bill_facts([Item(first)])

    found = difference(old, bill_facts([Item(first), Item(second)]))

    assert told(found) == [("added", "Plus", 2500)]


@pytest.mark.parametrize("lines", [6, 12])
def test_a_customer_reads_at_most_five_causes_and_the_details_keep_them_all(lines):
    names = [f"Item {number:02}" for number in range(lines)]
    old = bill_facts([Item(per_unit(name, 1, 100 * place)) for place, name in enumerate(names, start=1)])
    new = bill_facts([Item(per_unit(name, 2, 100 * place)) for place, name in enumerate(names, start=1)])

    found = difference(old, new)

    assert len(found.details) == lines
    assert len(found.causes) <= 5
    assert sum(cause.minor for cause in found.causes) == found.total.minor
    (together,) = found.causes  # twelve quantities are one cause with twelve parts
    assert (together.kind, len(together.parts)) == ("quantity", lines)


def test_small_causes_are_called_other_only_up_to_five_per_cent():
    small = [Item(flat(f"Small {n}", 10 * n)) for n in range(1, 4)]
    large = [Item(flat(f"Large {n}", 1000 * n)) for n in range(1, 5)]

    found = difference(BillFacts("EUR"), bill_facts([*large, *small]))

    assert [cause.kind for cause in found.causes] == ["added"] * 4 + ["other"]
    assert found.causes[-1].minor == 60  # 0.60 of 100.60
    assert len(found.causes[-1].parts) == 3


def test_bills_in_two_currencies_are_not_compared_unconverted():
    with pytest.raises(CurrencyMismatch):
        difference(BillFacts("EUR"), BillFacts("USD"))
