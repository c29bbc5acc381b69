"""ReplyTemplate: standard explanations agents start from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ReplyTemplate(models.Model):
    """A standard explanation; placeholders in double braces are filled from the live account."""

    name = models.CharField(max_length=80, unique=True)
    shortcut = models.SlugField(max_length=30, unique=True)
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language = models.CharField(max_length=5, default="en")
    body = models.TextField()

    def __str__(self) -> str:
        return self.name
