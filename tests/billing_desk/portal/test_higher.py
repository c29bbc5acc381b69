"""Why a bill is higher, in parts that add up."""

from billing_desk.portal.higher import BilledLine, explain_higher
from ledger.money import Money


def line(words: str, minor: int) -> BilledLine:
    return BilledLine(words, Money(minor, "EUR"))


def test_the_causes_add_up_to_the_difference() -> None:
    february = [line("Basic", 2000)]
    march = [line("Basic", 1484), line("Plus, 16 of 31 days", 1290)]

    higher = explain_higher(march, february, "EUR")

    assert higher is not None
    assert higher.together == Money(774, "EUR")  # 27.74 - 20.00
    assert [(cause.words, cause.difference.minor) for cause in higher.causes] == [
        ("Plus, 16 of 31 days", 1290),
        ("Basic", -516),  # 14.84 - 20.00
    ]


def test_what_is_new_and_what_is_gone_is_said_so() -> None:
    higher = explain_higher([line("Plus", 3000), line("Seat", 500)], [line("Plus", 2500), line("Trial", 100)], "EUR")

    assert higher is not None
    assert {cause.words: cause.what for cause in higher.causes} == {
        "Plus": "another amount than last time",
        "Seat": "new on this bill",
        "Trial": "not on this bill any more",
    }


def test_two_lines_with_the_same_words_count_together() -> None:
    higher = explain_higher([line("Plus", 2500), line("Plus", 2500)], [line("Plus", 2500)], "EUR")

    assert higher is not None
    assert [cause.difference for cause in higher.causes] == [Money(2500, "EUR")]


def test_a_bill_that_is_not_higher_needs_no_explanation() -> None:
    assert explain_higher([line("Plus", 2500)], [line("Plus", 2500)], "EUR") is None
    assert explain_higher([line("Plus", 2499)], [line("Plus", 2500)], "EUR") is None
