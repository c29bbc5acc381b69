"""explain_change: what a change of a subscription was, what it gave back, what it charged, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from ledger.books.queries import EntryView, entries_of_all
from ledger.errors import NotFound
from ledger.events.models import Event
from ledger.explanations.change_words import TEXT
from ledger.explanations.telling import Explanation
from ledger.invoices.explain import basis_of
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from ledger.invoices.queries import get_invoice
from ledger.invoices.sentences import Sentence
from ledger.invoices.sources import amounts_of, written
from ledger.invoices.wording import day, days, joined, last_day, written_in
from ledger.money import Money
from ledger.subscriptions.models import SubscriptionChange

State = SubscriptionChange.State
BILLING_DAY = SubscriptionChange.What.BILLING_DAY


class NoSuchChange(NotFound):
    """There is no such change of a subscription, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class _Caused:
    """What a change caused: credit notes and perhaps a bill, with the journal entries behind them."""

    notes: tuple[CreditNote, ...]
    invoice: Invoice | None
    entries: Mapping[str, list[EntryView]]

    def behind(self, *sources: str) -> tuple[int, ...]:
        """Return the ids of the entries of some sources."""
        return tuple(entry.id for source in sources for entry in self.entries.get(source, []))

    @property
    def total(self) -> Money | None:
        """What it comes to on balance, tax included."""
        parts = [-note.total for note in self.notes] + ([self.invoice.total] if self.invoice else [])
        return sum(parts[1:], parts[0]) if parts else None


def explain_change(change_id: int, language: str, *, customer_id: int | None = None) -> Explanation:
    """Return what there is to say about a change of a subscription, from its event and what it issued.

    :raises NoSuchChange: if there is none, or it is another customer's
    """
    found = SubscriptionChange.objects.filter(pk=change_id)
    found = found.select_related("subscription__customer", "subscription__plan")
    if customer_id is not None:
        found = found.filter(subscription__customer_id=customer_id)
    change = found.first()
    if change is None:
        raise NoSuchChange("There is no such change of a subscription.")
    caused = _caused(change)
    writer = _Writer(change, caused, language)
    backed = amounts_of(entry for many in caused.entries.values() for entry in many)
    lines = caused.invoice.lines.all() if caused.invoice else []
    shown = [*backed, *(line.total for line in lines), *writer.kept_figures()]
    return Explanation(
        subject=f"subscriptionchange:{change.pk}",
        customer_id=change.subscription.customer_id,
        language=language,
        sentences=tuple(writer.sentences()),
        figures=frozenset(written(shown, language)),
    )


def _caused(change: SubscriptionChange) -> _Caused:
    subject = f"subscription:{change.subscription_id}"
    event = Event.objects.filter(subject=subject, data__change_id=change.pk).order_by("-pk").first()
    data: Mapping[str, Any] = event.data if event else {}
    customer_id = change.subscription.customer_id
    numbers = data.get("credit_notes") or []
    parts = Prefetch("lines", CreditNoteLine.objects.select_related("line__charge").order_by("pk"))
    found = CreditNote.objects.filter(number__in=numbers, customer_id=customer_id).order_by("pk")
    notes = tuple(found.prefetch_related(parts))
    invoice = get_invoice(data["invoice_id"], customer_id=customer_id) if data.get("invoice_id") else None
    sources = [f"creditnote:{note.pk}" for note in notes]
    if invoice is not None:
        sources += [f"invoice:{invoice.pk}", *(f"charge:{line.charge_id}" for line in invoice.lines.all())]
    return _Caused(notes, invoice, entries_of_all(sources))


class _Writer:
    """Writes one change's sentences in one language."""

    def __init__(self, change: SubscriptionChange, caused: _Caused, language: str) -> None:
        self.change, self.caused, self.language = change, caused, language
        self.figures: Mapping[str, Any] = change.figures
        self.currency = change.subscription.currency
        self.words = TEXT[written_in(language)]

    def kept_figures(self) -> list[Money]:
        """Return the amounts that were shown before the change was confirmed, and what it came to."""
        names = ("total_minor", "next_bill_minor", "credited_minor", "due_now_minor")
        kept = [Money(int(self.figures[name]), self.currency) for name in names if self.figures.get(name)]
        return [*kept, *([self.caused.total] if self.caused.total else [])]

    def sentences(self) -> Iterable[Sentence]:
        """Yield what changed, what it gave back and charged, the balance, and the next bill."""
        yield Sentence(self._what())
        if self.change.received_at and self._local(self.change.received_at) != self._local(self.change.recorded_at):
            received = day(self._local(self.change.received_at), self.language)
            yield Sentence(self.words["received"].format(day=received))
        if self.change.state != State.APPLIED:
            on, reason = day(self.change.effective_on, self.language), self.change.refusal.rstrip(".") + "."
            yield Sentence(self.words[str(self.change.state)].format(day=on, reason=reason))
        else:
            yield from self._money()
        if self.change.state in (State.APPLIED, State.SCHEDULED) and self.figures.get("next_bill_on"):
            yield Sentence(self._next())

    def _local(self, at: datetime) -> date:
        return self.change.subscription.customer.local_day(at)

    def _what(self) -> str:
        old, new = (str(self.figures.get(name, "")) for name in ("old", "new"))
        if self.change.what == BILLING_DAY:
            old, new = (self.words["day_of"].format(day=each.rstrip(".")) for each in (old, new))
        return self.words[self.change.what].format(
            day=day(self.change.effective_on, self.language),
            old=old,
            new=new,
            target=self.change.target,
            plan=self.change.subscription.plan.name,
        )

    def _money(self) -> Iterable[Sentence]:
        caused, total = self.caused, self.caused.total
        for note in caused.notes:
            what = joined(
                list(dict.fromkeys(basis_of(part.line.charge).name for part in note.lines.all())), self.language
            )
            text = self.words["credited"].format(
                number=note.number, amount=note.total.display(self.language), what=what
            )
            yield Sentence(text, caused.behind(f"creditnote:{note.pk}"))
        if caused.invoice is not None:
            lines = list(caused.invoice.lines.all())
            what = joined([self._line(line) for line in lines], self.language)
            amount = caused.invoice.total.display(self.language)
            sources = (f"invoice:{caused.invoice.pk}", *(f"charge:{line.charge_id}" for line in lines))
            text = self.words["billed"].format(number=caused.invoice.number, amount=amount, what=what)
            yield Sentence(text, caused.behind(*sources), tuple(line.pk for line in lines))
        if total is None:
            yield Sentence(self.words["no_money"])
        elif caused.notes and caused.invoice and total:
            key = "net_more" if total.minor > 0 else "net_less"
            amount = Money(abs(total.minor), total.currency).display(self.language)
            yield Sentence(self.words[key].format(amount=amount), caused.behind(*caused.entries))

    def _line(self, line: InvoiceLine) -> str:
        name, charge = basis_of(line.charge).name, line.charge
        if charge.period_start is None or charge.period_end is None:
            return name
        return f"{name} ({days(charge.period_start, last_day(charge.period_end), self.language)})"

    def _next(self) -> str:
        amount = Money(int(self.figures.get("next_bill_minor") or 0), self.currency).display(self.language)
        on = day(date.fromisoformat(str(self.figures["next_bill_on"])), self.language)
        return self.words["next"].format(day=on, amount=amount)
