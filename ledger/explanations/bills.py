"""Bills as facts to compare: which ones belong together, their lines by stable keys, and the credits on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from ledger.fx.queries import rate_for
from ledger.invoices.difference import BillFacts, HeaderItem, LineFacts
from ledger.invoices.explain import basis_of
from ledger.invoices.models import CreditNoteLine, Invoice, InvoiceLine
from ledger.invoices.queries import get_invoice, invoices_of
from ledger.money import exponent, round_half_away
from ledger.periods import Period
from ledger.subscriptions.models import Subscription, SubscriptionAddOn

#: How many bills are looked through for the one before.
LOOK_BACK = 60
COUNTED = {Invoice.State.OPEN, Invoice.State.PAID, Invoice.State.UNCOLLECTIBLE}
#: Causes of a charge that stand for a bill of a period, and not for a change within one.
REGULAR = {"start", "renewal", "trial_end", "usage", "late_usage"}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two bills to compare; `old` is None when there was none before. Invoices and notes are where the facts stand."""

    invoice: Invoice
    old: BillFacts | None
    new: BillFacts
    invoices: tuple[Invoice, ...]
    notes: tuple[CreditNoteLine, ...]
    old_currency: str

    @property
    def sources(self) -> list[str]:
        """What journal entries behind the two bills come from."""
        charges = [f"charge:{line.charge_id}" for invoice in self.invoices for line in invoice.lines.all()]
        bills = [f"invoice:{invoice.pk}" for invoice in self.invoices]
        return sorted({*charges, *bills, *(f"creditnote:{part.note_id}" for part in self.notes)})


def compared_with_last(invoice_id: int, *, customer_id: int | None = None) -> Compared:
    """Return a bill and the one it is compared with, in a fixed number of queries.

    A bill that a change within a period caused is compared with the period as it was billed before; any other with
    the last bill of the same subscription, changes and credits within its period included. A bill that belongs to no
    subscription is compared with the customer's last one.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    invoice = get_invoice(invoice_id, customer_id=customer_id)
    earlier = [
        bill for bill in invoices_of(invoice.customer_id, limit=LOOK_BACK, before=invoice.pk) if bill.state in COUNTED
    ]
    before, is_change = _before(invoice, earlier), _is_change(invoice)
    notes = _notes([*before, invoice])
    if is_change:
        old_notes = [part for part in notes if part.note.issued_at < invoice.issued_at]
        new_notes = [part for part in notes if part.note.issued_at <= invoice.issued_at]
    else:
        old_notes = [part for part in notes if part.line.invoice_id != invoice.pk]
        # What a later change gives back of this bill belongs to the bill of that change.
        new_notes = [part for part in notes if part.line.invoice_id == invoice.pk and not is_unused(part)]
    known = _Loader(invoice)
    new = known.facts([*before, invoice] if is_change else [invoice], new_notes)
    old = known.facts(before, old_notes) if before else None
    old_currency = before[0].currency if before else invoice.currency
    if old_currency != invoice.currency:
        new = with_rates_of_the_day(new, old_currency, invoice.issued_on)
    compared = {part.pk: part for part in (*old_notes, *new_notes)}
    return Compared(invoice, old, new, (*before, invoice), tuple(compared.values()), old_currency)


def source_of(invoice: Invoice) -> str:
    """Return what a bill is for: its own source, or the one all its charges share."""
    if invoice.source:
        return invoice.source
    sources = {line.charge.source for line in invoice.lines.all()}
    return sources.pop() if len(sources) == 1 else ""


def _before(invoice: Invoice, earlier: Sequence[Invoice]) -> list[Invoice]:
    """Return the last regular bill of the same kind and the changes billed since, oldest first."""
    source = source_of(invoice)
    same = [bill for bill in earlier if source_of(bill) == source] if source else list(earlier)
    found: list[Invoice] = []
    for bill in same:
        found.append(bill)
        if not _is_change(bill):
            break
    return found[::-1]


def _is_change(invoice: Invoice) -> bool:
    causes = {str(line.charge.basis.get("cause", "")) for line in invoice.lines.all()}
    return "change" in causes and not causes & REGULAR


def _notes(invoices: Iterable[Invoice]) -> list[CreditNoteLine]:
    lines = [line.pk for invoice in invoices for line in invoice.lines.all()]
    found = CreditNoteLine.objects.filter(line__in=lines).select_related("note", "line__charge", "line__invoice")
    return list(found.order_by("pk"))


class _Loader:
    """Turns bills into facts, in the currency of the bill that is explained."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.ended = _endings(invoice.customer_id)

    def facts(self, invoices: Sequence[Invoice], notes: Sequence[CreditNoteLine]) -> BillFacts:
        """Return bills and the credits on them as one."""
        lines = tuple(self._line(line) for invoice in invoices for line in invoice.lines.all())
        items = tuple(_item(part) for part in notes)
        facts = BillFacts(invoices[-1].currency, lines, items)
        return self._converted(facts, invoices[-1].issued_on)

    def _line(self, line: InvoiceLine) -> LineFacts:
        charge, basis = line.charge, basis_of(line.charge)
        period = Period(charge.period_start, charge.period_end) if charge.period_start and charge.period_end else None
        of = basis.product or f"name:{basis.name}"
        key = f"{charge.source or 'customer'}/{of}/{basis.kind}"
        return LineFacts(
            key=f"{key}/{charge.pk}" if basis.kind == "one_off" else key,
            basis=basis,
            net_minor=line.net_minor,
            tax_minor=line.tax_minor,
            tax_rate=Fraction(line.tax_rate),
            treatment=line.tax_treatment,
            period=period,
            ref=f"invoiceline:{line.pk}",
            ended=self.ended.get(f"{charge.source}/{basis.product}") or self.ended.get(charge.source, ""),
        )

    def _converted(self, facts: BillFacts, on: date) -> BillFacts:
        to, of = self.invoice.currency, facts.currency
        if of == to:
            return facts
        fx = {of: Fraction(rate_for(of, to=to, on=on).value)}
        factor = fx[of] * Fraction(10) ** (exponent(to) - exponent(of))
        lines = tuple(
            replace(
                line,
                net_minor=round_half_away(line.net_minor * factor),
                tax_minor=round_half_away(line.tax_minor * factor),
            )
            for line in facts.lines
        )
        items = tuple(replace(item, minor=round_half_away(item.minor * factor)) for item in facts.items)
        return BillFacts(to, lines, items, fx)


