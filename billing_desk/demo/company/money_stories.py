"""Cases about money: disputes and refunds, one story for every way they can end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from billing_desk.demo.company.case import Case
from billing_desk.demo.company.casting import last_line, payment_of
from billing_desk.demo.company.world import PROVIDER, SHOP
from ledger.authority.models import Freeze
from ledger.charges.operations import add_charge
from ledger.disputes.models import Dispute
from ledger.disputes.operations import appeal_dispute, review_dispute
from ledger.errors import DomainError
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.refunds.freezing import freeze_refunds, unfreeze_refunds
from ledger.refunds.models import Refund
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund
from ledger.refunds.paying import pay_due_refunds, pay_refund
from ledger.refunds.settling import settle_refund
from tickets.casework.operations import (
    open_dispute_for_ticket,
    reject_dispute_for_ticket,
    request_refund_for_ticket,
    uphold_dispute_for_ticket,
    withdraw_dispute_for_ticket,
)

Steps = Iterator[timedelta]
SOON, A_WHILE, LATER, A_DAY = (timedelta(minutes=minutes) for minutes in (4, 25, 110, 1440))
A_WEEK = timedelta(days=7)


def _dispute(case: Case, who: str, reason: str) -> Dispute:
    line = last_line(case.person)
    return open_dispute_for_ticket(
        case.ticket_id, line_id=line.pk, amount=line.total, reason=reason, by=case.staff(who), at=case.at
    )


def _refund(case: Case, who: str, why: str, *, dispute: Dispute | None = None, amount: Money | None = None) -> Refund:
    """Ask for a refund: of what a dispute found, or else as goodwill."""
    line = dispute.line if dispute else last_line(case.person)
    payment = payment_of(line)
    return request_refund_for_ticket(
        case.ticket_id,
        payment_id=payment.pk,
        amount=amount or (dispute.amount if dispute else payment.refundable),
        reason=why,
        dispute_id=dispute.pk if dispute else None,
        is_goodwill=dispute is None,
        by=case.staff(who),
        at=case.at,
    )


def upheld_and_paid(case: Case) -> Steps:
    """A double charge is found and the money goes back within the agent's own limit."""
    case.write("Doppelt abgebucht", "Guten Tag,\n\nbei mir wurde derselbe Betrag zweimal abgebucht. Bitte prüfen!\n")
    yield A_WHILE
    case.bring_to("disputes", "mia", "The customer says that they were charged twice.")
    case.take("noe")
    case.verify("noe", "open_dispute")
    yield SOON
    dispute = _dispute(case, "noe", "duplicate")
    yield A_WHILE
    uphold_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="Die Leistung wurde zweimal berechnet; das war unser Fehler.",
        by=case.staff("noe"), at=case.at,
    )  # fmt: skip
    refund = _refund(case, "noe", "Charged twice", dispute=dispute)
    yield SOON
    if refund.state == Refund.State.REQUESTED:
        approve_refund(refund.pk, by=case.staff("pia"), at=case.at)
    pay_refund(refund.pk, at=case.at)
    yield SOON
    case.say(
        "noe", "Guten Tag,\n\nSie hatten recht. Das Geld ist auf dem Weg zurück auf Ihre Karte.\n\nNoe", resolve=True
    )
    yield A_WEEK
    settle_refund(refund.pk, by=PROVIDER, at=case.at)


def approved_just_now(case: Case) -> Steps:
    """A refund above the agent's limit that the supervisor has just approved: it is paid while somebody watches."""
    case.write("Cancelled, but charged", "Hi,\n\nI had told you to stop in time, yet my card was charged again.\n")
    yield SOON
    case.take("mia")
    case.verify("mia", "request_refund")
    yield SOON
    refund = _refund(case, "mia", "Cancelled in time, charged all the same")
    yield A_WHILE
    if refund.state == Refund.State.REQUESTED:
        approve_refund(refund.pk, by=case.staff("pia"), at=case.at)


def rejected(case: Case) -> Steps:
    """The charge is right, and the customer accepts the explanation."""
    case.write("Unknown charge", "Hello,\n\nI do not recognise the last charge on my card. What is it?\n")
    yield LATER
    case.take("noe")
    case.verify("noe", "open_dispute")
    dispute = _dispute(case, "noe", "not_recognised")
    review_dispute(dispute.pk, by=case.staff("noe"), at=case.at)
    yield A_DAY
    reject_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="It is your monthly plan; you signed in on eleven days of that month.",
        by=case.staff("noe"), at=case.at,
    )  # fmt: skip
    case.say("noe", "Hello,\n\nit is your plan for that month. You find each line in your account.\n\nNoe")
    yield LATER
    case.answer("Ah, I see now. The name on the statement confused me. Thank you!")
    yield A_WHILE
    case.say("noe", "Glad that it is clear. Have a good day!\n\nNoe", resolve=True)


