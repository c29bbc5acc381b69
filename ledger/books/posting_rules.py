"""Every journal entry this system can make, one function each: the file an accountant audits.

Each rule is shown with figures in docs/accounting.md, and those examples run as tests. A rule returns an `Entry`
and touches nothing; `ledger.books.operations.post_entry` writes it. The key of an entry follows from what it is for,
so one act posts once. A second act on the same thing says so after a slash: the second attempt to pay refund 42
is "refund:42/2", which posts under its own key and is still found under the source "refund:42".

All amounts are given above zero (or zero, where a part may be missing); the rule decides the side.
"""

from __future__ import annotations

from datetime import date

from ledger.books.entry import Entry, Line, NegativeAmount
from ledger.money import Money

__all__ = ["Entry", "Line", "NegativeAmount"]


def _entry(
    kind: str, ref: str, customer_id: int | None, on: date, *, debit: dict[str, Money], credit: dict[str, Money]
) -> Entry:
    """Build the entry for one act; parts of zero make no line.

    :raises NegativeAmount: if a part is below zero
    """
    lines = []
    for parts, sign in ((debit, 1), (credit, -1)):
        for account, amount in parts.items():
            if amount.minor < 0:
                raise NegativeAmount(f"The amount for {account!r} is below zero: {amount}.")
            if amount.minor:
                lines.append(Line(account, Money(sign * amount.minor, amount.currency)))
    return Entry(
        key=f"{kind}:{ref}",
        kind=kind,
        customer_id=customer_id,
        source=ref.partition("/")[0],
        effective_on=on,
        lines=tuple(lines),
    )


def charge_added(amount: Money, *, customer_id: int, charge: str, on: date) -> Entry:
    """Earn the net amount of a charge that no invoice carries yet."""
    return _entry("charge_added", charge, customer_id, on, debit={"unbilled": amount}, credit={"revenue": amount})


def charge_reversed(amount: Money, *, customer_id: int, charge: str, on: date) -> Entry:
    """Take back a charge that no invoice carries yet."""
    return _entry("charge_reversed", charge, customer_id, on, debit={"revenue": amount}, credit={"unbilled": amount})


def late_fee_charged(amount: Money, *, customer_id: int, charge: str, on: date) -> Entry:
    """Ask a fee for late payment, which no invoice carries yet."""
    credit = {"late_fees": amount}
    return _entry("late_fee_charged", charge, customer_id, on, debit={"unbilled": amount}, credit=credit)


def late_fee_waived(amount: Money, *, customer_id: int, charge: str, on: date) -> Entry:
    """Let a fee for late payment go that no invoice carries yet; from an invoice a credit note takes it."""
    debit = {"late_fees": amount}
    return _entry("late_fee_waived", charge, customer_id, on, debit=debit, credit={"unbilled": amount})


def invoice_issued(net: Money, tax: Money, *, customer_id: int, invoice: str, on: date) -> Entry:
    """Ask for what was earned, with the tax on it."""
    debit = {"receivable": net + tax}
    return _entry("invoice_issued", invoice, customer_id, on, debit=debit, credit={"unbilled": net, "tax_payable": tax})


def payment_received(amount: Money, to_credit: Money, *, customer_id: int, payment: str, on: date) -> Entry:
    """Receive money; `to_credit` of it is more than was owed and stays with us as the customer's credit."""
    credit = {"receivable": amount - to_credit, "customer_credit": to_credit}
    return _entry("payment_received", payment, customer_id, on, debit={"cash": amount}, credit=credit)


def credit_applied(amount: Money, *, customer_id: int, invoice: str, on: date, number: int) -> Entry:
    """Pay an invoice from the customer's credit, for the `number`th time."""
    ref = f"{invoice}/{number}"
    parts = {"customer_credit": amount}
    return _entry("credit_applied", ref, customer_id, on, debit=parts, credit={"receivable": amount})


def credit_note_issued(
    net: Money,
    tax: Money,
    *,
    customer_id: int,
    credit_note: str,
    on: date,
    from_receivable: Money,
    from_disputed: Money,
    to_credit: Money,
    late_fees: Money | None = None,
) -> Entry:
    """Give back net and tax: off what is still owed, off what is in dispute, the paid rest as credit.

    `late_fees` is the part of the net that was a fee for late payment: it is taken off the fees, not off the revenue.

    :raises UnbalancedEntry: if the three parts do not add up to net and tax
    """
    fees = late_fees or Money(0, net.currency)
    debit = {"credit_notes": net - fees, "late_fees": fees, "tax_payable": tax}
    credit = {"receivable": from_receivable, "receivable_disputed": from_disputed, "customer_credit": to_credit}
    return _entry("credit_note_issued", credit_note, customer_id, on, debit=debit, credit=credit)


