"""Product (plan, add-on, one-off item) and the versions of its price."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.catalogue.tariff import Tariff, tariff_of
from ledger.money import Money


class Product(models.Model):
    """What can be sold. Supervisors edit it; what was sold is retired, never deleted.

    A plan is what a subscription is for; an add-on is taken beside a plan, in the plan's interval; a one-off item is
    charged once. With a meter, the quantity comes from reported usage and is billed after the period.
    """

    class Kind(models.TextChoices):
        PLAN = "plan"
        ADD_ON = "add_on", "add-on"
        ONE_OFF = "one_off", "one-off item"

    class Interval(models.TextChoices):
        WEEK = "week"
        MONTH = "month"
        QUARTER = "quarter"
        YEAR = "year"

    class ProrationBasis(models.TextChoices):
        DAY = "day", "by calendar day"
        SECOND = "second", "by second"
        THIRTY_DAY_MONTH = "thirty_day_month", "by months of 30 days"
        NONE = "none", "not at all"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.PLAN)
    interval = models.CharField(max_length=7, choices=Interval.choices, default=Interval.MONTH)
    unit = models.CharField(max_length=40, blank=True, default="", help_text="What one of it is called, e.g. seat")
    meter = models.SlugField(max_length=40, blank=True, default="", help_text="Usage that decides the quantity")
    tax_category = models.SlugField(max_length=40, default="standard", help_text="Which tax rules apply")
    is_on_sale = models.BooleanField(default=True)
    retired_reason = models.CharField(max_length=300, blank=True, default="", help_text="Said to who asks for it")
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", help_text="What to take instead"
    )
    proration_basis = models.CharField(max_length=16, choices=ProrationBasis.choices, default=ProrationBasis.DAY)
    is_last_day_billed = models.BooleanField(default=False, help_text="Bill the day on which a term ends or changes")
    trial_days = models.PositiveIntegerField(default=0)
    notice_days = models.PositiveIntegerField(default=0, help_text="Notice before the end of a period")
    longest_pause_days = models.PositiveIntegerField(default=92)
    usage_limit = models.DecimalField(
        max_digits=20, decimal_places=6, null=True, blank=True, help_text="How much a period of it allows; empty: any"
    )
    features = models.JSONField(default=list, blank=True, help_text="What it gives, one text each")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["plan", "add_on", "one_off"]), name="product_kind_is_known"),
            models.CheckConstraint(
                condition=Q(interval__in=["week", "month", "quarter", "year"]), name="product_interval_is_known"
            ),
            models.CheckConstraint(
                condition=Q(proration_basis__in=["day", "second", "thirty_day_month", "none"]),
                name="product_proration_is_known",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | ~Q(replaced_by=F("id")), name="product_not_replaced_by_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class _OfKind(models.Manager[Any]):
    """Products of one kind, read and made."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet[Any]:
        """Only this kind."""
        return super().get_queryset().filter(kind=self.kind)

    def create(self, **fields: Any) -> Any:
        """Make one of this kind."""
        return super().create(**{**fields, "kind": self.kind})


class Plan(Product):
    """What a subscription is for."""

    objects: ClassVar[_OfKind] = _OfKind(Product.Kind.PLAN)

    class Meta:
        proxy = True


class AddOn(Product):
    """What is taken beside a plan, in the plan's interval."""

    objects: ClassVar[_OfKind] = _OfKind(Product.Kind.ADD_ON)

    class Meta:
        proxy = True
        verbose_name = "add-on"


class OneOffItem(Product):
    """What is charged once."""

    objects: ClassVar[_OfKind] = _OfKind(Product.Kind.ONE_OFF)

    class Meta:
        proxy = True
        verbose_name = "one-off item"


class Price(models.Model):
    """One version of a product's price in one currency, from a day on; it is never changed, the next one follows it.

    `amount_minor` is the price of a flat version, whatever the quantity; `unit_minor` the price of one unit, which may
    have fractions of a minor unit; tiers hold both per step. Running subscriptions get a new version from
    `existing_from` on (empty: from its first day), unless it is for new ones only: then they keep theirs for good.
    """

    class Model(models.TextChoices):
        FLAT = "flat"
        PER_UNIT = "per_unit", "per unit"
        GRADUATED = "graduated", "graduated tiers"
        VOLUME = "volume", "volume tiers"

    product = models.ForeignKey(Product, models.PROTECT, related_name="prices")
    currency = models.CharField(max_length=3)
    model = models.CharField(max_length=9, choices=Model.choices, default=Model.FLAT)
    amount_minor = models.BigIntegerField(default=0, help_text="Of a flat price, in minor units")
    unit_minor = models.DecimalField(
        max_digits=20, decimal_places=8, default=0, help_text="Of one unit, in minor units; 1.23 is 0.0123 EUR"
    )
    tiers = models.JSONField(
        default=list,
        blank=True,
        help_text='Steps in order: {"up_to": "1000", "unit_minor": "1.23", "flat_minor": 0}; the last up_to is null',
    )
    includes_tax = models.BooleanField(default=False)
    tax_rate = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, help_text="Per cent; empty: the tax rules decide"
    )
    valid_from = models.DateField()
    is_for_new_only = models.BooleanField(default=False, help_text="Running subscriptions keep their price for good")
    existing_from = models.DateField(null=True, blank=True, help_text="From when running subscriptions get it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "currency", "valid_from"], name="one_price_per_product_currency_and_day"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0, unit_minor__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(model__in=["flat", "per_unit", "graduated", "volume"]), name="price_model_is_known"
            ),
            models.CheckConstraint(
                condition=Q(existing_from=None) | Q(existing_from__gte=F("valid_from")),
                name="price_reaches_running_ones_after_its_first_day",
            ),
            models.CheckConstraint(
                condition=Q(model__in=["flat", "per_unit"], tiers=[])
                | (Q(model__in=["graduated", "volume"]) & ~Q(tiers=[])),
                name="price_has_steps_exactly_when_tiered",
            ),
            models.CheckConstraint(
                condition=Q(tax_rate=None) | Q(tax_rate__gte=0, tax_rate__lt=100), name="price_tax_rate_is_per_cent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.currency} from {self.valid_from}"

    @property
    def amount(self) -> Money:
        """The price of a flat version for one interval."""
        return Money(self.amount_minor, self.currency)

    @cached_property
    def tariff(self) -> Tariff:
        """How the price is computed from a quantity."""
        return tariff_of(
            model=self.model,
            currency=self.currency,
            amount_minor=self.amount_minor,
            unit_minor=self.unit_minor,
            tiers=self.tiers,
        )
