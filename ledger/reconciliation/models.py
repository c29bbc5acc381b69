"""Settlement files, their lines, and the breaks between them and the books."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class SettlementFile(models.Model):
    """What a bank or a payment provider says moved, as one file; the same content is taken once."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV of a payment provider"
        CAMT053 = "camt053", "CAMT.053 of a bank"
        MT940 = "mt940", "MT940 of a bank"

    name = models.CharField(max_length=200)
    format = models.CharField(max_length=7, choices=Format.choices)
    account = models.CharField(max_length=60, help_text="The provider, or the bank account, it comes from")
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    lines_count = models.PositiveIntegerField()
    known_before = models.PositiveIntegerField(default=0, help_text="Lines that an earlier file had brought already")
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    totals = models.JSONField(default=dict, help_text="By currency: lines, money in, money out, fees, balances")
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(format__in=["csv", "camt053", "mt940"]), name="settlement_format_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.account}"


class SettlementLine(models.Model):
    """One movement in a settlement file, known by the sender's own reference; it is never changed but for its match."""

    class Kind(models.TextChoices):
        PAYMENT = "payment"
        REFUND = "refund"
        CHARGEBACK = "chargeback"
        FEE = "fee"
        PAYOUT = "payout"
        OTHER = "other"

    file = models.ForeignKey(SettlementFile, models.PROTECT, related_name="lines")
    account = models.CharField(max_length=60)
    line_ref = models.CharField(max_length=120, help_text="The sender's own reference of the line")
    position = models.PositiveIntegerField(help_text="Where it stands in the file, from 1")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reference = models.CharField(max_length=140, blank=True, default="", help_text="What it is about, as they name it")
    amount_minor = models.BigIntegerField(help_text="Above zero: money came in; fees are not taken off")
    fee_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    is_reversal = models.BooleanField(default=False, help_text="It takes an earlier line back")
    text = models.CharField(max_length=500, blank=True, default="")
    payment = models.ForeignKey("ledger.Payment", models.PROTECT, null=True, related_name="settlement_lines")
    refund = models.ForeignKey("ledger.Refund", models.PROTECT, null=True, related_name="settlement_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "line_ref"], name="one_settlement_line_per_reference"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="settlement_fee_not_negative"),
            models.CheckConstraint(condition=Q(payment=None) | Q(refund=None), name="settlement_line_has_one_match"),
        ]
        indexes = [models.Index(fields=["account", "reference"], name="settlement_line_by_reference")]

    def __str__(self) -> str:
        return f"{self.line_ref} of {self.account}"

    @property
    def amount(self) -> Money:
        """What moved, above zero when it came in."""
        return Money(self.amount_minor, self.currency)


class Break(models.Model):
    """A difference between what a settlement file or the gateway says and the books, worked until it is explained.

    open ──resolve──▶ resolved
    """

    class Kind(models.TextChoices):
        MISSING_IN_BOOKS = "missing_in_books"
        MISSING_IN_FILE = "missing_in_file"
        AMOUNT_DIFFERS = "amount_differs"
        CURRENCY_DIFFERS = "currency_differs"
        REVERSED = "reversed", "taken back by the sender"
        NOT_CLEAR = "not_clear", "the gateway contradicts itself"

    class State(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"

    class How(models.TextChoices):
        BOOKED = "booked", "booked since"
        TIMING = "timing", "came with a later file"
        SENDER_ERROR = "sender_error", "the sender was wrong and corrects it"
        NOT_OURS = "not_ours", "not our money"
        ACCEPTED = "accepted", "accepted as it is"

    file = models.ForeignKey(
        SettlementFile, models.PROTECT, null=True, related_name="breaks", help_text="None: the gateway reported it"
    )
    reference = models.CharField(
        max_length=140, blank=True, default="", db_default="", help_text="What the gateway calls it, without a file"
    )
    line = models.ForeignKey(SettlementLine, models.PROTECT, null=True, related_name="breaks")
    payment = models.ForeignKey("ledger.Payment", models.PROTECT, null=True, related_name="breaks")
    refund = models.ForeignKey("ledger.Refund", models.PROTECT, null=True, related_name="breaks")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    in_books_minor = models.BigIntegerField(null=True, help_text="What the books say")
    in_file_minor = models.BigIntegerField(null=True, help_text="What the file says")
    currency = models.CharField(max_length=3)
    state = StateField(max_length=8, choices=State.choices, default=State.OPEN, protected=True)
    found_at = models.DateTimeField()
    how = models.CharField(max_length=12, choices=How.choices, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    resolved_by = models.CharField(max_length=80, blank=True, default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "resolved"]), name="break_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(how="") & ~Q(resolved_by="")),
                name="break_resolved_says_how_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(line__isnull=False)
                | Q(payment__isnull=False)
                | Q(refund__isnull=False)
                | (Q(file=None) & ~Q(reference="")),
                name="break_is_about_something",
            ),
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(reference=""), name="break_without_a_file_has_a_reference"
            ),
            models.UniqueConstraint(
                F("reference"), F("kind"), condition=Q(file=None), name="one_break_per_report_of_the_gateway"
            ),
            models.UniqueConstraint(
                F("line"), F("kind"), condition=Q(line__isnull=False), name="one_break_per_line_and_kind"
            ),
            models.UniqueConstraint(
                F("payment"), condition=Q(kind="missing_in_file", state="open"), name="one_open_missing_per_payment"
            ),
            models.UniqueConstraint(
                F("refund"), condition=Q(kind="missing_in_file", state="open"), name="one_open_missing_per_refund"
            ),
        ]
        indexes = [models.Index(fields=["found_at", "id"], name="break_still_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.file_id or self.reference}"

    @transition(state, source=State.OPEN, target=State.RESOLVED)
    def resolve(self, *, how: str, note: str, by: str, at: datetime) -> None:
        """Set what it was, who says so and when."""
        self.how, self.note, self.resolved_by, self.resolved_at = how, note[:500], by, at
