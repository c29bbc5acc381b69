"""CaseLink: which dispute, refund, payment or notice a ticket led to or is about."""

from django.db import models


class CaseLink(models.Model):
    """A ticket and an object of the ledger belong together; `key` of the pair is unique."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="case_links")
    subject = models.CharField(max_length=60, help_text="dispute:7, refund:42, payment:3, notice:5")
    role = models.CharField(max_length=12, help_text="led_to or is_about")
    linked_by = models.CharField(max_length=80)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "subject"], name="one_case_link_per_ticket_and_subject")
        ]
        indexes = [models.Index(fields=["subject"], name="case_link_by_subject")]

    def __str__(self) -> str:
        return f"ticket {self.ticket_id} {self.role} {self.subject}"
