"""Raw e-mail → InboundMessage: reads every mail that is one, however broken, and says what it had to cut. Pure."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from ledger.errors import DomainError
from tickets.channels.auto_reply import Origin, judge_origin
from tickets.channels.decoding import (
    MAX_SUBJECT_CHARS,
    addresses,
    clean_text,
    decode_bytes,
    decode_words,
    header,
    headers,
    message_ids,
    sent_at,
)
from tickets.channels.html_body import MAX_HTML_CHARS, html_to_text, is_nested_too_deeply, sanitise_html, strip_tags
from tickets.channels.reply_html import reply_text_from_html
from tickets.channels.reply_text import reply_text
from tickets.conversations.inbound import Address, Channel, InboundAttachment, InboundMessage, digest_body

MAX_MAIL_BYTES = 60 * 1024 * 1024
MAX_TEXT_CHARS = 300_000
MAX_LINKS = 5_000
MAX_PARTS = 300
MAX_RECIPIENTS = 40
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
TOO_MANY_LINKS = "This message held more than 5,000 links and is not shown. The original is kept."

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PLUS_TOKEN = re.compile(rf"[^+@]+(?:\+[^+@]*)*?\+(?:conv-|case-|ticket-|t-)?({UUID})@")
LINK = re.compile(r"https?://|\bhref\s*=", re.IGNORECASE)
UUENCODED_NAME = re.compile(rb"\s*begin [0-7]{3,4} ([^\r\n]{1,200})")


class UnreadableMail(DomainError):
    """The bytes hold nothing that can be read as a mail."""


@dataclass
class _Body:
    """What the parts of a mail add up to while they are read."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[InboundAttachment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def parse_email(raw: bytes) -> InboundMessage:
    """Return the mail decoded, sanitised and judged; whatever is missing or damaged in it is mended or left empty.

    :raises UnreadableMail: if there are no bytes, more than 60 MB of them, no header at all, or nesting without end
    """
    if not raw.strip():
        raise UnreadableMail("The mail is empty.")
    if len(raw) > MAX_MAIL_BYTES:
        raise UnreadableMail("The mail is larger than 60 MB.")
    try:
        mail = message_from_bytes(raw)
        body = _read_body(mail)
        if not mail.keys():
            raise UnreadableMail("This is not a mail: it has no header.")
        return _assemble(mail, body)
    except RecursionError:
        raise UnreadableMail("The mail is nested too deeply to be read.") from None


def _assemble(mail: Message, body: _Body) -> InboundMessage:
    text, html = _shown(body)
    sender, subject = _sender(mail), header(mail, "Subject")[:MAX_SUBJECT_CHARS]
    origin = judge_origin(mail, subject=subject, sender=sender.address)
    full_text = text if text.strip() or not html else html_to_text(html)
    digest = digest_body(sender.address, subject, text, html, *(each.content for each in body.attachments))
    message_id, is_derived = _message_id(mail, digest)
    recipients = [each for each in addresses(mail, *RECIPIENT_HEADERS) if each.address]
    return InboundMessage(
        channel=Channel.EMAIL,
        message_id=message_id,
        is_message_id_derived=is_derived,
        sender=sender,
        reply_to=next(iter(addresses(mail, "Reply-To")), None),
        recipients=tuple(recipients[:MAX_RECIPIENTS]),
        plus_token=_plus_token(recipients),
        in_reply_to=next(iter(message_ids(mail, "In-Reply-To")), ""),
        references=message_ids(mail, "References"),
        subject=subject,
        text=full_text,
        html=sanitise_html(html) if html else "",
        reply_text=_new_part(text, html),
        attachments=tuple(body.attachments),
        sent_at=sent_at(mail),
        body_digest=digest,
        remarks=_remarks(body, origin, sender, len(recipients)),
        is_auto_reply=origin.is_auto_reply,
        is_bounce=origin.is_bounce,
        answer_is_unwanted=origin.answer_is_unwanted,
        loop_marker=origin.loop_marker,
        failed_recipients=origin.failed_recipients,
        bounced_message_ids=origin.bounced_message_ids,
    )


def _shown(body: _Body) -> tuple[str, str]:
    """Return the text and the HTML within their limits; what is cut or left out is remarked."""
    html = _within("\n".join(body.htmls), MAX_HTML_CHARS, "HTML", body.remarks)
    text = _within("\n\n".join(body.texts), MAX_TEXT_CHARS, "text", body.remarks)
    if max(len(LINK.findall(html)), len(LINK.findall(text))) > MAX_LINKS:
        body.remarks.append(TOO_MANY_LINKS)
        return TOO_MANY_LINKS, ""
    if is_nested_too_deeply(html):
        body.remarks.append("The HTML of this message is damaged; its words are shown without it.")
        return text if text.strip() else strip_tags(html), ""
    return text, html


