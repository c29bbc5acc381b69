"""count_use and return_uses: what a discount took off a bill counts once, and not at all once the bill is void."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.discounts.models import DiscountGrant, DiscountUse
from ledger.discounts.operations import DiscountNotInState, lock_grant, record
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.money import Money


class DiscountUsedDifferently(DomainError):
    """The use on this bill was counted before, with another amount."""


class DiscountTooSmall(DomainError):
    """Less of the discount is left than the bill took off."""


@transaction.atomic
def count_use(grant_id: int, *, invoice_id: int, amount: Money, by: Actor, at: datetime) -> DiscountUse:
    """This will count what a discount took off a bill, which must be an issued or drafted one of the same customer.

    Counting it again for the same bill is harmless. Called in the transaction that writes the bill, so a discount that
    another bill used up in the meantime takes the whole bill back.

    :raises DiscountNotInState: if it was used up, ended or never approved
    :raises DiscountTooSmall: if less of it is left
    :raises DiscountUsedDifferently: if another amount was counted for this bill
    """
    grant = lock_grant(grant_id)
    known = DiscountUse.objects.filter(grant=grant, invoice_id=invoice_id).first()
    if known:
        if known.amount != amount:
            raise DiscountUsedDifferently(f"{grant} took {known.amount} off this bill, not {amount}.")
        return known
    invoice = Invoice.objects.filter(pk=invoice_id, customer_id=grant.customer_id).first()
    if invoice is None or amount.currency != grant.currency or amount.minor <= 0:
        raise InvalidInput(f"{grant} takes {grant.currency} off bills of its own customer only, and more than nothing.")
    if grant.state != DiscountGrant.State.ACTIVE:
        raise DiscountNotInState(f"{grant} is {grant.get_state_display().lower()}; it takes nothing off.")
    _take(grant, amount)
    use = DiscountUse.objects.create(
        grant=grant, invoice=invoice, amount_minor=amount.minor, currency=amount.currency, used_at=at
    )
    if _is_used_up(grant):
        grant.use_up(at=at)
    grant.save()
    record(
        kinds.DISCOUNT_USED, grant, by=by, at=at, amount_minor=amount.minor, invoice=invoice.number, state=grant.state
    )
    return use


def _take(grant: DiscountGrant, amount: Money) -> None:
    most = grant.left_minor if grant.duration == DiscountGrant.Duration.UNTIL_USED_UP else grant.amount_minor
    if most is not None and amount.minor > most:
        raise DiscountTooSmall(f"Only {Money(most, grant.currency)} of {grant} is left.")
    if grant.left_minor is not None:
        grant.left_minor -= amount.minor
    if grant.periods_left is not None:
        grant.periods_left -= 1


def _is_used_up(grant: DiscountGrant) -> bool:
    return grant.duration == DiscountGrant.Duration.ONCE or 0 in (grant.left_minor, grant.periods_left)


@transaction.atomic
def return_uses(invoice_id: int, *, by: Actor, at: datetime) -> int:
    """This will give back what discounts took off a bill that does not count any more; repeating it is harmless.

    A discount that was used up by it holds again; one that was ended meanwhile stays ended.
    """
    standing = DiscountUse.objects.filter(invoice_id=invoice_id, returned_at=None).order_by("grant_id")
    uses = list(standing.select_for_update(of=("self",)))
    for use in uses:
        grant = lock_grant(use.grant_id)
        if grant.left_minor is not None:
            grant.left_minor += use.amount_minor
        if grant.periods_left is not None:
            grant.periods_left += 1
        if grant.state == DiscountGrant.State.USED_UP:
            grant.give_back()
        grant.save()
        use.returned_at = at
        use.save(update_fields=["returned_at"])
        record(kinds.DISCOUNT_RETURNED, grant, by=by, at=at, amount_minor=use.amount_minor, state=grant.state)
    return len(uses)
