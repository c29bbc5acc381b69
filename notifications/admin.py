"""Table of contents: every admin page of notifications."""

from notifications.delivery.admin import MessageAdmin
from notifications.notices.admin import LeadTimeAdmin, NoticeAdmin
from notifications.preferences.admin import ConsentAdmin, PreferenceAdmin
from notifications.wording.admin import BoundaryTextAdmin, MessageTemplateAdmin

__all__ = [
    "BoundaryTextAdmin",
    "ConsentAdmin",
    "LeadTimeAdmin",
    "MessageAdmin",
    "MessageTemplateAdmin",
    "NoticeAdmin",
    "PreferenceAdmin",
]
