"""A mail server that drops one connection in five."""

import random
import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend


class FlakyBackend(EmailBackend):
    """Accepts four messages of five; the fifth line breaks before the server answers."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if random.random() < 0.2:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return super().send_messages(messages)
