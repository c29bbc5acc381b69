"""ReplyTemplate: standard explanations agents start from; BlockedPhrase: words they leave to advisers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ReplyTemplate(models.Model):
    """A standard explanation; placeholders in double braces are filled from the live account."""

    class Tag(models.TextChoices):
        INFORMATION = "information"
        ADVICE = "advice", "comes near advice"

    name = models.CharField(max_length=80, unique=True)
    shortcut = models.SlugField(max_length=30, unique=True)
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language = models.CharField(max_length=5, default="en")
    tag = models.CharField(
        max_length=11,
        choices=Tag.choices,
        default=Tag.INFORMATION,
        help_text="What comes near advice is sent with the disclaimer and the referral of its language",
    )
    body = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tag__in=["information", "advice"]), name="reply_template_tag_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class BlockedPhrase(models.Model):
    """Words an agent does not write to a customer, because only an adviser may; supervisors edit them."""

    language = models.CharField(max_length=5, help_text="e.g. en, de")
    words = models.CharField(max_length=120, help_text="The phrase; * stands for up to four words")
    why = models.CharField(max_length=200, help_text="What the agent is told, e.g. Only a lawyer may advise to sue.")
    is_in_use = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "words"], name="one_blocked_phrase_per_language"),
            models.CheckConstraint(condition=~Q(words="") & ~Q(why=""), name="blocked_phrase_says_both"),
        ]

    def __str__(self) -> str:
        return self.words
