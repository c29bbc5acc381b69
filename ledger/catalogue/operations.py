"""add_product, add_price, retire_product and offer_product_again: what is sold, and for how much from when on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from ledger.catalogue.models import Price, Product
from ledger.catalogue.queries import NoSuchProduct, get_product, was_sold
from ledger.catalogue.tariff import InvalidTariff, Model, tariff_of
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.configuration import values_of
from ledger.events.operations import record_event
from ledger.money import LARGEST_MINOR, exponent


class InvalidProduct(InvalidInput):
    """A product needs a code of its own, a name and a known kind; the message names the field."""


class InvalidPrice(InvalidInput):
    """A price version has terms that do not fit together."""


class PriceDayTaken(DomainError):
    """The product has a version from this day on already; versions are never changed."""


class PriceInThePast(DomainError):
    """Days that may have been billed would get another price."""


class ProductNotOnSale(DomainError):
    """The product was taken off sale already."""


class ProductOnSale(DomainError):
    """The product is on sale."""


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """One version of a price, before it is added; see `ledger.catalogue.models.Price` for what each field means."""

    currency: str
    valid_from: date
    model: str = Model.FLAT.value
    amount_minor: int = 0
    unit_minor: Decimal = Decimal(0)
    tiers: list[dict[str, Any]] = field(default_factory=list)
    includes_tax: bool = False
    tax_rate: Decimal | None = None
    is_for_new_only: bool = False
    existing_from: date | None = None


@transaction.atomic
def add_product(product: Product, *, by: Actor, at: datetime) -> Product:
    """This will put a product into the catalogue; it can be sold once it has a price.

    :raises InvalidProduct: if a field cannot be, or the code is taken
    """
    try:
        product.full_clean()
        with transaction.atomic():
            product.save(force_insert=True)
    except ValidationError as problem:
        name, messages = next(iter(problem.message_dict.items()))
        raise InvalidProduct(f"{name}: {messages[0]}") from problem
    except IntegrityError as problem:
        raise InvalidProduct(f"There is a product {product.code!r} already.") from problem
    record_event(
        kinds.PRODUCT_ADDED,
        subject=product,
        customer_id=None,
        by=by,
        at=at,
        product=product.code,
        after=values_of(product),
    )
    return product


def first_open_day(at: datetime) -> date:
    """Return the first day that no bill can have been written for by now: today, where the seller is."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


@transaction.atomic
def add_price(product_id: int, *, terms: PriceTerms, by: Actor, at: datetime) -> Price:
    """This will add the next version of a price; those before it stay as they are.

    :raises InvalidTariff: if steps leave a gap, overlap, or a price is below zero
    :raises InvalidPrice: if the terms do not fit together, such as steps for a flat price
    :raises PriceDayTaken: if the product has a version in this currency from that very day on
    :raises PriceInThePast: if the day is past and the product may have been sold since
    """
    product = _lock(product_id)
    check_price(product, terms=terms, at=at)
    price = Price(product_id=product.pk, **{name: getattr(terms, name) for name in PriceTerms.__slots__})
    try:
        with transaction.atomic():
            price.save(force_insert=True)
    except IntegrityError as problem:
        raise PriceDayTaken(_taken(product, terms)) from problem
    record_event(
        kinds.PRICE_ADDED, subject=product, customer_id=None, by=by, at=at, product=product.code, after=values_of(price)
    )
    return price


def _lock(product_id: int) -> Product:
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    if product is None:
        raise NoSuchProduct("There is no such product.")
    return product


def check_price(product: Product | None, *, terms: PriceTerms, at: datetime) -> None:
    """Refuse a version that cannot be added, with the reasons of `add_price`; without a product, its terms only."""
    _check_terms(terms)
    if product is None or product.pk is None:
        return
    if Price.objects.filter(product_id=product.pk, currency=terms.currency, valid_from=terms.valid_from).exists():
        raise PriceDayTaken(_taken(product, terms))
    if terms.valid_from < first_open_day(at) and was_sold(product, terms.currency, before=first_open_day(at)):
        raise PriceInThePast(
            f"{product} has been sold: days before {first_open_day(at)} may be billed, so their price stays. "
            "Begin the new version today or later."
        )
    import_string(settings.PRICE_CHECK)(product, terms, at)


