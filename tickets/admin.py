"""Table of contents: every admin page of tickets."""

from tickets.casework.admin import CaseLinkAdmin
from tickets.channels.admin import CallLogAdmin, MailboxAdmin, PhoneLineAdmin
from tickets.conversations.admin import TicketAdmin
from tickets.intake.admin import ParkedMailAdmin, RoutingRuleAdmin
from tickets.promises.admin import PromiseAdmin
from tickets.queues.admin import QueueAdmin, QueuePauseAdmin
from tickets.replies.admin import BlockedPhraseAdmin, ReplyTemplateAdmin
from tickets.sla.admin import BusinessHoursAdmin, ClockAdmin, SlaPolicyAdmin

__all__ = [
    "BlockedPhraseAdmin",
    "BusinessHoursAdmin",
    "CallLogAdmin",
    "CaseLinkAdmin",
    "ClockAdmin",
    "MailboxAdmin",
    "ParkedMailAdmin",
    "PhoneLineAdmin",
    "PromiseAdmin",
    "QueueAdmin",
    "QueuePauseAdmin",
    "ReplyTemplateAdmin",
    "RoutingRuleAdmin",
    "SlaPolicyAdmin",
    "TicketAdmin",
]
