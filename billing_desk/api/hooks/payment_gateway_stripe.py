"""Stripe's own events at `POST /hooks/payments`: signed after its scheme, read by its library, told in our terms."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from billing_desk.api.errors import answer, problem
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.payments.events import apply_answer, find_attempt
from ledger.payments.reports import keep_report, note_subject
from ledger.reconciliation.parking import take_report

STRIPE = Actor.system("stripe")
#: Stripe's events are a few kilobytes; what is larger is not one.
LARGEST = 1024 * 1024


def stripe_report(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take one event. 2xx means that it is recorded, parked, or about nothing of ours; a repeat changes nothing."""
    from ledger.payments.stripe_reports import UnreadableReport, read_stripe_report

    try:
        body = request.body
    except RequestDataTooBig:
        body = b""
    if not body or len(body) > LARGEST:
        return answer(413, problem(413, "too_large", "The body is empty, or larger than an event is."))
    if not settings.STRIPE_WEBHOOK_SECRET:
        return answer(401, problem(401, "not_signed", "No secret is set for Stripe's webhooks."))
    try:
        report = read_stripe_report(body, request.headers.get("Stripe-Signature", ""))
    except UnreadableReport as refusal:
        return answer(422, problem(422, "not_readable", str(refusal)))
    except InvalidInput as refusal:
        return answer(401, problem(401, "not_signed", str(refusal)))
    with transaction.atomic():
        kept, is_new = keep_report("stripe", report.report_id, body, kind=report.kind, at=at)
        if is_new and report.told:
            note_subject(kept, take_report(kept, report.told, by=STRIPE, at=at))
            return answer(202, {"subject": kept.subject})
        attempt = find_attempt(reference=report.reference, key=report.key) if report.answer else None
        if is_new and attempt is not None and report.answer is not None:
            apply_answer(attempt.pk, report.answer, by=STRIPE, at=at)
            note_subject(kept, f"attempt:{attempt.pk}")
    return answer(202, {"subject": kept.subject})