def _taken(product: Product, terms: PriceTerms) -> str:
    return f"{product} has a price in {terms.currency} from {terms.valid_from} on already; begin the next one later."


def _check_terms(terms: PriceTerms) -> None:
    exponent(terms.currency)
    if terms.amount_minor > LARGEST_MINOR or not terms.unit_minor.is_finite() or terms.unit_minor >= 10**12:
        raise InvalidPrice("The price is too large for the books.")
    if terms.unit_minor != round(terms.unit_minor, 8):
        raise InvalidPrice("The price of a unit has at most eight digits below the minor unit.")
    tariff = tariff_of(
        model=terms.model,
        currency=terms.currency,
        amount_minor=terms.amount_minor,
        unit_minor=terms.unit_minor,
        tiers=terms.tiers,
    )
    is_tiered = tariff.model in (Model.GRADUATED, Model.VOLUME)
    if (tariff.flat_minor and tariff.model != Model.FLAT) or (tariff.unit_minor and tariff.model != Model.PER_UNIT):
        raise InvalidPrice("A flat price has one amount, a price per unit one unit price, a tiered one its steps only.")
    if tariff.tiers and not is_tiered:
        raise InvalidTariff("Only graduated and volume prices have steps.")
    if terms.tax_rate is not None and not 0 <= terms.tax_rate < 100:
        raise InvalidPrice("A tax rate is from 0 to below 100 per cent.")
    if terms.existing_from and (terms.existing_from < terms.valid_from or terms.is_for_new_only):
        raise InvalidPrice(
            "Running subscriptions get a version from its first day or later; one for new ones only never reaches them."
        )


@transaction.atomic
def retire_product(product_id: int, *, reason: str, replaced_by: str | None = None, by: Actor, at: datetime) -> Product:
    """This will take a product off sale: nobody new gets it, running subscriptions keep it.

    The reason, and the code of what to take instead, are said to who asks for it.

    :raises ProductNotOnSale: if it is off sale already
    :raises InvalidInput: without a reason, or if the product would replace itself
    """
    product = _lock(product_id)
    if not product.is_on_sale:
        raise ProductNotOnSale(f"{product} is off sale already: {product.retired_reason}")
    if not 1 <= len(reason.strip()) <= 300:
        raise InvalidInput("Say why it is taken off sale, in at most 300 characters; customers read it.")
    instead = get_product(replaced_by) if replaced_by else product.replaced_by
    if instead is not None and (instead.pk == product.pk or not instead.is_on_sale):
        raise InvalidInput("What is suggested instead is another product that is on sale.")
    product.is_on_sale, product.retired_reason, product.replaced_by = False, reason.strip(), instead
    product.save(update_fields=["is_on_sale", "retired_reason", "replaced_by"])
    record_event(
        kinds.PRODUCT_RETIRED,
        subject=product,
        customer_id=None,
        by=by,
        at=at,
        product=product.code,
        reason=product.retired_reason,
        replaced_by=instead.code if instead else None,
    )
    return product


@transaction.atomic
def offer_product_again(product_id: int, *, by: Actor, at: datetime) -> Product:
    """This will put a retired product back on sale.

    :raises ProductOnSale: if it is on sale
    """
    product = _lock(product_id)
    if product.is_on_sale:
        raise ProductOnSale(f"{product} is on sale.")
    product.is_on_sale, product.retired_reason = True, ""
    product.save(update_fields=["is_on_sale", "retired_reason"])
    record_event(kinds.PRODUCT_OFFERED_AGAIN, subject=product, customer_id=None, by=by, at=at, product=product.code)
    return product
