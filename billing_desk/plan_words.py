"""Plans and prices as screens name them: what is on sale, at which price, and what is arranged."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from billing_desk.reading import reader
from ledger.catalogue.explaining import display_unit_price
from ledger.catalogue.models import Price, Product
from ledger.catalogue.queries import PriceBook
from ledger.catalogue.tariff import Model, Tariff
from ledger.subscriptions.agreed import agreed_tariff, terms_for
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.rating import Facts, Item
from ledger.subscriptions.terms import What

#: How often something is billed, in words: after an amount, and by itself.
PER = {
    "week": gettext_lazy("a week"),
    "month": gettext_lazy("a month"),
    "quarter": gettext_lazy("a quarter"),
    "year": gettext_lazy("a year"),
}
EVERY = {
    "week": gettext_lazy("billed every week"),
    "month": gettext_lazy("billed every month"),
    "quarter": gettext_lazy("billed every quarter"),
    "year": gettext_lazy("billed every year"),
}


def on_sale(kind: str, subscription: Subscription, today: date) -> list[tuple[Product, Price]]:
    """Return what can be had today in the currency of a subscription with its price, in two queries."""
    prices = PriceBook.load([subscription.currency])
    products = Product.objects.filter(kind=kind, is_on_sale=True).order_by("name")
    found = [(each, prices.price(each.pk, subscription.currency, on=today, held_since=today)) for each in products]
    return [(product, price) for product, price in found if price is not None]


def price_words(product: Product, price: Price) -> str:
    """Return a price in a few words: "€25.00 a month", "€10.00 a seat and month", "by use"."""
    tariff = price.tariff
    if product.meter or tariff.model in (Model.GRADUATED, Model.VOLUME):
        return _("priced by use") if product.meter else _("priced by quantity")
    tax = "" if price.tax_rate == 0 else _(", tax included") if price.includes_tax else _(" plus tax")
    if tariff.model == Model.FLAT:
        return f"{price.amount.display(reader())} {PER[product.interval]}{tax}"
    each = display_unit_price(tariff.unit_minor, price.currency, reader())
    if not product.unit:
        return f"{each} {PER[product.interval]}{tax}"
    named = _("{price} a {unit} and {interval}")
    return f"{named.format(price=each, unit=product.unit, interval=pgettext('interval', product.interval))}{tax}"


def priced(facts: Facts, item: Item, book: PriceBook, day: date) -> tuple[Price | None, Tariff | None]:
    """Return the version of a price that counts on a day, and what it comes to with what was agreed on."""
    price = book.price(item.product.id, facts.currency, on=day, held_since=item.held_since)
    if price is None:
        return None, None
    return price, agreed_tariff(price.tariff, terms_for(facts.agreed, item.product.id, day))


def arranged_words(row: SubscriptionChange) -> str:
    """Return what a change does, in a few words."""
    old, new = row.figures.get("old", ""), row.figures.get("new", "")
    words = {
        What.PLAN: _("{new} instead of {old}").format(new=new, old=old),
        What.QUANTITY: _("{new} instead of {old}").format(new=new, old=old),
        What.TAKE_ADD_ON: _("add-ons: {names}").format(names=new or _("none")),
        What.DROP_ADD_ON: _("add-ons: {names}").format(names=new or _("none")),
        What.BILLING_DAY: _("bills come on day {day} of the month").format(day=new.rstrip(".")),
        What.PAUSE: _("paused"),
        What.RESUME: _("goes on by itself"),
        What.CANCEL: _("cancelled"),
        What.REINSTATE: _("goes on"),
    }
    return words[What(row.what)]
