"""Table of contents: every admin page of notifications."""

from notifications.delivery.admin import MessageAdmin
from notifications.notices.admin import LeadTimeAdmin, NoticeAdmin
from notifications.preferences.admin import ConsentAdmin, PreferenceAdmin
from notifications.wording.admin import MessageTemplateAdmin

__all__ = ["ConsentAdmin", "LeadTimeAdmin", "MessageAdmin", "MessageTemplateAdmin", "NoticeAdmin", "PreferenceAdmin"]
