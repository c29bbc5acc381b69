"""Choice: the columns, moves and laws of what a customer chose and can take back for a while."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.states import StateField


class Choice(models.Model):
    """The columns and moves of a choice; `before` is what it took the place of, and what comes back with it."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", "in force"
        REPLACED = "replaced"
        TAKEN_BACK = "taken_back", "taken back"

    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    state = StateField(max_length=10, choices=State.choices, default=State.IN_FORCE, protected=True)
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was said, ticket:9")
    chosen_by = models.CharField(max_length=80)
    chosen_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @transition(state, source=State.IN_FORCE, target=State.REPLACED)
    def replace(self, *, by: str, at: datetime) -> None:
        """Set who chose something else."""
        self.ended_by, self.ended_at = by, at

    @transition(state, source=State.IN_FORCE, target=State.TAKEN_BACK)
    def take_back(self, *, by: str, at: datetime) -> None:
        """Set who took it back."""
        self.ended_by, self.ended_at = by, at

    @transition(state, source=State.REPLACED, target=State.IN_FORCE)
    def come_back(self) -> None:
        """What took its place was taken back."""
        self.ended_by, self.ended_at = "", None


def laws_of_a_choice(name: str) -> list[models.BaseConstraint]:
    """Return what the database keeps of a choice, under names that begin with `name`."""
    return [
        models.CheckConstraint(
            condition=Q(state__in=["in_force", "replaced", "taken_back"]), name=f"{name}_state_is_known"
        ),
        models.CheckConstraint(condition=Q(undo_until__gt=F("chosen_at")), name=f"{name}_can_be_undone"),
        models.CheckConstraint(
            condition=Q(state="in_force", ended_at=None) | ~Q(state="in_force") & Q(ended_at__isnull=False),
            name=f"{name}_ended_once_not_in_force",
        ),
    ]
