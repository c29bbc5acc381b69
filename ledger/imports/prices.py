"""Writes products and versions of their prices by the catalogue's own operations: there are never many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from ledger.catalogue.models import Product
from ledger.catalogue.operations import PriceTerms, add_price, add_product, retire_product
from ledger.errors import DomainError
from ledger.imports.models import ImportedRecord, ImportRun
from ledger.imports.rows import PriceRow, ProductRow
from ledger.imports.writing import Import, Outcome

RETIRED = "It was no longer sold in the system it came from."
#: What a price says of its product, which has to be the same in every row of it.
SAME = ("name", "kind", "interval", "unit", "meter", "tax_category")


def write_products(rows: Sequence[ProductRow], _work: Import) -> list[Outcome]:
    """This will remember products of a system whose prices name them; each price becomes a product here."""
    return [
        Outcome(f"product:{row.external_id}"[:60], data={"name": row.name, "unit": row.unit, "kind": row.kind,
                                                          "is_on_sale": row.is_on_sale})
        for row in rows
    ]  # fmt: skip


def write_prices(rows: Sequence[PriceRow], work: Import) -> list[Outcome]:
    """This will add a version of a price to the product of its code, which is added when there is none."""
    wanted = [row.product for row in rows if row.product]
    named = ImportedRecord.objects.filter(kind=ImportRun.Kind.PRODUCTS, external_id__in=wanted)
    known: dict[str, Mapping[str, object]] = dict(named.values_list("external_id", "data"))
    found = []
    for row in rows:
        try:
            with transaction.atomic():
                found.append(_write(row, known.get(row.product), work))
        except DomainError as refusal:
            found.append(Outcome(problems=(str(refusal),)))
    return found


def _write(row: PriceRow, told: Mapping[str, object] | None, work: Import) -> Outcome:
    if row.product and told is None and not row.name:
        return Outcome(problems=(f"product: {row.product!r} is not known; import products first.",))
    wanted = _product(row, told)
    product = Product.objects.filter(code=row.code).first()
    if product is None:
        product = add_product(wanted, by=work.by, at=work.at)
    elif differing := [name for name in SAME if getattr(product, name) != getattr(wanted, name)]:
        return Outcome(problems=(f"{differing[0]}: {row.code!r} is on file with another one.",))
    add_price(product.pk, terms=_terms(row), by=work.by, at=work.at)
    is_sold = row.is_on_sale and (told is None or told.get("is_on_sale") is not False)
    if not is_sold and product.is_on_sale:
        retire_product(product.pk, reason=RETIRED, by=work.by, at=work.at)
    return Outcome(f"product:{product.pk}")


def _product(row: PriceRow, told: Mapping[str, object] | None) -> Product:
    told = told or {}
    is_add_on = row.kind == "plan" and told.get("kind") == "add_on"
    return Product(
        code=row.code,
        name=row.name or str(told.get("name", "")),
        kind="add_on" if is_add_on else row.kind,
        interval=row.interval,
        unit=row.unit or str(told.get("unit", "")),
        meter=row.meter,
        tax_category=row.tax_category,
        trial_days=row.trial_days,
    )


def _terms(row: PriceRow) -> PriceTerms:
    return PriceTerms(
        currency=row.currency,
        valid_from=row.valid_from,
        model=row.model,
        amount_minor=row.amount_minor,
        unit_minor=row.unit_minor,
        tiers=[{"up_to": up_to, "unit_minor": unit, "flat_minor": flat} for up_to, unit, flat in row.tiers],
        includes_tax=row.includes_tax,
        tax_rate=row.tax_rate,
    )
