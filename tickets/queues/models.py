"""Queue, who works it, when it was paused, and the rules that send tickets to it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Queue(models.Model):
    """Where tickets of one kind wait for one team."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    purpose = models.CharField(max_length=200, blank=True, default="")
    sla_policy = models.ForeignKey("tickets.SlaPolicy", models.PROTECT, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """The first rule, by order, whose conditions all hold decides the queue; an empty condition always holds."""

    position = models.PositiveIntegerField(unique=True)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="routing_rules")
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    only_business_customers = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField(default=2, help_text="1 urgent, 2 normal, 3 low")

    def __str__(self) -> str:
        return f"rule {self.position} to {self.queue}"


class Membership(models.Model):
    """A member of staff works a queue."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="memberships")
    user_id = models.BigIntegerField()
    excluded_topics = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="Topics they are not given by Next ticket"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "user_id"], name="one_membership_per_queue_and_user")]
        indexes = [models.Index(fields=["user_id"], name="membership_by_user")]

    def __str__(self) -> str:
        return f"user {self.user_id} in {self.queue}"


class QueuePause(models.Model):
    """A stop on handing out new work of a queue, from the moment it is set until the queue is resumed."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="pauses")
    why = models.CharField(max_length=300)
    paused_by = models.CharField(max_length=80)
    paused_at = models.DateTimeField()
    resumed_by = models.CharField(max_length=80, blank=True, default="")
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue"], condition=Q(resumed_at=None), name="one_live_pause_per_queue"),
            models.CheckConstraint(condition=~Q(why=""), name="queue_pause_says_why"),
            models.CheckConstraint(
                condition=Q(resumed_at=None, resumed_by="") | (Q(resumed_at__gte=F("paused_at")) & ~Q(resumed_by="")),
                name="queue_resumed_by_somebody_after_its_pause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} paused: {self.why}"
