"""Table of contents: every model of tickets."""

from tickets.casework.models import CaseLink
from tickets.channels.models import CallLog, Mailbox, PhoneLine
from tickets.conversations.models import Attachment, Message, Reference, Ticket
from tickets.intake.models import ParkedMail
from tickets.promises.models import Promise
from tickets.queues.models import Membership, Queue, QueuePause, RoutingRule
from tickets.replies.models import BlockedPhrase, ReplyTemplate
from tickets.sla.models import BusinessHours, Clock, Holiday, SlaPolicy

__all__ = [
    "Attachment",
    "BlockedPhrase",
    "BusinessHours",
    "CallLog",
    "CaseLink",
    "Clock",
    "Holiday",
    "Mailbox",
    "Membership",
    "Message",
    "ParkedMail",
    "PhoneLine",
    "Promise",
    "Queue",
    "QueuePause",
    "Reference",
    "ReplyTemplate",
    "RoutingRule",
    "SlaPolicy",
    "Ticket",
]
