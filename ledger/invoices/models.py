"""Invoice, its lines, credit notes, and the series their numbers come from."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class NumberSeries(models.Model):
    """The last number given in a series and year; gapless, because it is locked by who takes the next."""

    prefix = models.CharField(max_length=8)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_number_series_per_prefix_and_year")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"


class Invoice(models.Model):
    """A bill: charges with their tax, due on a day.

        draft ──issue──▶ open        draft ──discard──▶ void
        open ──settle──▶ paid ──reopen──▶ open        open ──void──▶ void
        open ──give_up──▶ uncollectible ──recover──▶ open        uncollectible ──settle──▶ paid

    What is still owed is total - paid - credited - written off; of that, `disputed_minor` is on hold and asked for
    from nobody. A draft has no number yet and stands in no account. Money for an uncollectible bill is still taken:
    what comes in is no longer written off.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAID = "paid"
        VOID = "void"
        UNCOLLECTIBLE = "uncollectible"

    number = models.CharField(max_length=40, unique=True, help_text="Gapless once issued; a draft has DRAFT-…")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="invoices")
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=60, blank=True, default="", help_text="What is billed, e.g. subscription:9")
    period_start = models.DateField(null=True, help_text="Of the period a billing run billed")
    period_end = models.DateField(null=True)
    state = StateField(max_length=13, choices=State.choices, default=State.OPEN, protected=True)
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_at = models.DateTimeField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0, help_text="Taken off by credit notes while unpaid")
    disputed_minor = models.BigIntegerField(default=0, help_text="Unpaid and on hold because of open disputes")
    written_off_minor = models.BigIntegerField(default=0, help_text="Given up as not collectable")
    settled_at = models.DateTimeField(null=True)
    closing_note = models.CharField(max_length=300, blank=True, default="", help_text="Why it is void or given up")
    tax_evidence = models.JSONField(default=dict, blank=True, help_text="Why this tax: rules, wording, VAT id check")
    book_rate = models.DecimalField(
        max_digits=24, decimal_places=12, null=True, help_text="Book currency for one unit of its own, when issued"
    )
    book_rate_source = models.CharField(max_length=100, blank=True, default="")
    book_rate_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open", "paid", "void", "uncollectible"]),
                name="invoice_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["source", "period_start"],
                condition=~Q(source="") & Q(period_start__isnull=False) & ~Q(state="void"),
                name="one_invoice_per_source_and_period",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor")), name="invoice_total_is_net_and_tax"
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, credited_minor__gte=0, disputed_minor__gte=0, written_off_minor__gte=0),
                name="invoice_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_minor__gte=F("paid_minor")
                    + F("credited_minor")
                    + F("disputed_minor")
                    + F("written_off_minor")
                ),
                name="invoice_never_settled_twice",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(total_minor=F("paid_minor") + F("credited_minor")),
                name="invoice_paid_means_nothing_left",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["draft", "void"])
                | Q(paid_minor=0, credited_minor=0, disputed_minor=0, written_off_minor=0),
                name="invoice_nobody_owes_has_nothing_paid",
            ),
            models.CheckConstraint(
                condition=Q(state="uncollectible", written_off_minor__gt=0)
                | (~Q(state="uncollectible") & Q(written_off_minor=0)),
                name="invoice_written_off_means_uncollectible",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "void"]) | ~Q(number__startswith="DRAFT-"),
                name="invoice_asked_for_has_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-issued_on", "-id"], name="invoice_by_customer"),
            models.Index(fields=["due_on", "id"], name="invoice_still_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_imported(self) -> bool:
        """Whether another system issued it: its revenue and tax stand in that system's books."""
        return self.source.startswith("import:")

    @property
    def total(self) -> Money:
        """What was billed, tax included."""
        return Money(self.total_minor, self.currency)

    @property
    def open_amount(self) -> Money:
        """What is still owed, disputed parts included."""
        if self.state in (self.State.VOID, self.State.DRAFT):
            return Money(0, self.currency)
        gone = self.paid_minor + self.credited_minor + self.written_off_minor
        return Money(self.total_minor - gone, self.currency)

    @property
    def due_amount(self) -> Money:
        """What is asked for now: what is owed less what is on hold."""
        return self.open_amount - Money(self.disputed_minor, self.currency)

    @property
    def written_off(self) -> Money:
        """What was given up and has not come in since."""
        return Money(self.written_off_minor, self.currency)

    @transition(state, source=State.DRAFT, target=State.OPEN)
    def issue(self, *, number: str, at: datetime) -> None:
        """Set its number: from here on it is asked for."""
        self.number, self.issued_at = number, at

    @transition(state, source=State.DRAFT, target=State.VOID)
    def discard(self, *, why: str) -> None:
        """A draft that never became a bill."""
        self.closing_note = why

    @transition(state, source=[State.OPEN, State.UNCOLLECTIBLE], target=State.PAID)
    def settle(self, *, at: datetime) -> None:
        """Set when nothing was left to pay."""
        self.settled_at = at

    @transition(state, source=State.PAID, target=State.OPEN)
    def reopen(self) -> None:
        """Owed again, because money that had settled it went back."""
        self.settled_at = None

    @transition(state, source=State.OPEN, target=State.VOID)
    def void(self, *, why: str) -> None:
        """Withdrawn before anything was paid; the number stays."""
        self.closing_note = why

    @transition(state, source=State.OPEN, target=State.UNCOLLECTIBLE)
    def give_up(self, *, amount: Money, why: str) -> None:
        """Set what is no longer expected."""
        self.written_off_minor, self.closing_note = amount.minor, why

    @transition(state, source=State.UNCOLLECTIBLE, target=State.OPEN)
    def recover(self) -> None:
        """Expected again."""
        self.written_off_minor, self.closing_note = 0, ""


class InvoiceLine(models.Model):
    """One charge on one invoice, with its share of the tax."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    charge = models.OneToOneField("ledger.Charge", models.PROTECT, related_name="invoice_line")
    position = models.PositiveIntegerField()
    description = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    tax_treatment = models.CharField(
        max_length=20,
        blank=True,
        default="",
        help_text="Why this rate, e.g. reverse_charge; empty: it was given",
    )
    tax_minor = models.BigIntegerField()
    disputed_minor = models.BigIntegerField(default=0, help_text="Part of an open dispute, tax included")
    credited_minor = models.BigIntegerField(default=0, help_text="Credited by credit notes, tax included")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_positions_differ"),
            models.CheckConstraint(
                condition=Q(disputed_minor__gte=0, credited_minor__gte=0)
                & Q(net_minor__gte=F("disputed_minor") + F("credited_minor") - F("tax_minor")),
                name="invoice_line_not_disputed_beyond_its_total",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def total(self) -> Money:
        """The line with its tax."""
        return Money(self.net_minor + self.tax_minor, self.currency)


class CreditNote(models.Model):
    """A correction of an invoice: it takes net and tax back from one or more lines, and says why.

    `line` is the line it corrects when there is only one; its parts (`lines`) say what was taken from each.
    """

    number = models.CharField(max_length=20, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    line = models.ForeignKey(InvoiceLine, models.PROTECT, null=True, related_name="credit_notes")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="credit_notes")
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=60, blank=True, default="")
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0) & Q(net_minor__gt=-F("tax_minor")),
                name="credit_note_above_zero",
            ),
            models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="one_credit_note_per_source"),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="credit_note_by_customer")]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return Money(self.net_minor + self.tax_minor, self.currency)


class CreditNoteLine(models.Model):
    """What a credit note takes back from one line; with a right rate it is tax alone, and the rest bears that rate."""

    note = models.ForeignKey(CreditNote, models.PROTECT, related_name="lines")
    line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="credited_by")
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    right_tax_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True, help_text="Of wrong tax, per cent")
    right_tax_treatment = models.CharField(max_length=20, blank=True, default="", help_text="e.g. reverse_charge")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "line"], name="credit_note_names_each_line_once"),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0) & Q(net_minor__gt=-F("tax_minor")),
                name="credit_note_line_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(right_tax_rate=None, right_tax_treatment="")
                | Q(right_tax_rate__gte=0, right_tax_rate__lt=100, net_minor=0),
                name="credit_note_line_with_right_rate_takes_tax_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total} of line {self.line_id}"

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return Money(self.net_minor + self.tax_minor, self.currency)
