"""write_wording: a new version of a message's text, checked before anybody can be sent it."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import connection, transaction

from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from notifications.wording.boundary import check_boundary
from notifications.wording.catalogue import EXAMPLES
from notifications.wording.models import MessageTemplate
from notifications.wording.render import Rendered, check_text, fill, find_text, one_line, wording_of

LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


@transaction.atomic
def write_wording(key: str, language: str, subject: str, body: str, *, by: Actor, at: datetime) -> MessageTemplate:
    """Put a new version in use; the one before stays on file.

    :raises UnknownWording: if there is no such message
    :raises UnknownPlaceholder, MissingPlaceholder: if the text names what the message lacks, or leaves out what it must
    :raises DisclaimerMissing: if it comes near advice and a language of it has no disclaimer
    :raises InvalidInput: if the language is not written like `de` or `de-DE`, or the subject is too long
    """
    _check(key, language, subject, body)
    with connection.cursor() as cursor:
        # Two supervisors saving at once get two versions, one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s::text))", [f"wording:{key}:{language}"])
    before = MessageTemplate.objects.filter(key=key, language=language, is_in_use=True).first()
    newest = MessageTemplate.objects.filter(key=key, language=language).order_by("-version").first()
    MessageTemplate.objects.filter(key=key, language=language, is_in_use=True).update(is_in_use=False)
    written = MessageTemplate.objects.create(
        key=key,
        language=language,
        version=newest.version + 1 if newest else 1,
        subject=one_line(subject),
        body=body,
        written_by=str(by),
        written_at=at,
    )
    record_event(
        kinds.CONFIGURATION_CHANGED,
        subject=written,
        customer_id=None,
        by=by,
        at=at,
        what=f"wording {key} ({language})",
        before={"version": before.version, "subject": before.subject, "body": before.body} if before else None,
        after={"version": written.version, "subject": written.subject, "body": written.body},
    )
    return written


def _check(key: str, language: str, subject: str, body: str) -> None:
    check_text(key, subject=subject, body=body)
    if not LANGUAGE.fullmatch(language):
        raise InvalidInput("The language is written like de or de-DE.")
    if len(subject) > 200:
        raise InvalidInput("The subject has at most 200 characters.")
    check_boundary(key, language)


def preview(key: str, language: str, *, subject: str | None = None, body: str | None = None) -> Rendered:
    """Return a message filled with example values: the text in use, or the one being written. Writes nothing.

    :raises UnknownWording, UnknownPlaceholder, MissingPlaceholder: as write_wording would
    """
    text = find_text(key, language)
    subject, body = text.subject if subject is None else subject, text.body if body is None else body
    check_text(key, subject=subject, body=body)
    values = {name: EXAMPLES[name] for name in wording_of(key).placeholders}
    return Rendered(one_line(fill(subject, values)), fill(body, values), text.source, text.language)
