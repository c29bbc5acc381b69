"""Moving a payment to another bill over the API, under a key, and never another customer's."""

from __future__ import annotations

from ledger.models import Invoice
from tests.billing_desk.api.test_hooks import money
from tests.ledger.worlds import bill, pay


def test_a_payment_is_moved_once_under_its_key_and_not_by_a_stranger(ana, ben, make_api):
    first, second = bill(ana, 3000), bill(ana, 2000)
    payment = pay(ana, 3000)
    wanted = {"from_invoice": first.pk, "to_invoice": second.pk, "amount": money(2000), "reason": "Meant for the other"}
    api, stranger = make_api("payments:write"), make_api("payments:write", customer_id=ben.pk)

    answers = [api.post(f"payments/{payment.pk}/move", wanted, key="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [Invoice.objects.get(pk=one.pk).due_amount.minor for one in (first, second)] == [2000, 0]
    assert api.post(f"payments/{payment.pk}/move", wanted).status_code == 409
    assert stranger.post(f"payments/{payment.pk}/move", wanted).status_code == 404
