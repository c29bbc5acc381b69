"""ParkedMail: mail that opens no ticket, kept where people can see it."""

from django.db import models


class ParkedMail(models.Model):
    """A mail nobody has to answer (an auto-reply without a thread, our own mail) or nobody could read, and why.

    One row per mailbox, Message-ID and content; card numbers are masked like everywhere else.
    """

    mailbox = models.CharField(max_length=254)
    message_id = models.CharField(max_length=998, blank=True, default="")
    body_digest = models.CharField(max_length=64)
    sender = models.CharField(max_length=254, blank=True, default="")
    subject = models.CharField(max_length=300, blank=True, default="")
    text = models.TextField(blank=True, default="")
    why = models.CharField(max_length=300)
    parked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("mailbox", "message_id", "body_digest", name="one_parked_row_per_mail"),
        ]
        indexes = [models.Index(fields=["-parked_at", "-id"], name="parked_mail_newest")]
        verbose_name_plural = "parked mail"

    def __str__(self) -> str:
        return f"{self.subject or 'mail'} from {self.sender or 'nobody'}"
