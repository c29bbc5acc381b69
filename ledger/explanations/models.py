"""GivenExplanation: what a customer was told about their money, word for word, and what it rested on."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class GivenExplanation(models.Model):
    """One explanation as it was given to a customer.

    It is never changed: when an entry behind it is reversed, or the figures move otherwise, it is marked as superseded
    and the new text is a row of its own. At most one per subject and language stands.
    """

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="given_explanations")
    subject = models.CharField(max_length=60, help_text="What it explains, e.g. invoiceline:12")
    language = models.CharField(max_length=12)
    text = models.TextField()
    entry_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="Journal entries it rests on")
    line_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="Lines of bills it rests on")
    hash = models.CharField(max_length=64, help_text="SHA-256 of the text")
    facts_hash = models.CharField(max_length=64, help_text="SHA-256 of the text as generated from the facts then")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=80)
    superseded_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="given_explanation_says_something"),
            models.CheckConstraint(condition=Q(hash__regex="^[0-9a-f]{64}$"), name="given_explanation_is_hashed"),
            models.CheckConstraint(
                condition=Q(superseded_at=None, superseded_by=None) | Q(superseded_at__gte=F("given_at")),
                name="given_explanation_superseded_after_it_was_given",
            ),
            models.UniqueConstraint(
                fields=["subject", "language"],
                condition=Q(superseded_at=None),
                name="one_explanation_stands_per_subject_and_language",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="explanation_by_customer"),
            models.Index(fields=["subject", "-id"], name="explanation_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.language}"

    @property
    def stands(self) -> bool:
        """Whether nothing has superseded it."""
        return self.superseded_at is None

    def supersede(self, by: "GivenExplanation | None", *, at: datetime) -> None:
        """Set what took its place, and when."""
        self.superseded_at, self.superseded_by = at, by
