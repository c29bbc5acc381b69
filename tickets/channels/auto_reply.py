"""Tells mail written by machines from mail written by people, and reads delivery reports. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.message import Message

from flufl.bounce import all_failures

from tickets.channels.decoding import MESSAGE_ID, decode_bytes, decode_words, header, headers, message_ids

#: Every mail this desk sends carries this header with its own mailbox address, and no mail that carries it is answered.
LOOP_HEADER = "X-Billing-Desk-Loop"

#: Headers whose mere presence says that a program answered.
ROBOT_HEADERS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Mail-Autoreply", "X-FC-MachineGenerated")
ROBOT_SENDERS = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|bounces?|no-?reply-bounces?)(?:[+\-].*)?@")
OUT_OF_OFFICE = re.compile(
    r"^\s*(?:(?:re|aw|wg|fwd?)\s*:\s*)*(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer)|out of (?:the )?office|"
    r"automatische (?:antwort|abwesenheitsnotiz)|abwesenheits(?:notiz|nachricht|meldung)|abwesend\b|"
    r"r[ée]ponse automatique|absence du bureau|message d'absence|"
    r"automatisch antwoord|afwezigheids(?:bericht|melding)|respuesta autom[áa]tica|fuera de (?:la )?oficina|"
    r"risposta automatica|fuori sede|resposta autom[áa]tica|odpowied[źz] automatyczna|automatick[áa] odpov[ěe]|"
    r"autosvar|automaattinen vastaus|автоматический ответ|автоответ)",
    re.IGNORECASE,
)
NAMED_ID = re.compile(r"message-?id\s*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE)


@dataclass(frozen=True)
class Origin:
    """Who or what wrote a mail. `reason` is the sentence for the agent; empty for a person's mail."""

    is_auto_reply: bool = False
    is_bounce: bool = False
    answer_is_unwanted: bool = False
    loop_marker: str = ""
    failed_recipients: tuple[str, ...] = ()
    bounced_message_ids: tuple[str, ...] = ()
    reason: str = ""


def judge_origin(mail: Message, *, subject: str, sender: str) -> Origin:
    """Say whether a machine wrote the mail, by its headers before its words."""
    reason = _machine_reason(mail, subject)
    loop_marker = header(mail, LOOP_HEADER)
    if _is_delivery_report(mail, sender):
        temporary, permanent = _failures(mail)
        is_bounce = bool(temporary or permanent) or _report_type(mail) == "delivery-status" or _has_report_part(mail)
        return Origin(
            is_auto_reply=True,
            is_bounce=is_bounce,
            loop_marker=loop_marker,
            failed_recipients=tuple(sorted(permanent)),
            bounced_message_ids=_returned_ids(mail) if is_bounce else (),
            reason=reason or "This is a delivery report.",
        )
    return Origin(
        is_auto_reply=bool(reason),
        answer_is_unwanted=bool(header(mail, "List-Id")) or _precedence(mail) == "list",
        loop_marker=loop_marker,
        reason=reason,
    )


def _machine_reason(mail: Message, subject: str) -> str:
    """Return why the mail counts as a machine's, as a sentence; empty when nothing says so."""
    submitted = header(mail, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return f"Written by a machine: Auto-Submitted says {submitted[:60]}."
    suppressed = header(mail, "X-Auto-Response-Suppress").lower()
    if re.search(r"\b(?:all|oof|autoreply)\b", suppressed):
        return "Written by a machine: X-Auto-Response-Suppress asks for no answer."
    if _precedence(mail) in {"bulk", "junk", "auto_reply", "auto-reply"}:
        return f"Written by a machine: Precedence says {_precedence(mail)}."
    named = next((name for name in ROBOT_HEADERS if mail.get(name) is not None), "")
    if named:
        return f"Written by a machine: it carries {named}."
    if has_null_return_path(mail):
        return "Written by a machine: its return path is empty."
    if mail.get_content_type() == "multipart/report":
        return "Written by a machine: it is a report."
    return "Written by a machine: its subject is that of an automatic reply." if OUT_OF_OFFICE.match(subject) else ""


def has_null_return_path(mail: Message) -> bool:
    """Say whether the envelope sender was empty, as RFC 5321 section 4.5.5 demands of reports."""
    return any(value.replace(" ", "") in {"<>", "<mailer-daemon>"} for value in headers(mail, "Return-Path"))


def _precedence(mail: Message) -> str:
    return header(mail, "Precedence").lower()


def _report_type(mail: Message) -> str:
    value = mail.get_param("report-type")
    return str(value).lower() if mail.get_content_type() == "multipart/report" and value else ""


def _has_report_part(mail: Message) -> bool:
    return any(part.get_content_type() == "message/delivery-status" for part in mail.walk())


def _is_delivery_report(mail: Message, sender: str) -> bool:
    """Say whether the mail may be a report; what it then says is read by `flufl.bounce`, which trusts every mail."""
    if mail.get_content_type() == "multipart/report":
        return _report_type(mail) not in {"disposition-notification", "feedback-report"}
    return bool(ROBOT_SENDERS.match(sender)) or has_null_return_path(mail) or _has_report_part(mail)


def _failures(mail: Message) -> tuple[set[str], set[str]]:
    """Return the addresses that could not be reached yet, and those that could not be reached for good.

    Headers with raw bytes are decoded in place before: the detectors expect every header to be text.
    """
    for part in mail.walk():
        for name, value in part.items():
            if isinstance(value, Header):
                part.replace_header(name, decode_words(value))
    try:
        temporary, permanent = all_failures(mail)
    except (ValueError, LookupError, TypeError, AttributeError):  # a report too broken to be read is still a report
        return set(), set()
    return _texts(temporary), _texts(permanent)


def _texts(found: set[bytes | str]) -> set[str]:
    return {(each.decode("utf-8", "replace") if isinstance(each, bytes) else each).lower() for each in found}


def _returned_ids(mail: Message) -> tuple[str, ...]:
    """Return the Message-IDs of the original inside a report, however the reporting server enclosed it."""
    found: list[str] = []
    for part in mail.walk():
        if part is not mail and part.get("Message-ID"):
            found += [*message_ids(part, "Message-ID"), *message_ids(part, "In-Reply-To")]
        if not part.is_multipart() and part.get_content_maintype() == "text":
            found += _named_ids(part)
    return tuple(dict.fromkeys(found))[:20]


def _named_ids(part: Message) -> Iterator[str]:
    content = part.get_payload(decode=True)
    text = decode_bytes(content[:200_000], "utf-8") if isinstance(content, bytes) else ""
    if part.get_content_type() == "text/rfc822-headers":
        yield from (
            f"<{each}>"
            for line in text.split("\n")
            if line.lower().startswith("message-id")
            for each in MESSAGE_ID.findall(line)
        )
    yield from NAMED_ID.findall(text)
