"""DeliveryChoice: bills by e-mail or on paper; Letter and PrintBatch: each bill that is printed, exactly once."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.customers.choice_models import Choice, laws_of_a_choice
from ledger.states import StateField


class DeliveryChoice(Choice):
    """How a customer wants bills: by e-mail, as everybody gets them, or printed and posted.

    in_force ──replace──▶ replaced ──come_back──▶ in_force        in_force ──take_back──▶ taken_back
    """

    class Way(models.TextChoices):
        EMAIL = "email", "by e-mail"
        PAPER = "paper", "on paper"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="delivery_choices")
    way = models.CharField(max_length=5, choices=Way.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=["email", "paper"]), name="delivery_way_is_known"),
            *laws_of_a_choice("delivery_choice"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state="in_force"), name="one_delivery_choice_per_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"bills {self.get_way_display()}"


class PrintBatch(models.Model):
    """The letters of one day, handed out as one file.

    taken ──print_out──▶ printed
    """

    class State(models.TextChoices):
        TAKEN = "taken"
        PRINTED = "printed"

    day = models.DateField(unique=True, help_text="One file a day")
    state = StateField(max_length=7, choices=State.choices, default=State.TAKEN, protected=True)
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    printed_by = models.CharField(max_length=80, blank=True, default="")
    printed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "print batches"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["taken", "printed"]), name="print_batch_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="taken", printed_at=None) | Q(state="printed", printed_at__isnull=False),
                name="print_batch_printed_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"letters of {self.day}"

    @transition(state, source=State.TAKEN, target=State.PRINTED)
    def print_out(self, *, by: str, at: datetime) -> None:
        """Set who says that it is printed and posted."""
        self.printed_by, self.printed_at = by, at


class Letter(models.Model):
    """One bill that goes by post; a bill has one letter at most, and a letter stands in one file at most.

    waiting ──take──▶ taken ──post──▶ posted        waiting ──call_off──▶ called_off
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN = "taken"
        POSTED = "posted"
        CALLED_OFF = "called_off", "called off"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="letters")
    invoice = models.OneToOneField("ledger.Invoice", models.PROTECT, related_name="letter")
    document = models.OneToOneField("ledger.Document", models.PROTECT, null=True, related_name="letter")
    batch = models.ForeignKey(PrintBatch, models.PROTECT, null=True, related_name="letters")
    state = StateField(max_length=10, choices=State.choices, default=State.WAITING, protected=True)
    queued_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="When it was posted, or called off")
    why = models.CharField(max_length=200, blank=True, default="", help_text="Why it was called off, or waits")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "taken", "posted", "called_off"]), name="letter_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "called_off"], batch=None)
                | Q(state__in=["taken", "posted"], batch__isnull=False, document__isnull=False),
                name="letter_is_printed_from_one_file",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "taken"], closed_at=None)
                | Q(state__in=["posted", "called_off"], closed_at__isnull=False),
                name="letter_closed_at_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="letter_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"letter with invoice {self.invoice_id}"

    @transition(state, source=State.WAITING, target=State.TAKEN)
    def take(self, *, batch_id: int) -> None:
        """Set the file it stands in."""
        self.batch_id = batch_id

    @transition(state, source=State.TAKEN, target=State.POSTED)
    def post(self, *, at: datetime) -> None:
        """Set when its file was printed and posted."""
        self.closed_at = at

    @transition(state, source=State.WAITING, target=State.CALLED_OFF)
    def call_off(self, *, why: str, at: datetime) -> None:
        """Set why it is not printed."""
        self.why, self.closed_at = why, at
