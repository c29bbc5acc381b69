"""ImportRun, what it could not import, and what stands for which row of another system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.states import StateField


class ImportRun(models.Model):
    """One reading of one file: tried (nothing stays but the report), or for good.

        waiting ──take──▶ running ──finish──▶ finished        running ──refuse──▶ refused

    Refused is a file that cannot be read as a whole; rows that cannot be imported are problems of a finished run.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        REFUSED = "refused"

    class Kind(models.TextChoices):
        CUSTOMERS = "customers"
        PRODUCTS = "products"
        PRICES = "prices", "plans and prices"
        SUBSCRIPTIONS = "subscriptions"
        INVOICES = "invoices", "open invoices"

    class Form(models.TextChoices):
        CSV = "csv", "CSV with our columns"
        STRIPE = "stripe", "Stripe: objects of the API (JSON)"
        STRIPE_CSV = "stripe_csv", "Stripe: CSV export of the Dashboard"

    kind = models.CharField(max_length=13, choices=Kind.choices)
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.CSV)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="Of the file as it came")
    size = models.BigIntegerField(help_text="Bytes")
    is_dry_run = models.BooleanField(default=False)
    is_all_or_nothing = models.BooleanField(default=False)
    default_country = models.CharField(max_length=2, blank=True, default="", help_text="Where a row names none")
    default_currency = models.CharField(max_length=3, blank=True, default="", help_text="Where a row names none")
    state = StateField(max_length=8, choices=State.choices, default=State.WAITING, protected=True)
    rows = models.PositiveIntegerField(default=0, help_text="Rows of the file; of bills, bills")
    done = models.PositiveIntegerField(default=0, help_text="Rows looked at so far")
    imported = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Imported before, with the same content")
    changed = models.PositiveIntegerField(default=0, help_text="Imported before, with other content; left as they were")
    refused = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="Nothing to import, such as a bill that is paid")
    totals = models.JSONField(default=list, blank=True, help_text="Control totals per currency: file and books")
    note = models.CharField(max_length=500, blank=True, default="")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True, help_text="When a worker was last seen at it")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "finished", "refused"]), name="import_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["customers", "products", "prices", "subscriptions", "invoices"]),
                name="import_run_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(form__in=["csv", "stripe", "stripe_csv"]), name="import_form_is_known"),
            models.CheckConstraint(
                condition=~Q(state="finished")
                | Q(rows=F("imported") + F("known") + F("changed") + F("refused") + F("left_out")),
                name="import_accounts_for_every_row",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(note=""), name="import_refused_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["id"], name="import_run_to_do", condition=Q(state__in=["waiting", "running"])),
            models.Index(fields=["sha256"], name="import_run_by_file"),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"

    @property
    def progress(self) -> int:
        """How much of the file was looked at, in per cent."""
        return 100 * self.done // self.rows if self.rows else 0

    @property
    def problems_found(self) -> int:
        """How many rows somebody has to look at."""
        return self.refused + self.changed

    @transition(state, source=State.WAITING, target=State.RUNNING)
    def take(self, *, at: datetime) -> None:
        """Set that a worker is at it."""
        self.beat_at = at

    @transition(state, source=State.RUNNING, target=State.FINISHED)
    def finish(self, *, at: datetime, note: str = "") -> None:
        """Set when the last row was looked at."""
        self.finished_at, self.note = at, note[:500]

    @transition(state, source=State.RUNNING, target=State.REFUSED)
    def refuse(self, *, at: datetime, why: str) -> None:
        """Set why the file cannot be read."""
        self.finished_at, self.note = at, why[:500]


class ImportProblem(models.Model):
    """One row that was not imported, or says something else than when it was, with all that is wrong in words."""

    class Kind(models.TextChoices):
        REFUSED = "refused"
        CHANGED = "changed"

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="problems")
    line = models.PositiveIntegerField(help_text="Of the file; in JSON, the number of the entry")
    external_id = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    message = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["refused", "changed"]), name="import_problem_kind_is_known"),
            models.CheckConstraint(condition=~Q(message=""), name="import_problem_says_what"),
        ]
        indexes = [models.Index(fields=["run", "line", "id"], name="import_problem_by_line")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class ImportedRecord(models.Model):
    """What stands here for a row of another system, so that the same row is imported once; append-only."""

    kind = models.CharField(max_length=13, choices=ImportRun.Kind.choices)
    external_id = models.CharField(max_length=100)
    subject = models.CharField(max_length=60, help_text="What it became here, e.g. customer:17")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what the row said")
    line = models.PositiveIntegerField()
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="records")
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True, help_text="What later files need")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "external_id"], name="one_record_per_row_of_another_system"),
            models.CheckConstraint(condition=~Q(external_id=""), name="imported_record_has_an_id"),
        ]
        indexes = [models.Index(fields=["run", "line"], name="imported_record_by_run")]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.subject}"


class ImportFilePart(models.Model):
    """A piece of an uploaded file, kept until it is imported, at most a week."""

    sha256 = models.CharField(max_length=64)
    position = models.PositiveIntegerField()
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256", "position"], name="one_import_file_part_per_position")]

    def __str__(self) -> str:
        return f"part {self.position} of {self.sha256[:12]}"
