"""The tables of the books. Nothing is written through these classes: the posting functions in PostgreSQL write.

The laws that Django can say stand here; the others (append-only, sealed, balanced, periods, floors, grants) are SQL
in `ledger/migrations/sql/books_*.sql` and hold for everybody who reaches the database.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class Account(models.Model):
    """One account in one currency, of the company (no owner) or of one customer ("customer:17")."""

    class NormalSide(models.TextChoices):
        """The side on which an account grows."""

        DEBIT = "debit"
        CREDIT = "credit"

    code = models.TextField()
    owner = models.TextField(default="", blank=True)
    currency = models.CharField(max_length=3)
    normal_side = models.CharField(max_length=6, choices=NormalSide.choices)
    buffered = models.BooleanField()
    floor_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "owner", "currency"], name="account_exists_once"),
            models.UniqueConstraint(fields=["id", "currency"], name="account_has_one_currency"),
            models.CheckConstraint(
                condition=Q(normal_side__in=["debit", "credit"]), name="account_grows_on_debit_or_credit"
            ),
            models.CheckConstraint(
                condition=Q(buffered=False) | Q(floor_minor__isnull=True), name="account_with_floor_is_not_buffered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.owner} {self.currency}".replace("  ", " ")


class JournalEntry(models.Model):
    """One balanced fact of the books; never changed, corrected only by one opposite entry.

    PostgreSQL keeps two more columns beside these: `xid`, the transaction that wrote the entry, and `recorded_at`,
    the server's own clock. They prove that no posting was added later. `posted_at` is the moment the caller gives.
    """

    key = models.TextField(unique=True)
    content_hash = models.BinaryField()
    kind = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    # The reference is an immediate foreign key in SQL: Django's own is deferred and costs an event per row.
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversed_by", db_index=False, db_constraint=False
    )
    posting_count = models.IntegerField()
    source = models.TextField()
    actor = models.TextField()
    reason = models.TextField(default="", blank=True)

    class Meta:
        verbose_name_plural = "journal entries"
        indexes = [models.Index(fields=["source"], name="journal_entry_by_source")]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="journal_entry_reversed_at_most_once"
            ),
            models.CheckConstraint(condition=Q(posting_count__gte=2), name="journal_entry_has_two_postings_or_more"),
            models.CheckConstraint(condition=~Q(key=""), name="journal_entry_has_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.source}"


class Posting(models.Model):
    """One line of an entry: above zero a debit, below zero a credit, in minor units."""

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "effective_on", "entry"], include=["amount_minor"], name="posting_by_account_and_day"
            ),
            BrinIndex(fields=["effective_on"], name="posting_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="posting_names_each_account_once"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_amount_is_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount_minor} {self.currency}"


class Balance(models.Model):
    """The sum of an account's postings, without the deltas that are not folded in yet."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+")
    amount_minor = models.BigIntegerField()
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor}"


class BalanceDelta(models.Model):
    """What one act added to a buffered account; folded into its balance by `fold_balances`."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False)
    amount_minor = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor}"


class DayClose(models.Model):
    """The sum of an account's postings up to and including one day; a later posting into that past removes it."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    closing_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day"], include=["closing_minor"], name="day_close_once_per_account_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}: {self.closing_minor}"


class Period(models.Model):
    """A span of days; once closed, no entry can take effect in it, and it never opens again."""

    span = DateRangeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(name="periods_never_overlap", expressions=[("span", RangeOperators.OVERLAPS)]),
            models.CheckConstraint(
                condition=Q(span__isempty=False) & Q(span__lower_inf=False) & Q(span__upper_inf=False),
                name="period_has_a_first_and_a_last_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="period_is_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.span)


class Seal(models.Model):
    """A block of settled entries and the hash over them, chained to the block before."""

    from_id = models.BigIntegerField(unique=True)
    to_id = models.BigIntegerField(unique=True)
    prev_hash = models.BinaryField(unique=True)
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(to_id__gte=F("from_id")), name="seal_covers_entries")]

    def __str__(self) -> str:
        return f"{self.from_id} to {self.to_id}"
