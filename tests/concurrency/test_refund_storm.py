"""Request, approve, cancel and chargeback at the same moment, again and again: one winner, one set of entries each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ledger.authority.freezing import Frozen
from ledger.books.proof import first_break
from ledger.books.queries import balance, entries_of
from ledger.disputes.chargebacks import record_chargeback
from ledger.errors import DomainError
from ledger.events.models import Event
from ledger.payments.models import Payment
from ledger.refunds.freezing import freeze_refunds
from ledger.refunds.models import Refund
from ledger.refunds.operations import approve_refund, cancel_refund, request_refund
from tests.concurrency.test_refunds import MIA, at_once, supervisors
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db(transaction=True)

#: A thousand rounds take some minutes: set it higher to look for what is rare.
ROUNDS = int(os.environ.get("BILLING_DESK_REFUND_ROUNDS", "40"))


def ask(payment, minor, by):
    return request_refund(
        payment.pk, amount=eur(minor), reason="x", proof=prove(payment.customer), is_goodwill=True, by=by, at=NOW
    )


class Crowd:
    """Five people with a connection each, kept over the rounds: a new one costs more than what it is for."""

    SIZE = 5

    def __enter__(self) -> Crowd:
        self.pool = ThreadPoolExecutor(self.SIZE)
        return self

    def at_once(self, acts: list[Callable[[], object]]) -> None:
        """Run as many acts as there are people at the same moment; a refusal is an outcome like any other."""
        start = Barrier(self.SIZE)

        def run(act: Callable[[], object]) -> None:
            start.wait()
            with contextlib.suppress(DomainError):
                act()

        list(self.pool.map(run, acts))

    def __exit__(self, *_: object) -> None:
        self.at_once([lambda: connection.close()] * self.SIZE)
        self.pool.shutdown()


def one_round(crowd, ana, number):
    """Let everybody at one payment at once; return it with the refund that waited before."""
    payment = pay(ana, 10_000)
    waiting, (first, second) = ask(payment, 6_000, MIA), supervisors(2)
    acts = [
        lambda: approve_refund(waiting.pk, by=first, at=NOW),
        lambda: approve_refund(waiting.pk, by=second, at=NOW),
        lambda: cancel_refund(waiting.pk, by=MIA, at=NOW),
        lambda: ask(payment, 6_000, first),
        lambda: record_chargeback(
            payment.pk, amount=eur(10_000), external_id=f"cb-{number}", reason="fraud", by=SYSTEM, at=NOW
        ),
    ]
    # Without the chargeback in every other round, so that approval and cancelling meet alone as well.
    crowd.at_once(acts if number % 2 else [*acts[:4], lambda: ask(payment, 6_000, second)])
    return payment, waiting


def test_whoever_comes_first_wins_and_the_books_hold_one_set_of_entries():
    ana = open_ana()
    bill(ana, 10_000 * ROUNDS)

    with Crowd() as crowd:
        rounds = [one_round(crowd, ana, number) for number in range(ROUNDS)]

    for payment, waiting in rounds:
        now = Refund.objects.get(pk=waiting.pk)
        kinds = list(Event.objects.filter(subject=f"refund:{waiting.pk}").order_by("pk").values_list("kind", flat=True))
        assert kinds.count("refund.approved") <= 1
        assert kinds.count("refund.cancelled") == (now.state == "cancelled")
        posted = [entry.kind for entry in entries_of(f"refund:{waiting.pk}")]
        assert len(posted) == len(set(posted))
        after = Payment.objects.get(pk=payment.pk)
        assert after.refunded_minor + after.charged_back_minor <= 10_000
        live = Refund.objects.filter(payment=payment).exclude(state__in=["cancelled", "declined"])
        assert sum(live.values_list("amount_minor", flat=True)) == after.refunded_minor

    owed = sum(Refund.objects.filter(state="approved").values_list("amount_minor", flat=True))
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(owed)
    assert first_break() is None


def test_after_a_freeze_has_begun_nothing_is_approved_any_more():
    ana = open_ana()
    bill(ana, 100_000)
    payment = pay(ana, 100_000)
    waiting = [ask(payment, 5_000, MIA) for _ in range(6)]
    by = supervisors(1)[0]

    answers = at_once(
        [
            *[lambda r=refund: approve_refund(r.pk, by=by, at=NOW) for refund in waiting],
            lambda: freeze_refunds(why="Check", by=by, at=NOW),
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, Frozen)]
    frozen = Event.objects.get(kind="freeze.set")
    assert not Event.objects.filter(kind="refund.approved", pk__gt=frozen.pk).exists()
    assert Refund.objects.filter(state="approved").count() == 6 - len(refused)
    assert first_break() is None
