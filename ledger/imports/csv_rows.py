"""Our own CSV files (pure): which columns each has, and what their cells mean. docs/operations.md shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ledger.imports.cells import RowReader, RowRefused
from ledger.imports.reading import Cells, UnreadableFile
from ledger.imports.rows import CustomerRow, InvoiceRow, LineRow, PriceRow, SubscriptionRow
from ledger.money import exponent

#: Columns in order; those of `REQUIRED` have to be there.
COLUMNS: dict[str, tuple[str, ...]] = {
    "customers": (
        "id", "name", "country", "currency", "kind", "language", "region", "street", "address_more", "postal_code",
        "city", "time_zone", "vat_id", "email", "phone", "person", "credit",
    ),
    "prices": (
        "code", "name", "currency", "valid_from", "price", "kind", "interval", "unit", "meter", "model", "tiers",
        "includes_tax", "tax_rate", "tax_category", "trial_days", "on_sale",
    ),
    "subscriptions": (
        "id", "customer", "plan", "next_billing_on", "quantity", "add_ons", "state", "started_on", "anchor_on",
        "ends_on", "metered_on",
    ),
    "invoices": (
        "number", "customer", "currency", "issued_on", "due_on", "description", "net", "tax", "tax_rate", "paid",
    ),
}  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "customers": ("id", "name"),
    "prices": ("code", "name", "currency", "valid_from"),
    "subscriptions": ("id", "customer", "plan", "next_billing_on"),
    "invoices": ("number", "customer", "currency", "issued_on", "due_on", "net", "tax"),
}
INTERVALS = ("week", "month", "quarter", "year")
MODELS = ("flat", "per_unit", "graduated", "volume")
LARGEST_UNIT = Decimal(10**9)
HIGHEST_RATE = Decimal("99.999")
#: Lines of one bill that are read.
MOST_LINES = 1000


def customer_of(cells: Cells, *, country: str = "", currency: str = "") -> CustomerRow:
    """Read a customer; country and currency are those given where the row has none.

    :raises RowRefused: with every wrong cell
    """
    row = RowReader({**cells.values, **_filled(cells, country=country, currency=currency)})
    found = row.currency("currency")
    read = CustomerRow(
        external_id=row.text("id", longest=100, required=True),
        name=row.text("name", longest=200, required=True),
        country=country_of(row, "country"),
        currency=found,
        kind=row.choice("kind", ("consumer", "business"), default="consumer"),
        language=row.text("language", longest=12, default="en"),
        region=row.text("region", longest=6).upper(),
        street=row.text("street", longest=200),
        address_more=row.text("address_more", longest=200),
        postal_code=row.text("postal_code", longest=20),
        city=row.text("city", longest=100),
        time_zone=row.zone("time_zone", default="Europe/Berlin"),
        vat_id=row.text("vat_id", longest=20),
        email=row.text("email", longest=254),
        phone=row.text("phone", longest=40),
        person=row.text("person", longest=200),
        credit=row.money("credit", found),
    )
    if read.region and not read.region.startswith(f"{read.country}-"):
        row.wrong("region", f"{read.region} is not a region of {read.country}, such as US-CA.")
    row.done()
    return read


def _filled(cells: Cells, **defaults: str) -> dict[str, str]:
    return {name: value for name, value in defaults.items() if value and not cells.values.get(name)}


def country_of(row: RowReader, name: str) -> str:
    """Return a country code of ISO 3166-1."""
    value = row.text(name, longest=100).upper()
    if len(value) == 2 and value.isascii() and value.isalpha():
        return value
    row.wrong(name, f"{value[:40]!r} is not a country code such as DE." if value else "is empty.")
    return ""


def price_of(cells: Cells) -> PriceRow:
    """Read one version of a price.

    :raises RowRefused: with every wrong cell
    """
    row = RowReader(cells.values)
    currency = row.currency("currency")
    model = row.choice("model", MODELS, default="per_unit")
    tiers = _tiers(row, currency) if model in ("graduated", "volume") else ()
    amount, unit = (row.money("price", currency, required=True), Decimal(0)) if model == "flat" else (0, Decimal(0))
    if model == "per_unit":
        unit = _minor(row.decimal("price", highest=LARGEST_UNIT), currency)
        if not row.has("price"):
            row.wrong("price", "is empty.")
    code, valid_from = row.text("code", longest=40, required=True), row.day("valid_from", required=True) or date.min
    read = PriceRow(
        external_id=f"{code}:{currency}:{valid_from}",
        code=code,
        name=row.text("name", longest=100, required=True),
        currency=currency,
        valid_from=valid_from,
        kind=row.choice("kind", ("plan", "add_on", "one_off"), default="plan"),
        interval=row.choice("interval", INTERVALS, default="month"),
        unit=row.text("unit", longest=40),
        meter=row.text("meter", longest=40),
        model=model,
        amount_minor=amount,
        unit_minor=unit,
        tiers=tiers,
        includes_tax=row.yes("includes_tax", default=False),
        tax_rate=row.decimal("tax_rate", highest=HIGHEST_RATE),
        tax_category=row.text("tax_category", longest=40, default="standard"),
        trial_days=row.whole("trial_days", lowest=0, highest=366, default=0),
        is_on_sale=row.yes("on_sale", default=True),
    )
    row.done()
    return read


def _minor(price: Decimal | None, currency: str) -> Decimal:
    return (price or Decimal(0)).scaleb(exponent(currency)) if currency else Decimal(0)


def _tiers(row: RowReader, currency: str) -> tuple[tuple[str | None, str, int], ...]:
    """Read `1000=0.02|5000=0.015|=0.01`: up to how many units each costs how much; the last has no end."""
    steps = []
    for step in row.values.get("tiers", "").split("|"):
        up_to, equals, price = (part.strip() for part in step.partition("="))
        cell = RowReader({"tiers": price, "up to": up_to})
        unit = cell.decimal("tiers", highest=LARGEST_UNIT)
        cell.decimal("up to", highest=LARGEST_UNIT)
        if not equals or unit is None or cell.problems:
            row.wrong("tiers", "are written as 1000=0.02|=0.01: up to 1,000 units at 0.02 each, then 0.01.")
            return ()
        steps.append((up_to or None, f"{_minor(unit, currency):f}", 0))
    return tuple(steps)


def subscription_of(cells: Cells) -> SubscriptionRow:
    """Read a subscription.

    :raises RowRefused: with every wrong cell
    """
    row = RowReader(cells.values)
    states = ("active", "trial", "past_due", "paused", "cancelled")
    read = SubscriptionRow(
        external_id=row.text("id", longest=100, required=True),
        customer=row.text("customer", longest=100, required=True),
        plan=row.text("plan", longest=100, required=True),
        next_billing_on=row.day("next_billing_on", required=True) or date.min,
        quantity=row.whole("quantity", lowest=1, highest=1_000_000, default=1),
        add_ons=_add_ons(row),
        state=row.choice("state", states, default="active"),
        started_on=row.day("started_on"),
        anchor_on=row.day("anchor_on"),
        ends_on=row.day("ends_on"),
        metered_on=row.day("metered_on"),
    )
    if (read.state == "cancelled") != row.has("ends_on"):
        row.wrong("ends_on", "is the first day without service, of a cancelled subscription and of no other.")
    row.done()
    return read


def _add_ons(row: RowReader) -> tuple[tuple[str, int], ...]:
    """Read `storage=2|support`: codes with their quantities."""
    found: list[tuple[str, int]] = []
    for part in filter(None, (part.strip() for part in row.values.get("add_ons", "").split("|"))):
        code, _, quantity = (piece.strip() for piece in part.partition("="))
        count = RowReader({"add_ons": quantity})
        found.append((code[:40], count.whole("add_ons", lowest=1, highest=1_000_000, default=1)))
        row.problems += count.problems
    if len({code for code, _ in found}) != len(found):
        row.wrong("add_ons", "names one twice.")
    return tuple(found)


def invoices_of(rows: Iterator[Cells]) -> Iterator[tuple[list[Cells], int]]:
    """Yield the rows of each bill, and how many they are: rows with the same number that follow each other.

    :raises UnreadableFile: if rows of one bill are apart: half a bill must never be imported
    """
    together: list[Cells] = []
    count = 0
    seen: set[int] = set()
    for cells in rows:
        number = cells.values.get("number", "")
        if together and number != together[0].values.get("number", ""):
            yield together, count
            together, count = [], 0
        if not together and number:
            if hash(number) in seen:
                why = f"the rows of {number[:40]!r} are apart; sort the file by number."
                raise UnreadableFile(f"Line {cells.line}: {why}")
            seen.add(hash(number))
        count += 1
        if count <= MOST_LINES:
            together.append(cells)
    if together:
        yield together, count


def invoice_of(together: list[Cells], count: int) -> InvoiceRow:
    """Read a bill from its rows: the first has the days and what is paid.

    :raises RowRefused: with every wrong cell
    """
    if count > MOST_LINES:
        raise RowRefused(f"number: a bill has at most {MOST_LINES:,} lines, not {count:,}.")
    first, problems = RowReader(together[0].values), list[str]()
    currency = first.currency("currency")
    number = first.text("number", longest=40, required=True)
    issued_on, due_on = first.day("issued_on", required=True) or date.min, first.day("due_on", required=True)
    customer, paid = first.text("customer", longest=100, required=True), first.money("paid", currency)
    lines = []
    for cells in together:
        row = first if cells is together[0] else RowReader(cells.values)
        same = all(cells.values.get(name) == together[0].values.get(name) for name in ("customer", "currency"))
        if not same:
            row.wrong("number", f"the rows of {number} are of two customers or currencies.")
        lines.append(_line_of(row, currency, number))
        problems += row.problems
    if problems:
        first.problems = problems
    first.done()
    return InvoiceRow(number, number, customer, currency, issued_on, due_on, tuple(lines), paid)


def _line_of(row: RowReader, currency: str, number: str) -> LineRow:
    rate = row.decimal("tax_rate", highest=HIGHEST_RATE)
    net, tax = row.money("net", currency, required=True), row.money("tax", currency, required=True)
    text = row.text("description", longest=200, default=f"As billed on {number}")
    return LineRow(text, net, tax, rate_of(net, tax) if rate is None else rate)


def rate_of(net: int, tax: int) -> Decimal:
    """Return the rate a tax implies, per cent with two digits, where none is given."""
    return (Decimal(tax) * 100 / net).quantize(Decimal("0.01")) if net else Decimal(0)
