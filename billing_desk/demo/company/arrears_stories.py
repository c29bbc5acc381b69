"""Cases of customers who cannot pay at once: plans in instalments, promises, hardship, cards that are declined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from billing_desk.demo.company.billing import GERMAN_TAX, one_bill
from billing_desk.demo.company.case import Case
from billing_desk.demo.company.world import PROVIDER
from ledger.collections.promises import make_payment_promise
from ledger.customers.acceptance import Acceptance
from ledger.hardship.operations import end_hardship, start_hardship
from ledger.instalments.accepting import accept_plan
from ledger.instalments.models import Instalment, PaymentPlan
from ledger.instalments.operations import propose_plan
from ledger.instalments.terms import PlanTerms
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.collecting import collect_invoice
from ledger.payments.operations import add_payment_method, record_payment

Steps = Iterator[timedelta]
SOON, A_WHILE, LATER, A_DAY = (timedelta(minutes=minutes) for minutes in (4, 25, 110, 1440))
#: A bill is due after two weeks; these are the days from the bill to the letter about it.
TO_THE_LETTER = timedelta(days=17)


def owe(case: Case, net_minor: int, what: str) -> Invoice:
    """Bill something once that does not get paid by habit."""
    amount = Money(net_minor, case.person.currency)
    return one_bill(case.world, case.person, amount, what, GERMAN_TAX, at=case.at)


def pay(case: Case, invoice: Invoice, amount: Money | None = None) -> None:
    """Let the customer transfer what is due, or a part of it."""
    due = Invoice.objects.get(pk=invoice.pk).due_amount
    record_payment(
        case.person.customer_id, amount=amount or due, external_id=f"transfer-{invoice.number}-{case.at:%m%d}",
        invoice_id=invoice.pk, by=PROVIDER, at=case.at,
    )  # fmt: skip


def propose(
    case: Case, who: str, invoice: Invoice, *, count: int = 2, every: str = "month", automatic: bool = False
) -> PaymentPlan:
    """Let an agent write down a plan whose first instalment is due in three days."""
    today = case.at.date()
    terms = PlanTerms(
        count=count,
        first_on=today + timedelta(days=3),
        can_pay_monthly=invoice.total,
        every=every,
        charges_automatically=automatic,
    )
    return propose_plan(
        case.person.customer_id, invoice_ids=[invoice.pk], terms=terms, reason="Cannot pay at once",
        conversation=f"ticket:{case.ticket_id}", by=case.staff(who), at=case.at,
    )  # fmt: skip


def agree(case: Case, plan: PaymentPlan) -> None:
    """Let the customer read the plan in the portal and say yes to its words."""
    accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=case.customer, at=case.at)


def asks_for_instalments(case: Case) -> Steps:
    """The letter, and the answer that a plan waits in the account."""
    case.write("Ratenzahlung", "Guten Tag,\n\nkann ich die Rechnung in Raten zahlen? Auf einmal geht es nicht.\n")
    yield A_WHILE
    case.bring_to("finance", "mia", "Asks for instalments.")
    case.take("olg")


def agreed_plan(case: Case, net_minor: int, *, count: int, every: str, automatic: bool) -> Iterator[timedelta]:
    """Tell from the bill to the customer's yes; return bill and plan."""
    invoice = owe(case, net_minor, "Workshop: getting started")
    yield TO_THE_LETTER
    yield from asks_for_instalments(case)
    plan = propose(case, "olg", invoice, count=count, every=every, automatic=automatic)
    case.say("olg", "Guten Tag,\n\nder Plan liegt in Ihrem Konto. Bitte lesen Sie ihn, und stimmen Sie dort zu.\n\nOlg")
    yield LATER
    agree(case, plan)


def plan_kept(case: Case) -> Steps:
    """Three weekly instalments, each charged on its day."""
    yield from agreed_plan(case, 100_00, count=3, every="week", automatic=True)
    yield A_DAY
    case.answer("Vielen Dank, das hilft mir sehr.")
    yield A_WHILE
    case.say("olg", "Gern!\n\nOlg", resolve=True)


def plan_made_good(case: Case) -> Steps:
    """The first instalment is missed, and made good a few days later; the second lies ahead."""
    yield from agreed_plan(case, 80_00, count=2, every="month", automatic=False)
    yield 6 * A_DAY
    first = Instalment.objects.filter(plan__customer_id=case.person.customer_id).earliest("position")
    bill = Invoice.objects.filter(customer_id=case.person.customer_id, state="open", pk__in=case.world.unpaid)
    case.answer("Entschuldigung, ich hatte den Tag vergessen; gerade überwiesen.")
    pay(case, bill.latest("pk"), first.left)
    yield LATER
    case.say("olg", "Guten Tag,\n\nvielen Dank, damit ist alles wieder im Plan.\n\nOlg", resolve=True)


def plan_missed(case: Case) -> Steps:
    """The first instalment was missed a day ago; there is time to make it good."""
    yield from agreed_plan(case, 120_00, count=3, every="month", automatic=False)


def plan_broken(case: Case) -> Steps:
    """Nobody makes the missed instalment good: the plan ends."""
    yield from agreed_plan(case, 95_00, count=2, every="month", automatic=False)


def plan_above_limit(case: Case) -> Steps:
    """Mia proposes a plan above what she may agree alone."""
    invoice = owe(case, 640_00, "Migration of the archive")
    yield TO_THE_LETTER
    case.write("Raten", "Guten Tag,\n\nkönnen wir die Migration in vier Raten zahlen?\n")
    yield A_WHILE
    case.take("mia")
    propose(case, "mia", invoice, count=4)
    case.note("mia", "Above my limit; the plan waits on the approval list.")


