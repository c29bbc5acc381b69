"""From an inbound message to what is stored: the beginnings of a ticket, and the message itself."""

from __future__ import annotations

from django.conf import settings

from tickets.channels.models import Mailbox
from tickets.conversations.inbound import InboundMessage
from tickets.conversations.masking import Content, check_file
from tickets.conversations.models import Message, Ticket
from tickets.conversations.sayings import Arrival, Opening, Saying
from tickets.conversations.threads import SUBJECT_TOKEN, Thread
from tickets.intake.languages import guess_language
from tickets.intake.senders import Sender
from tickets.intake.topics import Topic, TopicGuess, guess_topic
from tickets.queues.operations import route_ticket

#: What an answer to one of our messages is about, when its words do not say: by the beginning of the wording's key.
TOPIC_OF_NOTICE = {
    "renewal_notice": Topic.RENEWAL,
    "price_change": Topic.PRICE_CHANGE,
    "payment_failed": Topic.PAYMENT_FAILED,
    "refund_": Topic.REFUND_REQUEST,
    "subscription_cancelled": Topic.CANCEL,
    "subscription_": Topic.PLAN_CHANGE,
}
#: A message with more files than this is looked at by a person anyway.
MOST_FILES = 30


def opening_of(inbound: InboundMessage, thread: Thread, sender: Sender, *, mailbox: str, about: str) -> Opening:
    """Return everything the new ticket starts with: whose it is, what it is about, where it goes."""
    customer = sender.customer
    guess = _topic_of(inbound, thread)
    language = customer.language if customer else guess_language(inbound.text, default=settings.LANGUAGE_CODE)
    is_business = bool(customer and customer.kind == "business")
    queue_id, priority = route_ticket(topic=guess.topic, language=language, is_business=is_business)
    continued = thread.ticket if thread.ticket and thread.ticket.state == Ticket.State.CLOSED else None
    notice = thread.notice
    return Opening(
        requester=inbound.sender.address,
        requester_name=inbound.sender.name,
        channel=str(inbound.channel),
        subject=_own_subject(inbound.subject, continued),
        queue_id=(_queue_of_mailbox(mailbox) if guess.topic is Topic.GENERAL else None) or queue_id,
        customer_id=customer.pk if customer else None,
        linked_because=sender.because,
        candidates=sender.candidates,
        language=language,
        topic=str(guess.topic),
        topic_words=guess.words,
        priority=priority,
        notice_id=_notice_id(thread),
        subject_of_question=about or (notice.about if notice else ""),
        continues_id=continued.pk if continued else None,
    )


def saying_of(inbound: InboundMessage, *, mailbox: str, is_participant: bool = True) -> Saying:
    """Return the message to store, its files checked; nothing of it is masked yet."""
    files = [check_file(each.name, each.declared_type, each.content) for each in inbound.attachments[:MOST_FILES]]
    left_out = len(inbound.attachments) - len(files)
    remarks = (*inbound.remarks, f"{left_out} more files were left out.") if left_out else inbound.remarks
    return Saying(
        kind=Message.Kind.IN,
        channel=str(inbound.channel),
        author=inbound.sender.address,
        author_name=inbound.sender.name,
        content=Content(inbound.text, inbound.reply_text, inbound.html),
        files=files,
        arrival=Arrival(
            mailbox=mailbox[:254],
            message_id=inbound.message_id,
            in_reply_to=inbound.in_reply_to,
            references=tuple(dict.fromkeys(each for each in (*inbound.references, inbound.in_reply_to) if each)),
            body_digest=inbound.body_digest,
            is_auto_reply=inbound.is_auto_reply,
            is_participant=is_participant,
            remarks=remarks,
        ),
    )


def _topic_of(inbound: InboundMessage, thread: Thread) -> TopicGuess:
    guess = guess_topic(inbound.subject, inbound.reply_text or inbound.text)
    if guess.topic is not Topic.GENERAL or thread.notice is None:
        return guess
    for beginning, topic in TOPIC_OF_NOTICE.items():
        if thread.notice.template.startswith(beginning):
            return TopicGuess(topic, (f"answers {beginning.rstrip('_').replace('_', ' ')}",), 0.5)
    return guess


def _own_subject(subject: str, continued: Ticket | None) -> str:
    """Return the subject without numbers of other cases, so that nothing sent from this case carries them."""
    without = " ".join(SUBJECT_TOKEN.sub(" ", subject).split())
    return without or (continued.subject if continued else "")


def _queue_of_mailbox(mailbox: str) -> int | None:
    found = Mailbox.objects.filter(address__iexact=mailbox, queue__isnull=False).values_list("queue_id", flat=True)
    return found.first()


def _notice_id(thread: Thread) -> int | None:
    notice = getattr(thread.notice, "notice", None) if thread.notice else None
    return notice.pk if notice else None
