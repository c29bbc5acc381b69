"""What a dispute stands on: the bundle frozen at its opening, and the chain of what came later."""

from django.db import models
from django.db.models import Q


class EvidenceBundle(models.Model):
    """Everything known when a dispute was opened, frozen: entries, bill, the customer's words, each with its hash.

    `content` is the canonical text; `hash` is its SHA-256, so a copy can be checked without us. Append-only by trigger.
    """

    dispute = models.OneToOneField("ledger.Dispute", models.PROTECT, related_name="evidence")
    content = models.TextField()
    hash = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"evidence of dispute {self.dispute_id}"


class EvidenceItem(models.Model):
    """One thing that came after the opening: a message, a file or a note. Append-only, chained to the one before.

    `hash` is the SHA-256 of `previous_hash`, a line feed and `content`; the first item's previous is the bundle's hash.
    A file's own SHA-256 stands in `content`.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message"
        FILE = "file"
        NOTE = "note"

    dispute = models.ForeignKey("ledger.Dispute", models.PROTECT, related_name="evidence_items")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    key = models.CharField(max_length=100, help_text="What it is, e.g. message:9; the same thing is added once")
    content = models.TextField(help_text="Canonical JSON")
    file = models.BinaryField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "number"], name="one_evidence_item_per_number"),
            models.UniqueConstraint(fields=["dispute", "key"], name="one_evidence_item_per_thing"),
            models.CheckConstraint(
                condition=Q(kind__in=["message", "file", "note"]), name="evidence_item_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="file", file__isnull=False) | (~Q(kind="file") & Q(file=None)),
                name="evidence_item_of_a_file_has_the_file",
            ),
        ]

    def __str__(self) -> str:
        return f"evidence {self.number} of dispute {self.dispute_id}"