def dispute_opened(unpaid: Money, paid: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Set the disputed amount aside: the unpaid part is not asked for, the paid part is held."""
    debit = {"receivable_disputed": unpaid, "disputed_revenue": paid}
    credit = {"receivable": unpaid, "dispute_hold": paid}
    return _entry("dispute_opened", dispute, customer_id, on, debit=debit, credit=credit)


def dispute_released(unpaid: Money, paid: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Undo what opening set aside, because the dispute was rejected or withdrawn."""
    debit = {"receivable": unpaid, "dispute_hold": paid}
    credit = {"receivable_disputed": unpaid, "disputed_revenue": paid}
    return _entry("dispute_released", dispute, customer_id, on, debit=debit, credit=credit)


def dispute_upheld(paid: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Release the hold on the paid part; the credit note that follows gives the money back."""
    credit = {"disputed_revenue": paid}
    return _entry("dispute_upheld", dispute, customer_id, on, debit={"dispute_hold": paid}, credit=credit)


def provisional_credit_given(amount: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Give credit for a paid amount in dispute before it is decided; it is an asset until then: it may come back."""
    debit = {"provisional_credits": amount}
    return _entry("provisional_credit_given", dispute, customer_id, on, debit=debit, credit={"customer_credit": amount})


def provisional_credit_settled(
    from_credit: Money, charged: Money, *, customer_id: int, dispute: str, on: date
) -> Entry:
    """End a provisional credit whose dispute was upheld: the credit note has given the same amount for good.

    `charged` is what of that the note took off an open bill, so that it never was credit: a charge asks for it.
    """
    debit = {"customer_credit": from_credit, "revenue": charged}
    credit = {"provisional_credits": from_credit + charged}
    return _entry("provisional_credit_settled", dispute, customer_id, on, debit=debit, credit=credit)


def provisional_credit_reversed(
    from_credit: Money, charged: Money, *, customer_id: int, dispute: str, on: date
) -> Entry:
    """Take a provisional credit back: from the credit that is left, the rest (`charged`) by a charge on the next bill.

    The charge earns its amount as every charge does; this entry takes it out of the revenue again.
    """
    debit = {"customer_credit": from_credit, "revenue": charged}
    credit = {"provisional_credits": from_credit + charged}
    return _entry("provisional_credit_reversed", dispute, customer_id, on, debit=debit, credit=credit)


def refund_promised(amount: Money, *, customer_id: int, refund: str, on: date) -> Entry:
    """Set credit aside for a refund that was asked for: no bill uses it up while the refund waits for approval."""
    debit = {"customer_credit": amount}
    return _entry("refund_promised", refund, customer_id, on, debit=debit, credit={"credit_promised": amount})


def refund_promise_ended(amount: Money, *, customer_id: int, refund: str, on: date) -> Entry:
    """Free the credit again, because the refund was declined or called off before it was approved."""
    debit = {"credit_promised": amount}
    return _entry("refund_promise_ended", refund, customer_id, on, debit=debit, credit={"customer_credit": amount})


def refund_approved(amount: Money, *, customer_id: int, refund: str, on: date, goodwill: bool) -> Entry:
    """Owe a refund: out of the credit set aside for it, or as an expense where nothing was owed (`goodwill`)."""
    debit = {"goodwill" if goodwill else "credit_promised": amount}
    return _entry("refund_approved", refund, customer_id, on, debit=debit, credit={"refunds_payable": amount})


def refund_cancelled_after_approval(amount: Money, *, customer_id: int, refund: str, on: date, goodwill: bool) -> Entry:
    """Undo an approval that will not be paid: the amount goes back where it came from."""
    kind, credit = "refund_cancelled_after_approval", {"goodwill" if goodwill else "customer_credit": amount}
    return _entry(kind, refund, customer_id, on, debit={"refunds_payable": amount}, credit=credit)


def refund_paid(amount: Money, *, customer_id: int, refund: str, on: date) -> Entry:
    """Pay an approved refund out."""
    return _entry("refund_paid", refund, customer_id, on, debit={"refunds_payable": amount}, credit={"cash": amount})


def refund_failed(amount: Money, *, customer_id: int, refund: str, on: date) -> Entry:
    """Take back a paid refund that came back to us: we owe it again."""
    return _entry("refund_failed", refund, customer_id, on, debit={"cash": amount}, credit={"refunds_payable": amount})


def refund_credited(amount: Money, *, customer_id: int, refund: str, on: date) -> Entry:
    """Give an approved refund as credit on the account instead of paying it out."""
    credit = {"customer_credit": amount}
    return _entry("refund_credited", refund, customer_id, on, debit={"refunds_payable": amount}, credit=credit)


def goodwill_credited(amount: Money, *, customer_id: int, adjustment: str, on: date) -> Entry:
    """Give credit that was not owed."""
    credit = {"customer_credit": amount}
    return _entry("goodwill_credited", adjustment, customer_id, on, debit={"goodwill": amount}, credit=credit)


def goodwill_taken_back(amount: Money, *, customer_id: int, adjustment: str, on: date) -> Entry:
    """Take back credit that was given by mistake and is not used yet."""
    debit = {"customer_credit": amount}
    return _entry("goodwill_taken_back", adjustment, customer_id, on, debit=debit, credit={"goodwill": amount})


def chargeback_received(amount: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Lose money that the customer's bank took back."""
    debit = {"chargeback_losses": amount}
    return _entry("chargeback_received", dispute, customer_id, on, debit=debit, credit={"cash": amount})


def chargeback_won(amount: Money, *, customer_id: int, dispute: str, on: date) -> Entry:
    """Get back money that the customer's bank had taken."""
    credit = {"chargeback_losses": amount}
    return _entry("chargeback_won", dispute, customer_id, on, debit={"cash": amount}, credit=credit)


def processor_fee(amount: Money, *, customer_id: int, payment: str, on: date) -> Entry:
    """Pay what a payment provider keeps of a payment; it stays a cost when the payment is refunded."""
    return _entry("processor_fee", payment, customer_id, on, debit={"processor_fees": amount}, credit={"cash": amount})


def write_off(amount: Money, *, customer_id: int, invoice: str, on: date) -> Entry:
    """Give up an amount that will not be collected."""
    return _entry("write_off", invoice, customer_id, on, debit={"bad_debt": amount}, credit={"receivable": amount})


def write_off_recovered(amount: Money, *, customer_id: int, invoice: str, on: date) -> Entry:
    """Expect an amount again that was given up, because money came in or the customer agreed to pay."""
    credit = {"bad_debt": amount}
    return _entry("write_off_recovered", invoice, customer_id, on, debit={"receivable": amount}, credit=credit)


def currency_exchanged(sold: Money, bought: Money, fee: Money, *, exchange: str, on: date) -> Entry:
    """Give money of one currency for another: two pairs, each balanced in its own currency; the bank keeps a fee."""
    debit = {"fx": sold, "processor_fees": fee, "cash": bought}
    return _entry("currency_exchanged", exchange, None, on, debit=debit, credit={"cash": sold + fee, "fx": bought})


def currency_gained(amount: Money, *, source: str, on: date) -> Entry:
    """Realise a gain on another currency, in the book currency."""
    return _entry("currency_gained", source, None, on, debit={"fx": amount}, credit={"fx_gain": amount})


def currency_lost(amount: Money, *, source: str, on: date) -> Entry:
    """Realise a loss on another currency, in the book currency."""
    return _entry("currency_lost", source, None, on, debit={"fx_loss": amount}, credit={"fx": amount})


def revenue_deferred(amount: Money, *, source: str, on: date) -> Entry:
    """Set aside at a month's end what was billed for the days after it; `source` names the month."""
    return _entry("revenue_deferred", source, None, on, debit={"revenue": amount}, credit={"deferred_revenue": amount})


def revenue_recognised(amount: Money, *, source: str, on: date) -> Entry:
    """Earn what was set aside for the days of a month."""
    debit = {"deferred_revenue": amount}
    return _entry("revenue_recognised", source, None, on, debit=debit, credit={"revenue": amount})


def deferral_credited(amount: Money, *, source: str, on: date) -> Entry:
    """Let go of what credit notes took off days that were not earned yet: that much of them gave no revenue back."""
    debit = {"deferred_revenue": amount}
    return _entry("deferral_credited", source, None, on, debit=debit, credit={"credit_notes": amount})


def opening_receivable(amount: Money, *, customer_id: int, invoice: str, on: date) -> Entry:
    """Take over what is still owed on a bill that another system issued; its revenue and tax stand in those books."""
    credit = {"opening_balance": amount}
    return _entry("opening_receivable", invoice, customer_id, on, debit={"receivable": amount}, credit=credit)


def opening_credit(amount: Money, *, customer_id: int, source: str, on: date) -> Entry:
    """Take over what another system owed a customer as credit."""
    debit = {"opening_balance": amount}
    return _entry("opening_credit", source, customer_id, on, debit=debit, credit={"customer_credit": amount})
