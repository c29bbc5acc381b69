"""approve_agreement and decline_agreement: nobody approves what they proposed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.agreements.models import Agreement
from ledger.agreements.moving import check_move, lock_agreement, reason_in_words, record
from ledger.agreements.queries import NoSuchAgreement
from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.customers.operations import refuse_own_account
from ledger.events import kinds
from ledger.events.actor import Actor

ACT = AuthorityLimit.Act.AGREEMENT


@transaction.atomic
def approve_agreement(agreement_id: int, *, by: Actor, at: datetime) -> Agreement:
    """This will approve an amendment that was above its proposer's limit: it can be offered now.

    :raises AgreementNotInState: if it does not wait for approval
    :raises ApproverIsRequester: if the same person proposed it
    :raises ApprovalLimitExceeded: if it gives away more than their roles may give
    """
    agreement = lock_agreement(agreement_id)
    refuse_own_account(by, agreement.customer_id)
    check_move(agreement, agreement.approve, "approved")
    subject = f"agreement:{agreement.pk}"
    if not authority.agree_to(ACT, subject, amount=agreement.worth, requested_by=agreement.requested_by, by=by, at=at):
        return agreement
    agreement.approve(by=str(by), at=at)
    agreement.save()
    record(kinds.AGREEMENT_APPROVED, agreement, by=by, at=at)
    return agreement


@transaction.atomic
def decline_agreement(agreement_id: int, *, reason: str, by: Actor, at: datetime) -> Agreement:
    """This will say no: an approver to a request, the proposer to their own, the customer to what was offered.

    :raises AgreementNotInState: if it was decided before
    :raises ApprovalLimitExceeded: if an approver may not decide so much
    """
    agreement = lock_agreement(agreement_id)
    refuse_own_account(by, agreement.customer_id)
    if by.kind == "customer" and (by.customer_id != agreement.customer_id or agreement.offered_at is None):
        raise NoSuchAgreement("There is no such agreement.")
    check_move(agreement, agreement.decline, "declined")
    subject, why = f"agreement:{agreement.pk}", reason_in_words(reason)
    if agreement.state == Agreement.State.WAITING_APPROVAL and agreement.requested_by != str(by):
        authority.check_approver(ACT, agreement.worth, requested_by=agreement.requested_by, by=by)
        authority.close_declined(subject, reason=why, by=by, at=at)
    else:
        authority.close_cancelled(subject, by=by, at=at)
    agreement.decline(by=str(by), at=at, reason=why)
    agreement.save()
    record(kinds.AGREEMENT_DECLINED, agreement, by=by, at=at, reason=why)
    return agreement
