"""Supervisors edit what is sold: plans, add-ons and one-off items, each with the versions of its price."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import StackedInline, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ledger.catalogue import operations
from ledger.catalogue.models import AddOn, OneOffItem, Plan, Price, Product
from ledger.catalogue.price_text import examples_in_words, price_in_words, read_steps, read_unit_price
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, ObjectAction, actor_of
from ledger.money import Money, UnknownCurrency

CONFIG = "billing_desk.config.edit"


def lines(texts: list[str]) -> SafeString:
    """Show texts one below the other."""
    return format_html_join("", "<div>{}</div>", ((text,) for text in texts))


class PriceInline(TabularInline):
    """The versions so far, with what some quantities cost. They are never changed."""

    model = Price
    verbose_name_plural = "price versions"
    fields = ("currency", "price", "valid_from", "reaches", "tax", "worked_example")
    readonly_fields = fields
    ordering = ("currency", "-valid_from")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """The next version is added below."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A version customers agreed to is a fact."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        """Read the product along, for the name of its unit."""
        found: QuerySet[Price] = super().get_queryset(request).select_related("product")
        return found

    @admin.display(description="Price")
    def price(self, price: Price) -> SafeString:
        """Show the amount, or each step."""
        return lines(price_in_words(price.tariff, price.product.unit))

    @admin.display(description="Running subscriptions")
    def reaches(self, price: Price) -> str:
        """Say from when who subscribed before gets it."""
        return "keep theirs" if price.is_for_new_only else f"from {price.existing_from or price.valid_from}"

    @admin.display(description="Tax")
    def tax(self, price: Price) -> str:
        """Say which tax applies, and whether it is inside the price."""
        rate = "by the tax rules" if price.tax_rate is None else f"{price.tax_rate.normalize():f} %"
        return f"{rate}, included" if price.includes_tax else rate

    @admin.display(description="Worked example")
    def worked_example(self, price: Price) -> SafeString:
        """Show what some quantities cost, those at the edges of steps among them."""
        return lines(examples_in_words(price.tariff)) or SafeString("–")


class NextPriceForm(forms.ModelForm):
    """The next version of a price, in the words of a price list."""

    amount = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget, help_text="Of a flat price, e.g. 25.00")
    unit_price = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget, help_text="Of one unit, e.g. 0.0123"
    )
    steps = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="Of graduated or volume tiers, one a line: up to 1000: 0; up to 10000: 0.0123; above: 0.0085. "
        "A fixed amount per step follows a plus: up to 1000: 0.01 + 5.00",
    )

    class Meta:
        model = Price
        fields = ("currency", "model", "valid_from", "existing_from", "is_for_new_only", "includes_tax", "tax_rate")

    def clean(self) -> dict[str, Any]:
        """Read the price and refuse what the operation would refuse, in its words."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.terms = self._read(cleaned)
            operations.check_price(self.instance.product if self.instance.product_id else None,
                                   terms=self.terms, at=timezone.now())  # fmt: skip
        except DomainError as refusal:
            self.add_error(_field_of(refusal, cleaned), str(refusal))
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> operations.PriceTerms:
        currency = cleaned["currency"].upper()
        amount, unit = cleaned["amount"].strip(), cleaned["unit_price"].strip()
        if cleaned["model"] == Price.Model.FLAT and not amount:
            raise operations.InvalidPrice("A flat price has an amount; 0.00 is one.")
        if cleaned["model"] == Price.Model.PER_UNIT and not unit:
            raise operations.InvalidPrice("A price per unit says what one unit costs.")
        return operations.PriceTerms(
            currency=currency,
            valid_from=cleaned["valid_from"],
            model=cleaned["model"],
            amount_minor=Money.parse(amount, currency).minor if amount else 0,
            unit_minor=read_unit_price(unit, currency) if unit else Decimal(0),
            tiers=read_steps(cleaned["steps"], currency),
            includes_tax=cleaned["includes_tax"],
            tax_rate=cleaned["tax_rate"],
            is_for_new_only=cleaned["is_for_new_only"],
            existing_from=cleaned["existing_from"],
        )

    def _post_clean(self) -> None:
        """Leave the model's own checks to the operation, which says them better."""