def promise_made(case: Case) -> Steps:
    """A bill is overdue, and the customer says on which day they pay; return after their word is noted."""
    invoice = owe(case, 45_00, "Training, one hour")
    yield TO_THE_LETTER
    case.write("Offene Rechnung", "Guten Tag,\n\nich zahle die Rechnung nächste Woche, sobald mein Gehalt da ist.\n")
    yield A_WHILE
    case.take("mia")
    pay_by, due = case.at.date() + timedelta(days=7), Invoice.objects.get(pk=invoice.pk).due_amount
    make_payment_promise(
        case.person.customer_id, amount=due, pay_by=pay_by, invoice_ids=[invoice.pk],
        conversation=f"ticket:{case.ticket_id}", by=case.staff("mia"), at=case.at,
    )  # fmt: skip
    case.say("mia", "Guten Tag,\n\nist notiert; bis dahin hören Sie von uns keine Mahnung.\n\nMia", resolve=True)


def promise_kept(case: Case) -> Steps:
    """They pay on the sixth of seven days."""
    yield from promise_made(case)
    yield 6 * A_DAY
    bill = Invoice.objects.filter(customer_id=case.person.customer_id, state="open", pk__in=case.world.unpaid)
    pay(case, bill.latest("pk"))


def hardship_over(case: Case) -> Steps:
    """A hard time that has ended: what was stopped goes on."""
    invoice = owe(case, 30_00, "Training, half an hour")
    yield TO_THE_LETTER
    case.write("Zahlung", "Guten Tag,\n\nich war lange krank und kann im Moment nichts zahlen.\n")
    yield A_WHILE
    case.bring_to("finance", "mia", "Ill for a long time; please handle with care.")
    case.take("olg")
    hard = start_hardship(
        case.person.customer_id, words="Was ill for months and cannot pay at the moment.",
        conversation=f"ticket:{case.ticket_id}", by=case.staff("olg"), at=case.at,
    )  # fmt: skip
    case.say("olg", "Guten Tag,\n\ngute Besserung! Wir melden uns in einem Monat; bis dahin ruht alles.\n\nOlg")
    yield 9 * A_DAY
    case.answer("Es geht mir wieder gut, die Rechnung ist überwiesen.")
    pay(case, invoice)
    end_hardship(hard.pk, reason="Well again, and paid.", by=case.staff("olg"), at=case.at)
    case.say("olg", "Guten Tag,\n\ndas freut uns. Vielen Dank!\n\nOlg", resolve=True)


def _new_card(case: Case, token: str) -> int:
    """Put a test card of the sandbox on file; its token says what becomes of a charge."""
    expires_on = case.at.date().replace(year=case.at.year + 2, month=12, day=31)
    return add_payment_method(
        case.person.customer_id, kind="card", brand="Test card", last4="9995", expires_on=expires_on,
        token=f"sandbox:{token}/{case.person.customer_id}", by=case.customer, at=case.at,
    ).pk  # fmt: skip


def _charge(case: Case, token: str) -> Steps:
    method_id = _new_card(case, token)
    invoice = owe(case, 20_00, "Additional storage")
    yield 14 * A_DAY
    collect_invoice(invoice.pk, method_id=method_id, trigger="schedule", by=PROVIDER, at=case.at)
    yield LATER


def card_declined(case: Case) -> Steps:
    """The new card has not enough on it; the next tries are planned."""
    yield from _charge(case, "insufficient_funds")
    case.write("Zahlung abgelehnt", "Guten Tag,\n\nmeine Karte wurde abgelehnt. Versuchen Sie es noch einmal?\n")
    yield A_WHILE
    case.take("mia")
    case.say("mia", "Guten Tag,\n\nja; die Tage stehen in Ihrem Konto. Sie können auch gleich zahlen.\n\nMia")


def card_recovered(case: Case) -> Steps:
    """The first charge is declined, the next planned try succeeds."""
    yield from _charge(case, "insufficient_funds,ok")


def emi_cannot_pay(case: Case) -> Steps:
    """A customer in difficulty: 60.00 overdue; reminders stop, and a plan in three parts waits for her yes."""
    case.write(
        "Je ne peux pas payer",
        "Bonjour,\n\nj'ai perdu mon travail et je ne peux pas payer les 60,00 € en une fois. Est-il possible de payer "
        "en trois fois ?\n\nÉmi Perrin\n",
    )
    yield LATER
    case.bring_to("finance", "mia", "She lost her job and asks for instalments; please handle with care.")
    case.take("olg")
    start_hardship(
        case.person.customer_id, words="Lost her job; can pay about 20 euros a month.",
        can_pay_monthly=Money(20_00, "EUR"), conversation=f"ticket:{case.ticket_id}", by=case.staff("olg"), at=case.at,
    )  # fmt: skip
    bill = Invoice.objects.get(customer_id=case.person.customer_id, state="open", total_minor=60_00)
    terms = PlanTerms(3, case.at.date() + timedelta(days=20), Money(20_00, "EUR"), charges_automatically=False)
    propose_plan(
        case.person.customer_id, invoice_ids=[bill.pk], terms=terms, reason="Lost her job",
        conversation=f"ticket:{case.ticket_id}", by=case.staff("olg"), at=case.at,
    )  # fmt: skip
    case.note("olg", "In difficulty: nothing is asked for meanwhile. The plan of three times 20.00 waits for her yes.")
