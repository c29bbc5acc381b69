"""Document: what a customer was handed, byte for byte."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Document(models.Model):
    """One PDF as it was issued: made once, kept for good, never changed.

    It keeps the telephone number it was printed with, whatever the line's number is today. A second language is a
    document of its own.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice"
        CREDIT_NOTE = "credit_note", "credit note"
        STATEMENT = "statement"
        REMINDER = "reminder"
        PLAN_AGREEMENT = "plan_agreement", "agreement"
        PRICE_NOTICE = "price_notice", "price notice"

    kind = models.CharField(max_length=14, choices=Kind.choices)
    subject = models.CharField(max_length=60, help_text="What it is made of, e.g. invoice:17")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="documents")
    language = models.CharField(max_length=12)
    number = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes")
    content = models.BinaryField()
    is_electronic = models.BooleanField(default=False, help_text="Holds the electronic invoice (EN 16931)")
    contact_number = models.CharField(max_length=20, help_text="The telephone number printed on it, E.164")
    template_version = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind", "language"], name="one_document_per_subject_kind_and_language"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["invoice", "credit_note", "statement", "reminder", "plan_agreement", "price_notice"]
                ),
                name="document_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="document_is_not_empty"),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="document_by_customer")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def file_name(self) -> str:
        """What the file is called when it leaves us: invoice-INV-2026-000042.pdf."""
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in self.number)
        return f"{self.kind.replace('_', '-')}-{plain.strip('-')}.pdf"
