"""Drafts: standard explanations from the live account, and figures that stand nowhere on it."""

import pytest

from tests.conftest import NOW
from tests.ledger.worlds import bill, pay
from tests.tickets.worlds import STRANGER, opened
from tickets.replies.drafts import NothingToFillIn, UnknownPlaceholder, check_figures, fill

pytestmark = pytest.mark.usefixtures("desk")
TODAY = NOW.date()


def test_a_template_is_filled_from_the_account(ana):
    invoice = bill(ana, 2500, tax=20)
    ticket = opened()

    words = fill("Dear {{name}}, bill {{ last_invoice }} of {{last_invoice_amount}}: due {{due}}.", ticket, today=TODAY)

    # 25.00 net and 20 % tax.
    assert words == f"Dear Ana Berg, bill {invoice.number} of €30.00: due €30.00."


def test_a_template_with_a_stranger_in_it_is_refused(ana):
    with pytest.raises(UnknownPlaceholder, match="shoe_size"):
        fill("{{shoe_size}}", opened(), today=TODAY)


def test_what_is_not_there_is_not_made_up(ana):
    with pytest.raises(NothingToFillIn):
        fill("{{last_invoice}}", opened(), today=TODAY)
    with pytest.raises(NothingToFillIn):
        fill("{{name}}", opened(sender=STRANGER, message_id="<s@x>"), today=TODAY)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("You paid 25.00 EUR and we refund €25.00.", []),
        ("You paid 25,00 € on 1 March 2026.", []),
        ("We refund €24.00.", ["€24.00"]),
        ("We refund €24.00, really €24.00, not 25.00.", ["€24.00"]),
        ("The bill was EUR 1,234.56.", ["EUR 1,234.56"]),
        ("Case #1042, call 030 901820 on 2026-03-02, two times, order 4711.", []),
        ("", []),
    ],
)
def test_amounts_that_stand_nowhere_on_the_account_are_pointed_out(ana, text, unknown):
    bill(ana, 2500)
    pay(ana, 2500)

    assert check_figures(text, ana.pk, today=TODAY) == unknown
