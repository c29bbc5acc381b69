"""Calls on the billing lines: who seems to call, and nothing about the account: a number is never a proof."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import ContactPoint
from ledger.customers.queries import find_by_contact, normalise_phone
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from tickets import events
from tickets.channels.models import CallLog, PhoneLine

WITHHELD = frozenset({"", "anonymous", "unknown", "private", "restricted", "withheld", "unavailable"})


class CallWithoutId(InvalidInput):
    """A call is known by the id the telephone system gives it."""


@transaction.atomic
def receive_call(*, external_id: str, caller: str | None, line: str, at: datetime) -> CallLog:
    """This will log a call with the customers it may be from; the same id again returns the first log.

    Withheld, malformed and shared numbers select nobody, and say so in `caller_problem`; so does a number on no file.

    :raises CallWithoutId: if there is no id
    """
    external_id = external_id.strip()[:100]
    if not external_id:
        raise CallWithoutId("The call has no id.")
    first = CallLog.objects.filter(external_id=external_id).first()
    if first is not None:
        return first
    number, candidates, problem = _judge_caller(caller)
    CallLog.objects.bulk_create(
        [
            CallLog(
                external_id=external_id,
                line=_line(line),
                caller=number,
                caller_problem=problem,
                candidates=candidates,
                started_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    call = CallLog.objects.select_for_update(of=("self",)).get(external_id=external_id)
    record_event(
        events.CALL_RECEIVED,
        subject=call,
        customer_id=None,
        by=Actor.system("phone"),
        at=at,
        candidates=candidates,
        problem=problem,
        line=line[:40],
    )
    return call


def _judge_caller(caller: str | None) -> tuple[str, list[int], str]:
    """Return the number in E.164, the customers with it on file, and what speaks against choosing one."""
    if caller is None or caller.strip().lower() in WITHHELD:
        return "", [], "withheld"
    try:
        number = normalise_phone(caller)
    except InvalidInput:
        return "", [], f"malformed: {caller.strip()[:60]}"
    points = find_by_contact(ContactPoint.Kind.PHONE, number)
    candidates = sorted({point.customer_id for point in points})
    if len(candidates) > 1:
        return number, candidates, "shared by several customers"
    return number, candidates, "" if candidates else "not on file"


def _line(number: str) -> PhoneLine | None:
    try:
        return PhoneLine.objects.filter(number=normalise_phone(number)).first()
    except InvalidInput:
        return None