def appealed(case: Case) -> Steps:
    """A rejected dispute is looked into once more, on new evidence."""
    yield from _reject_quickly(case)
    yield A_DAY
    case.answer("Here is my cancellation of last month; I had forgotten to send it along.")
    dispute = Dispute.objects.filter(customer_id=case.person.customer_id).latest("pk")
    appeal_dispute(
        dispute.pk, reason="The customer found the cancellation they had sent.", by=case.staff("pia"), at=case.at
    )


def _reject_quickly(case: Case) -> Steps:
    case.write("I had cancelled!", "Hello,\n\nI cancelled weeks ago and you still charge me. I want this checked.\n")
    yield A_WHILE
    case.take("noe")
    case.verify("noe", "open_dispute")
    dispute = _dispute(case, "noe", "cancelled")
    yield LATER
    reject_dispute_for_ticket(
        case.ticket_id, dispute.pk, explanation="We found no cancellation on file for this plan.",
        by=case.staff("noe"), at=case.at,
    )  # fmt: skip
    case.say("noe", "Hello,\n\nwe looked and found no cancellation. Do you have a copy of it?\n\nNoe")


def withdrawn(case: Case) -> Steps:
    """The customer finds the answer themselves."""
    case.write("Te veel betaald?", "Hallo,\n\nhet bedrag van deze maand klopt volgens mij niet.\n")
    yield A_WHILE
    case.take("mia")
    case.verify("mia", "open_dispute")
    dispute = _dispute(case, "mia", "wrong_amount")
    yield SOON
    withdraw_dispute_for_ticket(case.ticket_id, dispute.pk, by=case.staff("mia"), at=case.at)
    case.say("mia", "Hallo,\n\nwe hebben het bezwaar ingetrokken, zoals u vroeg.\n\nMia", resolve=True)


def opened(case: Case) -> Steps:
    """A dispute that waits for somebody to look into it. The first try, without a proof, is refused."""
    case.write("Falscher Betrag", "Guten Tag,\n\nvereinbart war weniger als das, was Sie abgebucht haben.\n")
    yield A_WHILE
    case.take("noe")
    try:
        _dispute(case, "noe", "wrong_amount")
    except DomainError as refusal:
        case.note("noe", f"{refusal} Sending a code.")
    case.verify("noe", "open_dispute")
    yield SOON
    _dispute(case, "noe", "wrong_amount")


def in_review(case: Case) -> Steps:
    """A dispute somebody works on."""
    case.write("Service was down", "Hi,\n\nI paid for a month in which I could not sign in at all.\n")
    yield A_WHILE
    case.take("noe")
    case.verify("noe", "open_dispute")
    dispute = _dispute(case, "noe", "not_received")
    review_dispute(dispute.pk, by=case.staff("noe"), at=case.at)
    case.say("noe", "Hello,\n\nwe are checking the outage with our engineers. The amount is on hold.\n\nNoe")


def waits_for_approval(case: Case) -> Steps:
    """Mia asks for more than she may give alone."""
    case.write("Refund please", "Hello,\n\nyour outage cost me a week. I would like this month's money back.\n")
    yield A_WHILE
    case.take("mia")
    case.verify("mia", "request_refund")
    _refund(case, "mia", "Outage of several days")
    case.note("mia", "Above my limit; it is on the approval list.")


def large_waits_for_approval(case: Case) -> Steps:
    """Noe asks for a whole year; he cannot approve it himself."""
    case.write("Jahresvertrag", "Guten Tag,\n\nich kann den Dienst nicht mehr nutzen und bitte um das ganze Jahr.\n")
    yield A_WHILE
    case.bring_to("disputes", "mia", "A whole year is asked back.")
    case.take("noe")
    case.verify("noe", "request_refund")
    _refund(case, "noe", "Goodwill: the service cannot be used any more")


