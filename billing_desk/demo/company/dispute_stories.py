"""More cases about contested charges: in part, on appeal, with credit given meanwhile, and one of this hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from billing_desk.demo.company.case import Case
from billing_desk.demo.company.casting import last_line
from ledger.disputes.models import Dispute
from ledger.disputes.operations import review_dispute
from ledger.disputes.provisional import give_provisional_credit
from ledger.disputes.seeing import mark_seen
from ledger.money import Money
from tickets.casework.operations import (
    appeal_dispute_for_ticket,
    open_dispute_for_ticket,
    reject_dispute_for_ticket,
    uphold_dispute_for_ticket,
    uphold_dispute_partly_for_ticket,
)

Steps = Iterator[timedelta]
SOON, A_WHILE, LATER, A_DAY = (timedelta(minutes=minutes) for minutes in (4, 25, 110, 1440))


def _open(case: Case, who: str, reason: str) -> Dispute:
    """Take the case, verify the customer and open the dispute."""
    case.take(who)
    case.verify(who, "open_dispute")
    line = last_line(case.person)
    return open_dispute_for_ticket(
        case.ticket_id, line_id=line.pk, amount=line.total, reason=reason, by=case.staff(who), at=case.at
    )


def partly_upheld(case: Case) -> Steps:
    """A third of the month was lost; that third goes back."""
    case.write("Ausfall", "Guten Tag,\n\nzehn Tage lang ging nichts. Ich möchte den Monat nicht ganz zahlen.\n")
    yield A_WHILE
    dispute = _open(case, "noe", "not_received")
    yield A_DAY
    third = Money(dispute.amount.minor // 3, dispute.currency)
    uphold_dispute_partly_for_ticket(
        case.ticket_id, dispute.pk, amount=third, by=case.staff("noe"), at=case.at,
        explanation="An zehn Tagen des Monats war der Dienst gestört; dieser Teil ist gutgeschrieben.",
    )  # fmt: skip
    case.say("noe", "Guten Tag,\n\nein Drittel des Monats ist gutgeschrieben.\n\nNoe", resolve=True)


def appeal_granted(case: Case) -> Steps:
    """Noe finds nothing; on new evidence Pia, who did not decide before, finds for the customer."""
    case.write("Kündigung", "Guten Tag,\n\nich hatte gekündigt und soll weiter zahlen?\n")
    yield A_WHILE
    dispute = _open(case, "noe", "cancelled")
    yield LATER
    reject_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="Bei uns ist keine Kündigung eingegangen.",
        by=case.staff("noe"), at=case.at,
    )  # fmt: skip
    case.say("noe", "Guten Tag,\n\nwir finden keine Kündigung. Haben Sie eine Kopie?\n\nNoe")
    yield 2 * A_DAY
    case.answer("Hier ist die Bestätigung von Ihnen selbst, vom Ersten des Monats.")
    reason = "The customer sent our own confirmation of the cancellation."
    appeal_dispute_for_ticket(case.ticket_id, dispute.pk, reason=reason, by=case.staff("pia"), at=case.at)
    yield LATER
    mark_seen(dispute.pk, by=case.staff("pia"), at=case.at)
    uphold_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="Ihre Kündigung lag vor. Der Betrag ist gutgeschrieben.",
        deviation="Our own confirmation lies before us.", by=case.staff("pia"), at=case.at,
    )  # fmt: skip
    case.say("pia", "Guten Tag,\n\nSie hatten recht; der Betrag ist gutgeschrieben.\n\nPia", resolve=True)


def credited_meanwhile(case: Case) -> Steps:
    """It takes long, so the customer has the money while we look."""
    case.write("Fremde Abbuchung", "Guten Tag,\n\ndiese Abbuchung kenne ich nicht.\n")
    yield A_WHILE
    dispute = _open(case, "noe", "not_recognised")
    review_dispute(dispute.pk, by=case.staff("noe"), at=case.at)
    yield A_DAY
    give_provisional_credit(dispute.pk, by=case.staff("pia"), at=case.at)
    case.say("noe", "Guten Tag,\n\ndie Prüfung dauert; der Betrag ist solange gutgeschrieben.\n\nNoe")


def credit_ends(case: Case) -> Steps:
    """The charge was right: the credit given meanwhile is taken back, and the customer knows on which day."""
    case.write("Nicht bestellt", "Guten Tag,\n\ndas habe ich nicht bestellt.\n")
    yield A_WHILE
    dispute = _open(case, "noe", "not_recognised")
    give_provisional_credit(dispute.pk, by=case.staff("pia"), at=case.at)
    yield 3 * A_DAY
    reject_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="Die Bestellung kam aus Ihrem Konto, mit Ihrer Bestätigung.",
        by=case.staff("noe"), at=case.at,
    )  # fmt: skip
    case.say("noe", "Guten Tag,\n\ndie Bestellung kam aus Ihrem Konto; alles steht im Brief.\n\nNoe", resolve=True)


def just_opened(case: Case) -> Steps:
    """A dispute of this hour: its confirmation is on the way."""
    case.write("Zu viel", "Guten Tag,\n\nauf der Rechnung steht mehr, als vereinbart war.\n")
    yield SOON
    _open(case, "noe", "wrong_amount")
