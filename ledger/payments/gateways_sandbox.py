"""The sandbox: a provider that moves no money but behaves like one, with its own memory and its own bad days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.money import Money
from ledger.payments.gateway_answers import Checkout, Evidence, GatewayAnswer, PaidWith
from ledger.payments.models import SandboxTransfer

#: How a token begins that says what becomes of it: `sandbox:expired_card`, or `sandbox:insufficient_funds,ok` for what
#: becomes of the first charge and of all later ones. Any other token is a card that works. The id of a chargeback may
#: begin so as well, for what becomes of our answer to it: `sandbox:lost_answer/1`.
PREFIX = "sandbox:"
OK, LOST_ANSWER, TIMEOUT, DOWN, DELAYED, DELAYED_DECLINE = "ok lost_answer timeout down delayed delayed_decline".split()
#: How long a delayed payment takes until it is known.
DELAY = timedelta(hours=1)
#: The words on the test cards a customer can choose in the portal, with their last four digits.
TEST_CARDS = {
    "ok": ("A card that works", "4242"),
    "insufficient_funds": ("Not enough money on the account", "9995"),
    "expired_card": ("A card that has expired", "0069"),
    "stolen_card": ("A card that was reported stolen", "9979"),
    "do_not_honor": ("The bank refuses without a reason", "0002"),
    "authentication_required": ("The bank wants a confirmation", "3184"),
    "processing_error": ("The bank cannot be reached", "0119"),
    LOST_ANSWER: ("The money is taken, but the answer is lost", "0341"),
    TIMEOUT: ("No answer at first, no money taken", "0259"),
    DELAYED: ("The bank answers after an hour", "0077"),
}
#: The words on the test accounts for direct debits, with their last four digits.
TEST_ACCOUNTS = {
    "ok": ("An account that works", "3000"),
    "insufficient_funds": ("Not enough money on the account", "3035"),
    DELAYED: ("The bank answers after an hour", "3010"),
}


class SandboxUnreachable(OSError):
    """The sandbox did not answer, as a provider on a bad day."""


class SandboxGateway:
    """It remembers every key and answers it alike. Refunds of 66.66 are declined for want of funds."""

    name = "sandbox"
    declined_minor = 6666

    def charge(self, *, key: str, token: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Remember the charge under its key and do what the token says; a repeated key is one charge."""
        done, is_new = self._remember(key, "charge", token, amount, self._script(token), at=at)
        what = self._script(done.token, before=done.pk)
        if what == DOWN or (is_new and what in (LOST_ANSWER, TIMEOUT)):
            raise SandboxUnreachable(f"The sandbox was told to give no answer: {what}.")
        return self._answer(done, at=at)

    def refund(self, *, key: str, payment_reference: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Remember the refund under its key and answer, for a repeated key what was answered first."""
        what = "insufficient_funds" if amount.minor == self.declined_minor else OK
        done, _ = self._remember(key, "refund", payment_reference, amount, what, at=at)
        return self._answer(done, at=at)

    def pay_out(self, *, key: str, token: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Send money to another card or account; it is remembered and declined like a refund."""
        what = "insufficient_funds" if amount.minor == self.declined_minor else OK
        done, _ = self._remember(key, "payout", token, amount, what, at=at)
        return self._answer(done, at=at)

    def find(self, *, key: str, since: datetime, at: datetime) -> GatewayAnswer | None:
        """Return what became of a key; a request that never arrived left nothing."""
        done = SandboxTransfer.objects.filter(key=key).first()
        if done is not None and self._script(done.token, before=done.pk) == DOWN:
            raise SandboxUnreachable("The sandbox was told to be down.")
        return self._answer(done, at=at) if done and done.reached else None

    def open_checkout(
        self, *, key: str, amount: Money, words: str, back_to: str, keep: bool, at: datetime
    ) -> Checkout | None:
        """Return nothing: on the sandbox a test card is chosen on our own page."""
        return None

    def paid_with(self, *, payment_reference: str, at: datetime) -> PaidWith | None:
        """Return the test card a payment of the sandbox was made with."""
        done = SandboxTransfer.objects.filter(reference=payment_reference, kind="charge").first()
        if done is None:
            return None
        _, last4 = TEST_CARDS.get(done.token.removeprefix(PREFIX), ("", "4242"))
        return PaidWith(done.token, "card", "Test card", last4, done.made_at.date().replace(month=12, day=31))

    def answer_chargeback(
        self, *, key: str, chargeback: str, amount: Money, evidence: Evidence, at: datetime
    ) -> GatewayAnswer:
        """Remember the answer under its key; the chargeback's id says what becomes of it."""
        done, is_new = self._remember(key, "answer", chargeback, amount, self._script(chargeback), at=at)
        what = self._script(chargeback)
        if what == DOWN or (is_new and what in (LOST_ANSWER, TIMEOUT)):
            raise SandboxUnreachable(f"The sandbox was told to give no answer: {what}.")
        return self._answer(done, at=at)

    def find_answer(self, *, key: str, chargeback: str, at: datetime) -> GatewayAnswer | None:
        """Return what became of an answer; one that never arrived left nothing."""
        return self.find(key=key, since=at, at=at)

    def _script(self, token: str, *, before: int | None = None) -> str:
        """Return what a token says of its next charge, or of the one that was made under an id."""
        if not token.startswith(PREFIX):
            return OK
        steps = token.removeprefix(PREFIX).partition("/")[0].split(",")
        made = SandboxTransfer.objects.filter(kind="charge", token=token)
        place = (made if before is None else made.filter(pk__lt=before)).count()
        return steps[min(place, len(steps) - 1)] or OK

    @transaction.atomic
    def _remember(
        self, key: str, kind: str, token: str, amount: Money, what: str, *, at: datetime
    ) -> tuple[SandboxTransfer, bool]:
        """Keep what was asked, once; return it, and whether it was new."""
        moves = what in (OK, LOST_ANSWER, TIMEOUT, DELAYED)
        declined = {OK: "", LOST_ANSWER: "", TIMEOUT: "", DELAYED: "", DOWN: "", DELAYED_DECLINE: "do_not_honor"}
        row = SandboxTransfer(
            key=key,
            kind=kind,
            reference=f"sandbox-{key.replace(':', '-')}",
            token=token,
            amount_minor=amount.minor,
            currency=amount.currency,
            succeeded=moves,
            failure_code=declined.get(what, what),
            made_at=at,
            settles_at=at + DELAY if what in (DELAYED, DELAYED_DECLINE) else None,
            reached=what not in (TIMEOUT, DOWN),
            asked=0,
        )
        SandboxTransfer.objects.bulk_create([row], ignore_conflicts=True)
        # The lock makes the second of two requests at once the repeat.
        done = SandboxTransfer.objects.select_for_update().get(key=key)
        is_new = done.asked == 0
        done.asked += 1
        # A request that was lost on its way arrives when it is repeated; to one that is down nothing ever does.
        done.reached = done.reached or (not is_new and self._script(done.token, before=done.pk) == TIMEOUT)
        done.save(update_fields=["asked", "reached"])
        return done, is_new

    def _answer(self, done: SandboxTransfer, *, at: datetime) -> GatewayAnswer:
        if done.settles_at is not None and at < done.settles_at:
            return GatewayAnswer(False, done.reference, pending=True)
        return GatewayAnswer(done.succeeded, done.reference if done.succeeded else "", done.failure_code)