def with_rates_of_the_day(facts: BillFacts, currency: str, on: date) -> BillFacts:
    """Return a bill that knows what another currency was worth on its day, so that the two can be told apart."""
    return replace(facts, fx={**facts.fx, currency: Fraction(rate_for(currency, to=facts.currency, on=on).value)})


def is_unused(part: CreditNoteLine) -> bool:
    """Whether a credit is for days that a change of the subscription leaves unused."""
    return part.note.source.startswith("subscription:")


def _item(part: CreditNoteLine) -> HeaderItem:
    note, name = part.note, basis_of(part.line.charge).name
    kind = "unused" if is_unused(part) else "credit"
    facts = {
        "number": note.number,
        "reason": note.reason,
        "day": note.issued_on.isoformat(),
        "note": note.pk,
        "refs": (f"invoiceline:{part.line_id}",),
    }
    return HeaderItem(kind, f"creditnoteline:{part.pk}", -part.total.minor, name, facts)


def _endings(customer_id: int) -> Mapping[str, str]:
    """Return why subscriptions and add-ons of a customer are not billed any more, by what their charges name."""
    states = {Subscription.State.CANCELLED: "cancelled", Subscription.State.PAUSED: "paused"}
    ended = {
        f"subscription:{row['pk']}": states[row["state"]]
        for row in Subscription.objects.filter(customer_id=customer_id, state__in=list(states)).values("pk", "state")
    }
    dropped = SubscriptionAddOn.objects.filter(subscription__customer_id=customer_id, until__isnull=False)
    for row in dropped.values("subscription_id", "product__code"):
        ended[f"subscription:{row['subscription_id']}/{row['product__code']}"] = "dropped"
    return ended
