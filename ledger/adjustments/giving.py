"""How each kind of adjustment is given and taken back, and what it takes from the team's budget."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from ledger.authority.operations import ApprovalLimitExceeded
from ledger.books import posting_rules
from ledger.books.operations import AccountOverdrawn, post_entry
from ledger.charges.models import Charge
from ledger.charges.operations import add_charge
from ledger.discounts.models import DiscountGrant
from ledger.discounts.operations import end_grant, grant_discount
from ledger.discounts.terms import DiscountTerms
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import InvoiceLine
from ledger.money import Money

Kind = AdjustmentReason.Kind


class BudgetSpent(DomainError):
    """The team's budget of the month has not so much left."""


class AlreadyUsed(DomainError):
    """The customer has used what was given; it cannot be taken back any more."""


def check(adjustment: Adjustment) -> None:
    """Refuse a fee waiver that names no fee of this customer, and another gift that names a line.

    :raises InvalidInput: saying which
    """
    if adjustment.reason.kind != Kind.FEE_WAIVER:
        if adjustment.line_id is not None:
            raise InvalidInput("Only a fee waiver names the line of a bill.")
        return
    fees = [Charge.Kind.LATE_FEE, Charge.Kind.FEE]
    line = InvoiceLine.objects.filter(pk=adjustment.line_id or 0, invoice__customer=adjustment.customer_id).first()
    if line is None or line.charge.kind not in fees:
        raise InvalidInput("A fee waiver names a fee on a bill of this customer.")
    left = line.total - Money(line.credited_minor + line.disputed_minor, line.currency)
    if adjustment.amount > left:
        raise InvalidInput(f"Only {left} of this fee is left to waive.")


def spend_budget(adjustment: Adjustment, *, at: datetime) -> None:
    """This will take the amount from the team's budget of the month, or from everybody's; none limits nothing.

    One statement tests and takes, so gifts at the same moment never overspend; the database refuses it as well.

    :raises BudgetSpent: saying how much is left
    """
    month = adjustment.customer.local_day(at).replace(day=1)
    budgets = TeamBudget.objects.filter(currency=adjustment.currency, month=month)
    budget = budgets.filter(team=adjustment.team).first() or budgets.filter(team="").first()
    if budget is None:
        return
    room = TeamBudget.objects.filter(pk=budget.pk, amount_minor__gte=F("spent_minor") + adjustment.amount_minor)
    if not room.update(spent_minor=F("spent_minor") + adjustment.amount_minor):
        budget.refresh_from_db()
        left = Money(budget.amount_minor - budget.spent_minor, budget.currency)
        raise BudgetSpent(f"The budget of {budget.team or 'everybody'} for {month:%B %Y} has {left} left.")
    adjustment.budget = budget


def return_to_budget(adjustment: Adjustment) -> None:
    """This will give an amount back to the budget it came from."""
    spent = TeamBudget.objects.filter(pk=adjustment.budget_id or 0)
    spent.update(spent_minor=F("spent_minor") - adjustment.amount_minor)


def give(adjustment: Adjustment, *, by: Actor, at: datetime) -> None:
    """This will do what the reason says: credit, a fee off the bill, or a discount on the next bill; the caller saves.

    :raises ApprovalLimitExceeded: if who decides may give the credit but not the discount
    """
    source = f"adjustment:{adjustment.pk}"
    if adjustment.reason.kind == Kind.CREDIT:
        entry = posting_rules.goodwill_credited(
            adjustment.amount,
            customer_id=adjustment.customer_id,
            adjustment=source,
            on=adjustment.customer.local_day(at),
        )
        post_entry(entry, by=by, at=at)
    elif adjustment.reason.kind == Kind.FEE_WAIVER:
        issue_credit_note(
            int(adjustment.line_id or 0),
            amount=adjustment.amount,
            reason=adjustment.reason.title,
            source=source,
            by=by,
            at=at,
        )
    else:
        adjustment.grant_given = _discount(adjustment, source, by=by, at=at)


def _discount(adjustment: Adjustment, source: str, *, by: Actor, at: datetime) -> DiscountGrant:
    terms = DiscountTerms(name=adjustment.reason.title[:60], amount=adjustment.amount)
    grant = grant_discount(adjustment.customer_id, terms=terms, reason=adjustment.why, source=source, by=by, at=at)
    if grant.state != DiscountGrant.State.ACTIVE:
        raise ApprovalLimitExceeded(f"A discount of {adjustment.amount} is more than you may give.")
    return grant


def take_back(adjustment: Adjustment, *, reason: str, by: Actor, at: datetime) -> None:
    """This will undo what was given: credit not used yet, a discount not billed yet; a waived fee is charged again.

    :raises AlreadyUsed: if it is used
    """
    source = f"adjustment:{adjustment.pk}"
    if adjustment.reason.kind == Kind.CREDIT:
        entry = posting_rules.goodwill_taken_back(
            adjustment.amount,
            customer_id=adjustment.customer_id,
            adjustment=source,
            on=adjustment.customer.local_day(at),
        )
        try:
            post_entry(entry, by=by, at=at)
        except AccountOverdrawn as refusal:
            raise AlreadyUsed("The customer has used this credit; it cannot be taken back.") from refusal
    elif adjustment.grant_given is not None:
        if adjustment.grant_given.state != DiscountGrant.State.ACTIVE:
            raise AlreadyUsed("The discount is on a bill already; it cannot be taken back.")
        end_grant(adjustment.grant_given.pk, reason=reason, by=by, at=at)
    elif adjustment.line is not None:
        _charge_again(adjustment, adjustment.line, source, by=by, at=at)


def _charge_again(adjustment: Adjustment, line: InvoiceLine, source: str, *, by: Actor, at: datetime) -> None:
    note = line.credited_by.get(note__source=source)
    add_charge(
        adjustment.customer_id,
        amount=Money(note.net_minor, note.currency),
        description=f"{line.description}: waiver taken back"[:200],
        kind=line.charge.kind,
        tax_rate=line.tax_rate,
        source=source,
        external_id=f"{source}/reversed",
        by=by,
        at=at,
    )
