"""Which proof each request needs."""

import pytest

from verification import policy


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("general_question", 0),
        ("see_balance", 1),
        ("see_invoices", 1),
        ("open_dispute", 2),
        ("request_refund", 2),
        ("change_contact", 2),
        ("change_plan", 2),
        ("cancel", 2),
        ("refund_to_new_account", 3),
        ("an act nobody thought of", 2),
    ],
)
def test_money_moves_only_with_something_the_customer_has(action, level):
    assert policy.level_for(action) == level


def test_every_act_says_what_it_is_for_in_both_languages_and_why():
    assert set(policy.WHAT_IN_GERMAN) == set(policy.NEEDED)
    assert all(need.what and need.why.endswith(".") for need in policy.NEEDED.values())


def test_a_code_keeps_to_the_published_rule():
    # NIST SP 800-63B-4: six digits or more, ten minutes or less.
    assert (policy.CODE_DIGITS, policy.CODE_MINUTES) == (6, 10)
