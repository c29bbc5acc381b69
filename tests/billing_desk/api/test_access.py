"""Access through the API: what other systems ask before they let somebody in."""

from __future__ import annotations

from datetime import date

from ledger.entitlements.operations import review_access, review_due_access
from ledger.payments.operations import record_failure
from tests.conftest import berlin
from tests.ledger.collections.worlds import owe
from tests.ledger.worlds import SYSTEM, eur, open_ana


def test_access_is_read_with_its_cure_and_only_by_keys_that_may(db, make_api, api):
    ana = open_ana(at=berlin(2026, 2, 1, 10))
    assert api.get(f"customers/{ana.pk}/access").json()["state"] == "active"
    owe(ana, 2500, due_on=date(2026, 3, 1), at=berlin(2026, 3, 1, 8))
    record_failure(ana.pk, amount=eur(2500), code="do_not_honor", by=SYSTEM, at=berlin(2026, 3, 1, 8))
    review_access(ana.pk, at=berlin(2026, 3, 6, 9))
    review_due_access(at=berlin(2026, 3, 8, 9))

    shown = api.get(f"customers/{ana.pk}/access").json()

    assert (shown["state"], shown["is_open"], shown["reason"]) == ("restricted", False, "failed")
    assert shown["cure"] == {"amount_minor": 2500, "currency": "EUR"}
    assert shown["since_on"] == "2026-03-08"
    assert shown["sentence"].startswith("Ihr Zugang ruht, weil die Zahlung über 25,00")
    assert api.get("customers/999999/access").status_code == 404
    assert make_api("events:read").get(f"customers/{ana.pk}/access").status_code == 403
    assert make_api("customers:read", customer_id=ana.pk + 1).get(f"customers/{ana.pk}/access").status_code in (
        403,
        404,
    )
