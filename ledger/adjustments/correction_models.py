"""CorrectionBatch and the lines it corrects."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.invoices.tax import RightTax
from ledger.money import Money
from ledger.states import StateField


class CorrectionBatch(models.Model):
    """One finding about our own mistake, and the correction of everybody it hit.

    drafted ──request──▶ requested ──approve──▶ running ──finish──▶ done
    done ──take_back──▶ reversing ──finish_reversal──▶ reversed
    requested ──decline──▶ declined        drafted, requested ──cancel──▶ cancelled
    """

    class State(models.TextChoices):
        DRAFTED = "drafted"
        REQUESTED = "requested"
        RUNNING = "running"
        DONE = "done"
        REVERSING = "reversing"
        REVERSED = "reversed"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    number = models.CharField(max_length=20, unique=True)
    finding = models.CharField(max_length=60, help_text="What was found, e.g. price:7")
    terms = models.JSONField(default=dict, help_text="What the query was asked with")
    currency = models.CharField(max_length=3)
    root_cause = models.CharField(max_length=500, help_text="What went wrong, for ourselves")
    problem = models.CharField(
        max_length=60, blank=True, default="", help_text="The known problem behind it, as a link"
    )
    words = models.JSONField(default=dict, help_text="What customers read, by language: what, why and how it is fixed")
    state = StateField(max_length=9, choices=State.choices, default=State.DRAFTED, protected=True)
    found = models.PositiveIntegerField(default=0, help_text="Customers to be corrected when it was approved")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name_plural = "correction batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "drafted",
                        "requested",
                        "running",
                        "done",
                        "reversing",
                        "reversed",
                        "declined",
                        "cancelled",
                    ]
                ),
                name="correction_batch_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="correction_batch_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "done", "reversing", "reversed"]) | ~Q(approved_by=""),
                name="correction_batch_runs_only_when_approved",
            ),
            models.CheckConstraint(condition=~Q(root_cause=""), name="correction_batch_names_its_cause"),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(state, source=State.DRAFTED, target=State.REQUESTED)
    def request(self, *, at: datetime) -> None:
        """Set when it was put before somebody else."""
        self.requested_at = at

    @transition(state, source=State.REQUESTED, target=State.RUNNING)
    def approve(self, *, by: str, at: datetime, found: int) -> None:
        """Set who said yes, and to how many."""
        self.approved_by, self.approved_at, self.found = by, at, found

    @transition(state, source=State.RUNNING, target=State.DONE)
    def finish(self) -> None:
        """Every line is corrected or listed as passed over."""

    @transition(state, source=State.DONE, target=State.REVERSING)
    def take_back(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who takes the corrections back and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.REVERSING, target=State.REVERSED)
    def finish_reversal(self) -> None:
        """Every correction is charged again."""

    @transition(state, source=State.REQUESTED, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=[State.DRAFTED, State.REQUESTED], target=State.CANCELLED)
    def cancel(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who dropped it and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason


class CorrectionItem(models.Model):
    """One line of one bill that a batch corrects. A finding corrects a line once, in whatever batch.

    pending ──correct──▶ corrected ──take_back──▶ reversed        pending ──skip──▶ skipped
    """

    class State(models.TextChoices):
        PENDING = "pending"
        CORRECTED = "corrected"
        REVERSED = "reversed"
        SKIPPED = "skipped"

    class Skipped(models.TextChoices):
        CLOSED = "closed", "the account is closed: pay it back by refund"
        CREDITED = "credited", "credited before: a person looks at it"
        DISPUTED = "disputed", "in dispute: decide that first"
        NOT_ASKED = "not_asked", "the bill is not asked for any more"
        DROPPED = "dropped", "the batch was dropped"
        INCLUSIVE = "inclusive", "the price was agreed with its tax: correct the tax return, the customer paid it right"

    batch = models.ForeignKey(CorrectionBatch, models.PROTECT, related_name="items")
    finding = models.CharField(max_length=60)
    line = models.ForeignKey("ledger.InvoiceLine", models.PROTECT, related_name="corrections")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="corrections")
    amount_minor = models.BigIntegerField(help_text="Charged too much, tax included")
    currency = models.CharField(max_length=3)
    right_tax_rate = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, help_text="Per cent; set where only the tax was wrong"
    )
    right_tax_treatment = models.CharField(max_length=20, blank=True, default="")
    state = StateField(max_length=9, choices=State.choices, default=State.PENDING, protected=True)
    skipped_because = models.CharField(max_length=9, choices=Skipped.choices, blank=True, default="")
    credit_note = models.ForeignKey("ledger.CreditNote", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "corrected", "reversed", "skipped"]),
                name="correction_item_state_is_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="correction_item_above_zero"),
            models.UniqueConstraint(
                fields=["finding", "line"],
                condition=Q(state__in=["pending", "corrected"]),
                name="one_correction_per_finding_and_line",
            ),
            models.CheckConstraint(
                condition=Q(state="skipped") ^ Q(skipped_because=""), name="correction_item_says_why_it_is_skipped"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["corrected", "reversed"]) | Q(credit_note__isnull=False),
                name="correction_item_corrected_by_a_note",
            ),
        ]
        indexes = [models.Index(fields=["batch", "id"], name="correction_item_pending", condition=Q(state="pending"))]

    def __str__(self) -> str:
        return f"{self.amount} of line {self.line_id}"

    @property
    def amount(self) -> Money:
        """What was charged too much, tax included."""
        return Money(self.amount_minor, self.currency)

    @property
    def right_tax(self) -> RightTax | None:
        """The rate the line should have been taxed at, where only its tax was wrong."""
        return None if self.right_tax_rate is None else RightTax(self.right_tax_rate, self.right_tax_treatment)

    @transition(state, source=State.PENDING, target=State.CORRECTED)
    def correct(self, *, note_id: int, at: datetime) -> None:
        """Set the credit note that corrected it."""
        self.credit_note_id, self.done_at = note_id, at

    @transition(state, source=State.CORRECTED, target=State.REVERSED)
    def take_back(self, *, at: datetime) -> None:
        """Set when it was charged again."""
        self.done_at = at

    @transition(state, source=State.PENDING, target=State.SKIPPED)
    def skip(self, *, because: str, at: datetime) -> None:
        """Set why nothing was done."""
        self.skipped_because, self.done_at = because, at
