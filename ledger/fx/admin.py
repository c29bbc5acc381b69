"""Finance and supervisors add rates and book exchanges; what was added is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.admin import FactAdmin, actor_of
from ledger.fx import operations
from ledger.fx.models import Exchange, ExchangeRate, PositionStep
from ledger.fx.rates import Rate
from ledger.money import Money

KEEP = "billing_desk.tax.keep"


class RateForm(forms.ModelForm):
    """One rate, with its source and day."""

    class Meta:
        model = ExchangeRate
        fields = ("base", "quote", "rate", "on", "source")

    def clean_base(self) -> str:
        """Currencies are written in capitals."""
        return str(self.cleaned_data["base"]).upper()

    def clean_quote(self) -> str:
        """Currencies are written in capitals."""
        return str(self.cleaned_data["quote"]).upper()

    def rate(self) -> Rate:
        """Return what was written, as the operation takes it."""
        asked = self.cleaned_data
        return Rate(asked["rate"], asked["source"], asked["on"], asked["base"], asked["quote"])

    def clean(self) -> dict[str, Any]:
        """Refuse a rate that cannot be, in the words of the pure module."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if not self.errors:
            try:
                self.rate()
            except DomainError as refusal:
                raise ValidationError(str(refusal)) from refusal
        return cleaned


class ExchangeForm(forms.ModelForm):
    """One exchange as the bank reports it; amounts are written as decimals."""

    sold = forms.CharField(max_length=30, help_text="Without the fee, e.g. 118.50")
    bought = forms.CharField(max_length=30, help_text="e.g. 100.00")
    fee = forms.CharField(max_length=30, required=False, help_text="Kept by the bank, in the currency that was given")
    quoted = forms.DecimalField(
        required=False, max_digits=40, decimal_places=18, label="Rate", help_text="Empty: what the amounts imply"
    )
    quoted_by = forms.CharField(required=False, max_length=100, label="Source of the rate", initial="the bank")

    class Meta:
        model = Exchange
        fields = ("reference", "sold_currency", "bought_currency", "exchanged_on")

    def asked(self) -> dict[str, Any]:
        """Return what was written, as the operation takes it."""
        given = self.cleaned_data
        sold_in, bought_in = given["sold_currency"].upper(), given["bought_currency"].upper()
        quoted: Decimal | None = given["quoted"]
        source, on = given["quoted_by"] or "the bank", given["exchanged_on"]
        return {
            "sold": Money.parse(given["sold"], sold_in),
            "bought": Money.parse(given["bought"], bought_in),
            "fee": Money.parse(given["fee"] or "0", sold_in),
            "rate": None if quoted is None else Rate(quoted, source, on, sold_in, bought_in),
            "reference": given["reference"],
        }

    def clean(self) -> dict[str, Any]:
        """Check it as the operation will."""
        cleaned = dict(super().clean() or self.cleaned_data)
        if not self.errors:
            try:
                operations.check_exchange(**self.asked())
            except DomainError as refusal:
                raise ValidationError(str(refusal)) from refusal
        return cleaned


class _AddedByOperation(FactAdmin):
    """A fact that finance and supervisors add by its operation."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keepers of rates and exchanges add."""
        return bool(request.user.has_perm(KEEP))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The form's own fields to write, everything to read."""
        if obj is None:
            return list(self.form.base_fields)
        return [field.name for field in self.opts.concrete_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Everything, once it is written."""
        return self.get_fields(request, obj) if obj is not None else ()


@admin.register(ExchangeRate)
class ExchangeRateAdmin(_AddedByOperation):
    """What currencies were worth. A file of the European Central Bank is loaded by `manage.py load_rates`."""

    form = RateForm
    list_display = ("on", "base", "quote", "rate", "source", "recorded_by")
    list_filter = ("base", "quote", "source")
    date_hierarchy = "on"

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Add the rate; one that is known already is not added again."""
        rate: Rate = form.rate()
        operations.add_rates([rate], by=actor_of(request), at=timezone.now())
        same = ExchangeRate.objects.filter(base=rate.currency, quote=rate.to, on=rate.on, source=rate.source)
        obj.pk = same.order_by("-pk").values_list("pk", flat=True).first()
        obj.refresh_from_db()


@admin.register(Exchange)
class ExchangeAdmin(_AddedByOperation):
    """Money of one currency given for another."""

    form = ExchangeForm
    list_display = ("exchanged_on", "sold", "bought", "fee", "rate", "rate_source", "reference")
    search_fields = ("=reference",)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Book the exchange."""
        on = form.cleaned_data["exchanged_on"]
        obj.pk = operations.exchange(**form.asked(), exchanged_on=on, by=actor_of(request), at=timezone.now()).pk
        obj.refresh_from_db()


@admin.register(PositionStep)
class PositionStepAdmin(FactAdmin):
    """What is held of other currencies by exchanges, and what each exchange gained."""

    list_display = ("currency", "held_minor", "cost_minor", "gained_minor", "book_currency", "exchange")
    list_filter = ("currency",)
    list_select_related = ("exchange",)
