"""explain_refund: which payment it gives back, why, where it stands, and when the money is to be seen."""

from __future__ import annotations

from datetime import datetime

from ledger.books.queries import EntryView, entries_of_all
from ledger.explanations.refund_words import ARRIVAL_BUSINESS_DAYS, TEXT
from ledger.explanations.telling import Explanation
from ledger.invoices.sentences import Sentence
from ledger.invoices.sources import amounts_of, written
from ledger.invoices.wording import day, written_in
from ledger.refunds.models import Refund
from ledger.refunds.queries import get_refund

State = Refund.State


def explain_refund(refund_id: int, language: str, *, customer_id: int | None = None) -> Explanation:
    """Return what there is to say about a refund.

    :raises NoSuchRefund: if there is none, or it is another customer's
    """
    refund = get_refund(refund_id, customer_id=customer_id)
    sources = (f"payment:{refund.payment_id}", f"refund:{refund.pk}")
    entries = entries_of_all(sources)
    writer = _Writer(refund, entries[sources[0]], entries[sources[1]], language)
    backed = amounts_of([*entries[sources[0]], *entries[sources[1]]])
    return Explanation(
        subject=f"refund:{refund.pk}",
        customer_id=refund.customer_id,
        language=language,
        sentences=tuple(writer.sentences()),
        # Until it is approved a gift stands in no account; the request itself is then what it rests on.
        figures=frozenset(written([*backed, refund.amount, refund.payment.amount], language)),
    )


class _Writer:
    """Writes one refund's sentences in one language."""

    def __init__(self, refund: Refund, paid: list[EntryView], back: list[EntryView], language: str) -> None:
        self.refund, self.paid, self.back, self.language = refund, paid, back, language
        self.words = TEXT[written_in(language)]

    def sentences(self) -> list[Sentence]:
        """Return what, why, where it stands, and what was undone since."""
        return [self._what(), self._why(), *self._source(), self._where(), *self._undone()]

    def _say(self, key: str, entries: list[EntryView], **values: object) -> Sentence:
        return Sentence(self.words[key].format(**values), tuple(entry.id for entry in entries))

    def _what(self) -> Sentence:
        refund = self.refund
        last4 = refund.payment.card_last4
        return self._say(
            "what",
            [*self.paid, *self.back],
            number=refund.number,
            amount=refund.amount.display(self.language),
            paid=refund.payment.amount.display(self.language),
            paid_on=day(refund.payment.received_on, self.language),
            card=self.words["card"].format(last4=last4) if last4 else "",
        )

    def _why(self) -> Sentence:
        reason = self.refund.reason.rstrip(".") + "."
        return self._say("why", self.back, day=self._day(self.refund.requested_at), reason=reason)

    def _source(self) -> list[Sentence]:
        if self.refund.is_goodwill:
            return [self._say("goodwill", self.back)]
        moved = [entry for entry in self.back if any(line.account == "customer_credit" for line in entry.lines)]
        return [self._say("credit", moved)] if moved else []

    def _where(self) -> Sentence:
        refund = self.refund
        moment = refund.approved_at if refund.state in (State.APPROVED, State.SUBMITTED, State.FAILED) else None
        on = self._day(moment or refund.closed_at or refund.requested_at)
        key = "expected" if refund.state == State.PAID and refund.arrives_by else str(refund.state)
        return self._say(
            "credited" if refund.route == Refund.Route.CREDIT and refund.state == State.SETTLED else key,
            self.back,
            day=on,
            reason=refund.decline_reason.rstrip(".") + ".",
            reference=refund.gateway_reference,
            days=ARRIVAL_BUSINESS_DAYS,
            by=day(refund.arrives_by, self.language) if refund.arrives_by else "",
        )

    def _undone(self) -> list[Sentence]:
        return [
            self._say("reversed", [entry], entry=entry.reverses, day=day(entry.effective_on, self.language))
            for entry in (*self.paid, *self.back)
            if entry.reverses is not None
        ]

    def _day(self, at: datetime) -> str:
        return day(self.refund.customer.local_day(at), self.language)