def _new_part(text: str, html: str) -> str:
    """Return what the sender newly wrote: the HTML is judged by its structure first, if it marks a quotation at all."""
    from_html = reply_text_from_html(html) if html else None
    if from_html is not None:
        return from_html
    return reply_text(text if text.strip() or not html else html_to_text(html))


def _remarks(body: _Body, origin: Origin, sender: Address, recipients: int) -> tuple[str, ...]:
    remarks = [*body.remarks, *([origin.reason] if origin.reason else [])]
    if not sender.is_deliverable:
        remarks.append("The sender's address is damaged; nothing is sent there.")
    if recipients > MAX_RECIPIENTS:
        remarks.append(f"Of {recipients} recipients the first {MAX_RECIPIENTS} are kept.")
    return tuple(remarks)


def _sender(mail: Message) -> Address:
    """Return who wrote: From, else Sender, else the envelope; an empty address when none of them names anybody."""
    found = addresses(mail, "From", "Sender", "Return-Path")
    return next((each for each in found if each.address), Address("", is_deliverable=False))


def _message_id(mail: Message, digest: str) -> tuple[str, bool]:
    """Return the first Message-ID, or one derived from the content: the same mail fetched twice gets the same one."""
    for value in headers(mail, "Message-ID"):
        found = re.fullmatch(r"\s*(<[^<>\s@]{1,450}@[^<>\s]{1,450}>)\s*", value)
        if found:
            return found[1], False
    return f"<{digest_body(digest, header(mail, 'Date'))[:40]}@derived.invalid>", True


def _plus_token(recipients: list[Address]) -> str:
    """Return the token of the first well-formed plus-address among the recipients, in lower case; else nothing."""
    found = (PLUS_TOKEN.match(each.address) for each in recipients)
    return next((match[1] for match in found if match), "")


def _within(text: str, limit: int, what: str, remarks: list[str]) -> str:
    if len(text) > limit:
        remarks.append(f"The {what} of this message was cut after {limit:,} characters. The original is kept.")
    return text[:limit]


def _read_body(mail: Message) -> _Body:
    """Collect text, HTML and attachments; of alternatives every form is read, enclosed mails become attachments."""
    body, waiting, seen = _Body(), [mail], 0
    while waiting:
        part, seen = waiting.pop(), seen + 1
        if seen > MAX_PARTS:
            body.remarks.append(f"Only the first {MAX_PARTS} parts of this message were read.")
            break
        children = part.get_payload()
        if part.get_content_maintype() == "message" and part is not mail:
            _enclose(part, body)
        elif part.is_multipart() and isinstance(children, list):
            waiting.extend(child for child in reversed(children) if isinstance(child, Message))
        else:
            _read_part(part, body)
    return body


def _read_part(part: Message, body: _Body) -> None:
    content, kind, name = _content(part), part.get_content_type(), _name(part)
    is_body = kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment" and not name
    if not is_body:
        if content or name:
            name = name or _uuencoded_name(part) or "attachment"
            body.attachments.append(InboundAttachment(name, kind, content))
        return
    text = decode_bytes(content, _charset(part))
    if text.strip():
        (body.htmls if kind == "text/html" else body.texts).append(text)


def _enclose(part: Message, body: _Body) -> None:
    """Keep an enclosed mail or a report's machine-readable part as a file."""
    try:
        inner = part.get_payload()
        content = (
            b"\n".join(each.as_bytes() for each in inner if isinstance(each, Message))
            if isinstance(inner, list)
            else _content(part)
        )
    except (UnicodeError, LookupError, ValueError, AttributeError, TypeError):
        content = b""
        body.remarks.append("A mail enclosed in this one is damaged and could not be kept.")
    is_mail = part.get_content_type() == "message/rfc822"
    name = _name(part) or ("message.eml" if is_mail else "report.txt")
    if content:
        kind = "message/rfc822" if is_mail else "text/plain"
        body.attachments.append(InboundAttachment(name, kind, content))


def _content(part: Message) -> bytes:
    """Return the bytes of a part; where its transfer encoding is a lie, the bytes as they came."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "utf-8")
    except (ValueError, LookupError):
        return "utf-8"


def _name(part: Message) -> str:
    """Return the file name as declared, on one line; `uploads` makes it safe."""
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        name = None
    return clean_text(decode_words(name))[:255] if name else ""


def _uuencoded_name(part: Message) -> str:
    payload = part.get_payload()
    found = UUENCODED_NAME.match(payload.encode("utf-8", "replace")) if isinstance(payload, str) else None
    return decode_words(found[1].decode("utf-8", "replace"))[:255] if found else ""