def _field_of(refusal: DomainError, cleaned: dict[str, Any]) -> str:
    """Return the field beside which a refusal is shown: an inline form shows nothing that belongs to no field."""
    if isinstance(refusal, UnknownCurrency):
        return "currency"
    if isinstance(refusal, operations.PriceDayTaken | operations.PriceInThePast):
        return "valid_from"
    if isinstance(refusal, operations.InvalidPrice) and cleaned["existing_from"]:
        return "existing_from"
    tiered = cleaned["model"] in (Price.Model.GRADUATED, Price.Model.VOLUME)
    return "steps" if tiered else "unit_price" if cleaned["model"] == Price.Model.PER_UNIT else "amount"


class NextPriceInline(StackedInline):
    """Where the next version is written."""

    model = Price
    form = NextPriceForm
    verbose_name = "next price version"
    verbose_name_plural = "next price version"
    fields = (
        ("currency", "model"), ("amount", "unit_price"), "steps", ("valid_from", "existing_from"), "is_for_new_only",
        ("includes_tax", "tax_rate"),
    )  # fmt: skip
    extra = 1
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        """Show none of those there are."""
        found: QuerySet[Price] = super().get_queryset(request).none()
        return found


def _why_not_retire(product: Product, _by: Actor) -> str | None:
    return None if product.is_on_sale else "It is off sale already."


def _why_not_offer(product: Product, _by: Actor) -> str | None:
    return "It is on sale." if product.is_on_sale else None


class ProductAdmin(ConfigurationAdmin):
    """What can be sold. A product that was sold is retired, never deleted."""

    list_display: Sequence[str] = ("name", "code", "interval", "meter", "is_on_sale")
    list_filter: Sequence[str] = ("interval", "is_on_sale")
    search_fields = ("code", "name")
    exclude: Sequence[str] = ("kind",)
    readonly_fields = ("is_on_sale", "retired_reason")
    inlines = (PriceInline, NextPriceInline)
    object_actions = (
        ObjectAction(
            "retire", "Take off sale", operations.retire_product, CONFIG, "Nobody new can get it.",
            asks="Why; customers who ask for it read this", why_not=_why_not_retire,
            explains="Running subscriptions keep it. Save what replaces it first, so that it is suggested.",
        ),
        ObjectAction(
            "offer", "Put back on sale", operations.offer_product_again, CONFIG, "It is on sale again.",
            why_not=_why_not_offer,
        ),
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Take it off sale instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Code, interval and meter are what it was sold under."""
        return ("code", "interval", "meter", *self.readonly_fields) if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add by the operation; change as any configuration."""
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.kind = obj._meta.default_manager.kind
        operations.add_product(obj, by=actor_of(request), at=timezone.now())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Add price versions by the operation."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for one in formset.extra_forms:
            if not one.has_changed():
                continue
            try:
                operations.add_price(form.instance.pk, terms=one.terms, by=actor_of(request), at=timezone.now())
            except DomainError as refusal:
                messages.error(request, str(refusal))


@admin.register(Plan)
class PlanAdmin(ProductAdmin):
    """What a subscription is for."""


@admin.register(AddOn)
class AddOnAdmin(ProductAdmin):
    """What is taken beside a plan, in the plan's interval."""

    exclude = ("kind", "trial_days", "notice_days", "longest_pause_days")


@admin.register(OneOffItem)
class OneOffItemAdmin(ProductAdmin):
    """What is charged once."""

    list_display = ("name", "code", "is_on_sale")
    list_filter = ("is_on_sale",)
    exclude = (
        "kind", "interval", "meter", "usage_limit", "trial_days", "notice_days", "longest_pause_days",
        "proration_basis", "is_last_day_billed",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Its code is what it was sold under."""
        return ("code", *self.readonly_fields) if obj else self.readonly_fields
