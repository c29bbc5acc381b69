"""The same file imported twice at the same moment: every row comes in once."""

from __future__ import annotations

from functools import partial

import pytest

from ledger.books.queries import balance
from ledger.customers.models import Customer
from ledger.imports.models import ImportRun
from tests.concurrency.test_refunds import at_once
from tests.ledger.imports.worlds import CUSTOMERS, counts, read_in
from tests.ledger.worlds import eur


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_of_one_file_at_once_every_row_comes_in_once():
    runs = at_once([partial(read_in, "customers", CUSTOMERS), partial(read_in, "customers", CUSTOMERS)])

    found = sorted(counts(run) for run in runs if isinstance(run, ImportRun))
    assert found == [(0, 2, 0, 0, 0), (2, 0, 0, 0, 0)]
    ana = Customer.objects.get(external_id="old-1")
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1250)
