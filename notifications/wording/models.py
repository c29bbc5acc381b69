"""MessageTemplate: the words customers read, versioned, edited by supervisors."""

from django.db import models
from django.db.models import Q


class BoundaryText(models.Model):
    """What stands beside texts that come near advice, in one language: what they are not, and whom to ask instead."""

    language = models.CharField(max_length=5, unique=True, help_text="e.g. en, de")
    disclaimer = models.CharField(max_length=500, help_text="What the text is not")
    referral = models.TextField(help_text="Whom to ask instead; what agents are offered in place of advice")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(disclaimer="") & ~Q(referral=""), name="boundary_text_says_both"),
        ]

    def __str__(self) -> str:
        return f"boundary of advice ({self.language})"


class MessageTemplate(models.Model):
    """One message in one language; the newest version in use wins over the wording we ship in defaults/."""

    key = models.CharField(max_length=60, help_text="e.g. refund_paid")
    language = models.CharField(max_length=5, help_text="e.g. en, de")
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField(help_text="Placeholders in double braces, e.g. {{amount}}")
    is_in_use = models.BooleanField(default=True)
    written_by = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "language", "version"], name="one_wording_per_version"),
            models.UniqueConstraint(fields=["key", "language"], condition=Q(is_in_use=True), name="one_wording_in_use"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}) version {self.version}"