def declined(case: Case) -> Steps:
    """A supervisor says no, with a reason the customer reads."""
    case.write("Argent", "Bonjour,\n\nje voudrais être remboursé du dernier mois, je ne l'ai pas utilisé.\n")
    yield A_WHILE
    case.take("mia")
    case.verify("mia", "request_refund")
    refund = _refund(case, "mia", "Not used")
    yield LATER
    if refund.state == Refund.State.REQUESTED:
        reason = "The service was available all month; unused time is not refunded."
        decline_refund(refund.pk, reason=reason, by=case.staff("pia"), at=case.at)
    case.say(
        "mia", "Bonjour,\n\nnous ne pouvons pas rembourser un mois disponible mais inutilisé.\n\nMia", resolve=True
    )


def cancelled(case: Case) -> Steps:
    """The customer changes their mind before anybody decided."""
    case.write("Refund?", "Hello,\n\nplease give me back the last month. It was too slow for me.\n")
    yield A_WHILE
    case.take("mia")
    case.verify("mia", "request_refund")
    refund = _refund(case, "mia", "Slow service")
    case.say("mia", "Hello,\n\nI asked my supervisor; you hear from us tomorrow.\n\nMia")
    yield LATER
    case.answer("Never mind, it works well again. Please keep the money.")
    if refund.state == Refund.State.REQUESTED:
        cancel_refund(refund.pk, why="You changed your mind.", by=case.staff("mia"), at=case.at)
    case.say("mia", "Thank you for telling us!\n\nMia", resolve=True)


def frozen(case: Case) -> Steps:
    """A refund waits while Pia has frozen all refunds; Olg lifts the freeze, and it is paid."""
    case.write("Noch einmal belastet", "Guten Tag,\n\nich hatte rechtzeitig gekündigt. Bitte zahlen Sie es zurück.\n")
    yield SOON
    case.take("noe")
    case.verify("noe", "request_refund")
    freeze_refunds(why="The provider reports doubled payouts; we check them first.", by=case.staff("pia"), at=case.at)
    refund = _refund(case, "noe", "Cancelled in time")
    pay_due_refunds(at=case.at)
    yield SOON
    freeze = Freeze.objects.get(lifted_at=None)
    unfreeze_refunds(freeze.pk, by=case.staff("olg"), at=case.at)
    if refund.state == Refund.State.REQUESTED:
        approve_refund(refund.pk, by=case.staff("pia"), at=case.at)
    pay_refund(refund.pk, at=case.at)
    case.say("noe", "Guten Tag,\n\ndas Geld ist jetzt unterwegs.\n\nNoe", resolve=True)


def failed(case: Case) -> Steps:
    """The payment provider refuses: 56.02 and 19 % tax are the 66.66 the sandbox declines."""
    amount = Money(5602, case.person.currency)
    charge = add_charge(
        case.person.customer_id, amount=amount, description="Consulting hour", tax_rate=Decimal(19), by=SHOP, at=case.at
    )
    invoice = issue_invoice(case.person.customer_id, charge_ids=[charge.pk], by=SHOP, at=case.at)
    case.world.unpaid.add(invoice.pk)
    record_payment(
        case.person.customer_id, amount=invoice.open_amount, method_id=case.person.method_id,
        external_id=f"paid-{invoice.number}", invoice_id=invoice.pk, by=PROVIDER, at=case.at,
    )  # fmt: skip
    yield A_DAY
    case.write("Beratung", "Guten Tag,\n\ndie Beratungsstunde hat nicht stattgefunden. Bitte zahlen Sie sie zurück.\n")
    yield A_WHILE
    case.take("pia")
    case.verify("pia", "request_refund")
    refund = _refund(case, "pia", "The hour did not take place")
    yield SOON
    pay_refund(refund.pk, at=case.at)
    case.note("pia", "The provider refused it; the account behind the card is closed. Asking for another way.")
    case.say("pia", "Guten Tag,\n\ndie Erstattung ging leider nicht durch. Wohin dürfen wir sie zahlen?\n\nPia")


def credited(case: Case) -> Steps:
    """Finance corrects a bill: the credit pays the next one."""
    case.write("Remise", "Bonjour,\n\nla remise promise de 5 euros manque sur ma facture.\n")
    yield A_WHILE
    case.bring_to("finance", "mia", "A promised discount is missing; please correct the bill.")
    case.take("olg")
    yield LATER
    line = last_line(case.person)
    issue_credit_note(
        line.pk, amount=min(Money(500, line.currency), line.total), reason="Promised discount",
        source=f"ticket:{case.ticket_id}", by=case.staff("olg"), at=case.at,
    )  # fmt: skip
    case.say(
        "olg", "Bonjour,\n\nla remise est créditée; elle sera déduite de votre prochaine facture.\n\nOlg", resolve=True
    )
