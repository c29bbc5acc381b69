"""ExchangeRate, Exchange and PositionStep: facts, added and never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ledger.fx.rates import Rate
from ledger.money import Money


class ExchangeRate(models.Model):
    """One unit of `base` was `rate` units of `quote` on a day, says the source. A corrected rate is a new row."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=28, decimal_places=12)
    on = models.DateField()
    source = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_above_zero"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="exchange_rate_between_two_currencies"),
            models.CheckConstraint(
                condition=Q(base__regex="^[A-Z]{3}$", quote__regex="^[A-Z]{3}$"),
                name="exchange_rate_currencies_are_iso",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="exchange_rate_has_a_source"),
        ]
        indexes = [models.Index(fields=["base", "quote", "-on", "-id"], name="exchange_rate_by_day")]

    def __str__(self) -> str:
        return str(self.quoted)

    @property
    def quoted(self) -> Rate:
        """The rate as the pure module reads it."""
        return Rate(self.rate, self.source, self.on, self.base, self.quote)


class Exchange(models.Model):
    """Money of one currency given for money of another: both amounts, and the rate as a note beside them."""

    reference = models.CharField(max_length=100, unique=True, help_text="The bank's; the same exchange is booked once")
    sold_minor = models.BigIntegerField(help_text="What was exchanged, without the fee")
    sold_currency = models.CharField(max_length=3)
    bought_minor = models.BigIntegerField()
    bought_currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField(default=0, help_text="Kept by the bank, in the currency that was sold")
    rate = models.DecimalField(max_digits=40, decimal_places=18)
    rate_source = models.CharField(max_length=100)
    rate_on = models.DateField()
    exchanged_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sold_minor__gt=0, bought_minor__gt=0), name="exchange_above_zero"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="exchange_fee_not_negative"),
            models.CheckConstraint(
                condition=~Q(sold_currency=F("bought_currency")), name="exchange_between_two_currencies"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_at_a_rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.sold} for {self.bought}"

    @property
    def sold(self) -> Money:
        """What was given away, without the fee."""
        return Money(self.sold_minor, self.sold_currency)

    @property
    def bought(self) -> Money:
        """What came in."""
        return Money(self.bought_minor, self.bought_currency)

    @property
    def fee(self) -> Money:
        """What the bank kept."""
        return Money(self.fee_minor, self.sold_currency)


class PositionStep(models.Model):
    """What one exchange did to what we hold of one foreign currency, at average cost in the book currency."""

    exchange = models.ForeignKey(Exchange, models.PROTECT, related_name="steps")
    currency = models.CharField(max_length=3)
    held_minor = models.BigIntegerField(help_text="Held after it; below zero: sold before it was bought")
    cost_minor = models.BigIntegerField(help_text="What that cost, in the book currency")
    gained_minor = models.BigIntegerField(help_text="Gained by it (below zero: lost), in the book currency")
    book_currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "currency"], name="one_position_step_per_exchange_and_currency"
            ),
        ]
        indexes = [models.Index(fields=["currency", "-id"], name="position_step_by_currency")]

    def __str__(self) -> str:
        return f"{Money(self.held_minor, self.currency)} at {Money(self.cost_minor, self.book_currency)}"
