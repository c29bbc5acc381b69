"""Table of contents: every model of notifications."""

from notifications.delivery.models import DeliveryAttempt, Message
from notifications.notices.models import LeadTime, Notice
from notifications.preferences.models import Consent, Preference
from notifications.wording.models import BoundaryText, MessageTemplate

__all__ = [
    "BoundaryText",
    "Consent",
    "DeliveryAttempt",
    "LeadTime",
    "Message",
    "MessageTemplate",
    "Notice",
    "Preference",
]
