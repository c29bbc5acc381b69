"""manage.py import_stripe KIND FILE: the same from Stripe's files, JSON of its API or CSV exports of its Dashboard."""

from __future__ import annotations

from pathlib import Path

from ledger.imports.models import ImportRun
from ledger.management.commands import import_csv


class Command(import_csv.Command):
    """A file that ends in .csv is an export of the Dashboard, any other is JSON: lines, an array, or API lists."""

    help = "Import Stripe's customers, products, prices, subscriptions or invoices; --dry-run shows what it would do."
    kinds = ("customers", "products", "prices", "subscriptions", "invoices")

    def form_of(self, file: Path) -> str:
        """Tell the Dashboard's exports from the API's objects by the name of the file."""
        is_csv = file.suffix.lower() == ".csv"
        return ImportRun.Form.STRIPE_CSV.value if is_csv else ImportRun.Form.STRIPE.value
