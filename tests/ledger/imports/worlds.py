"""Files of another system, and reading them in."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import datetime

from ledger.imports.models import ImportRun
from ledger.imports.operations import Order, import_file
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM

CUSTOMERS = """\
id,name,country,currency,email,credit
old-1,Ana Berg,DE,EUR,ana@example.com,12.50
old-2,Bo Lund,SE,EUR,bo@example.com,
"""
PRICES = """\
code,name,currency,valid_from,price,kind,model
plus,Plus,EUR,2025-01-01,39.00,plan,per_unit
storage,Storage,EUR,2025-01-01,5.00,add_on,flat
"""
SUBSCRIPTIONS = """\
id,customer,plan,next_billing_on,quantity,add_ons,started_on,anchor_on
sub-1,old-1,plus,2026-03-31,2,storage=1,2025-01-31,2025-01-31
"""
INVOICES = """\
number,customer,currency,issued_on,due_on,description,net,tax,tax_rate,paid
2026-17,old-1,EUR,2026-02-01,2026-02-15,Plus in February,78.00,14.82,19,50.00
2026-17,old-1,EUR,2026-02-01,2026-02-15,Storage in February,5.00,0.95,19,
"""
FILES = {"customers": CUSTOMERS, "prices": PRICES, "subscriptions": SUBSCRIPTIONS, "invoices": INVOICES}


def read_in(
    kind: str, text: str | bytes, *, form: str = "csv", dry: bool = False, all_or_nothing: bool = False,
    country: str = "", currency: str = "", at: datetime = NOW,
) -> ImportRun:  # fmt: skip
    """Import a file as the command does."""
    content = text.encode() if isinstance(text, str) else text
    order = Order(kind, form, f"{kind}.txt", dry, all_or_nothing, country, currency)
    return import_file(lambda: io.BytesIO(content), order=order, by=SYSTEM, at=at)


def read_all_in() -> dict[str, ImportRun]:
    """Import the four files in their order."""
    return {kind: read_in(kind, text) for kind, text in FILES.items()}


def counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    """Return imported, known, changed, refused and left out."""
    return run.imported, run.known, run.changed, run.refused, run.left_out


def problems(run: ImportRun) -> list[tuple[int, str]]:
    """Return line and words of every problem."""
    return list(run.problems.order_by("line", "pk").values_list("line", "message"))


def json_lines(things: Iterable[dict[str, object]]) -> str:
    """Return objects as one line each."""
    return "".join(json.dumps(thing) + "\n" for thing in things)
