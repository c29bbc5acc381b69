"""Bills and letters as facts, for tests that need no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ledger.catalogue.tariff import tariff_of
from ledger.charges.basis import AppliedDiscount, Basis
from ledger.documents.contact import ContactBlock
from ledger.documents.facts import Bill, Line, Party, Seller, tax_groups
from ledger.money import Money
from ledger.periods import Period
from tests.conftest import NOW

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
NORDLICHT = Seller(
    Party("Nordlicht GmbH", "DE", "Nordlichtstraße 12", "", "10115", "Berlin", vat_id="DE136695976"),
    register="Amtsgericht Charlottenburg, HRB 123456 B",
    iban="DE89370400440532013000",
    bic="COBADEFF",
    email="billing@nordlicht.example",
    account_url="https://desk.example/account/",
)
ANA = Party("Ana Berg", "DE", "Sonnenallee 7", "", "12047", "Berlin", number="C-000017")
DEL = Party("Delta BV", "NL", "Keizersgracht 1", "", "1015 CJ", "Amsterdam", vat_id="NL004495445B01", number="C-000018")
LINE = ContactBlock("+4930901820", "+49 30 901820", "Mo–Fr 09:00–17:30", "Deutsch, Englisch")
PLUS = tariff_of(model="flat", currency="EUR", amount_minor=2500)
METER = tariff_of(
    model="graduated",
    currency="EUR",
    tiers=[{"up_to": "1000", "unit_minor": "0"}, {"up_to": "10000", "unit_minor": "1.23"}, {"unit_minor": "0.85"}],
)


def line(
    description: str, net: int, tax: int, rate: str = "19", category: str = "S", *, currency: str = "EUR",
    discount: int = 0, basis: Basis | None = None, period: Period | None = MARCH,
) -> Line:  # fmt: skip
    """Return one line in minor units."""
    return Line(
        description, Money(net, currency), Money(tax, currency), Decimal(rate), category, Money(discount, currency),
        period, basis,
    )  # fmt: skip


def bill_with(*lines: Line, **changes: object) -> Bill:
    """Return Ana's bill of these lines."""
    usual = Bill(
        number="INV-2026-000042",
        language="de-DE",
        issued_on=date(2026, 3, 1),
        issued_at=NOW,
        seller=NORDLICHT,
        buyer=ANA,
        lines=lines,
        groups=tuple(tax_groups(lines, {})),
        due_on=date(2026, 3, 15),
        period=MARCH,
    )
    return replace(usual, **changes)


def usual_bill(**changes: object) -> Bill:
    """Return Plus for 16 of 31 days with ten per cent off, 12,500 metered units, and five seats at a lower rate.

    Plus 25.00 × 16/31 = 12.90, less 1.29 is 11.61. Units: 1,000 free, 9,000 × 0.0123 = 110.70, 2,500 × 0.0085 = 21.25.
    Tax: 19 % of 143.56 = 27.28 (2.21 + 25.07); 7 % of 5.00 = 0.35. Together 148.56 + 27.63 = 176.19.
    """
    loyal = AppliedDiscount("LOYAL-10", 129, Fraction(10))
    upgrade = Basis("plan", "plus", "Plus", PLUS, part=Fraction(16, 31), days=16, of_days=31, discounts=(loyal,))
    units = Basis("usage", "meter", "Meter", METER, Fraction(12500), unit="calls")
    seats = Basis("add_on", "seat", "Seat", tariff_of(model="per_unit", currency="EUR", unit_minor=100), Fraction(5))
    return bill_with(
        line("Plus", 1161, 221, discount=129, basis=upgrade, period=Period(date(2026, 3, 16), date(2026, 4, 1))),
        line("Metered calls", 13195, 2507, basis=units),
        line("Seats", 500, 35, "7", basis=seats),
        **changes,
    )
