"""The decline catalogue: every published code has one family, one text, one rule, and secrets stay secret."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ledger.payments.declines import NEED_TO_KNOW, Disclosure, Family, Network, RetryRule
from ledger.payments.declines_causes import CAUSES
from ledger.payments.declines_codes import REASONS, code_to_keep, find_reason, is_known
from ledger.payments.failures import explain_failure, explain_to_agent

#: The card codes of docs.stripe.com/declines/codes, read 2026-11-22.
STRIPE = """
authentication_required authentication_not_handled approve_with_id call_issuer card_not_supported card_velocity_exceeded
currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card fraudulent generic_decline
incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip insufficient_funds invalid_account
invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available
lost_card merchant_blacklist mobile_device_authentication_required new_account_information_available no_action_taken
not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded processing_error
reenter_transaction restricted_card revocation_of_all_authorizations revocation_of_authorization security_violation
service_not_allowed stolen_card stop_payment_order testmode_decline transaction_not_allowed try_again_later
withdrawal_count_limit_exceeded
partner_generic_decline invalid_customer_account payment_limit_exceeded invalid_billing_agreement
invalid_business_account partner_high_risk_customer compliance_violation payment_disputed invalid_authorization
invalid_payment_information partner_payment_not_found expired_payment_information
""".split()
#: Declines of ISO 8583:1987 field 39 that Visa, Mastercard and processors document.
ISO = """
01 02 03 04 05 06 07 12 13 14 15 19 21 25 28 30 39 41 43 46 51 52 53 54 55 57 58 59 61 62 63 64 65 68 70 75 78 79 80 81
82 83 85 86 89 91 92 93 94 96 1A 5C 6P 9G B1 B2 N0 N3 N4 N7 R0 R1 R3 Z3
""".split()
ADVICE = [f"mac:{code}" for code in "01 02 03 21 24 25 26 27 28 29 30 40 41 42 43".split()]
#: Case N06: what Stripe never tries again without a new method.
HARD = """
incorrect_number lost_card pickup_card stolen_card revocation_of_authorization revocation_of_all_authorizations
authentication_required highest_risk_level transaction_not_allowed
""".split()
#: What a customer must never learn from us (FIELD_PRACTICE 7), in the two languages we write.
SAID_BY_NOBODY = re.compile(
    r"stolen|lost|fraud|pick.?up|risk|restricted|securit.*breach|gestohlen|verloren|betrug|risiko|einzieh|gesperrte",
    re.I,
)


@pytest.mark.parametrize("code", [*STRIPE, *ISO, *ADVICE, "visa:1", "visa:2", "visa:3", "visa:4"])
def test_a_published_code_stands_in_the_table_under_one_family_with_one_text_and_one_rule(code):
    reason = find_reason(code)

    assert is_known(code)
    assert reason.network is not Network.NONE
    assert isinstance(reason.family, Family)
    assert isinstance(reason.retry, RetryRule)
    for language in ("en", "de"):
        words = reason.customer_words(language)
        assert words.cause.endswith(".")
        assert words.next_step.endswith(".")
    assert reason.meaning in reason.agent_text


def test_no_text_for_customers_says_what_is_never_said():
    said = [f"{words.cause} {words.next_step}" for cause in CAUSES.values() for words in (cause.english, cause.german)]

    assert [text for text in said if SAID_BY_NOBODY.search(text)] == []


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card", "fraudulent", "41", "43", "59", "mac:42"])
def test_a_card_reported_stolen_reads_exactly_like_a_plain_refusal(code):
    assert find_reason(code).cause.disclosure is Disclosure.KEEP_SILENT
    for language in ("en", "de"):
        assert explain_failure(code, language) == explain_failure("do_not_honor", language)


def test_an_agent_sees_of_a_silent_cause_only_what_they_need_unless_they_may_see_it():
    assert explain_to_agent("stolen_card", may_see_secret=False) == NEED_TO_KNOW
    assert explain_to_agent("stolen_card", may_see_secret=True).startswith("The card is reported stolen.")
    assert explain_to_agent("insufficient_funds", may_see_secret=False).startswith("Not enough money.")


def test_a_code_nobody_knows_is_said_neutrally_and_never_tried_again():
    reason = find_reason("asteroid_impact")

    assert not is_known("asteroid_impact")
    assert reason.retry is RetryRule.NEVER
    assert explain_failure("asteroid_impact").cause == "The payment did not go through."
    assert explain_failure("asteroid_impact", "de-AT").cause == "Die Zahlung hat nicht geklappt."


@pytest.mark.parametrize("code", HARD)
def test_what_stripe_never_tries_again_we_do_not_either(code):
    assert find_reason(code).retry in (RetryRule.NEVER, RetryRule.AFTER_CUSTOMER)


@pytest.mark.parametrize(
    ("code", "family", "retry"),
    [
        ("insufficient_funds", Family.RETRY_LATER, RetryRule.ON_SCHEDULE),
        ("61", Family.RETRY_LATER, RetryRule.ON_SCHEDULE),
        ("expired_card", Family.FIX_BY_CUSTOMER, RetryRule.AFTER_CUSTOMER),
        ("processing_error", Family.TECHNICAL_UNKNOWN, RetryRule.SOON),
        ("R1", Family.NEVER, RetryRule.NEVER),
        ("mac:03", Family.NEVER, RetryRule.NEVER),
        ("mac:21", Family.NEVER, RetryRule.NEVER),
        ("visa:1", Family.NEVER, RetryRule.NEVER),
        ("lost_card", Family.FRAUD_SILENT, RetryRule.NEVER),
        ("currency_not_supported", Family.RETRY_OTHER_METHOD, RetryRule.AFTER_CUSTOMER),
        ("authentication_required", Family.AUTHENTICATE, RetryRule.AFTER_CUSTOMER),
    ],
)
def test_what_a_decline_asks_for(code, family, retry):
    assert (find_reason(code).family, find_reason(code).retry) == (family, retry)


@pytest.mark.parametrize(("code", "hours"), [("mac:24", 1), ("mac:25", 24), ("mac:30", 240), ("mac:02", 72), ("51", 0)])
def test_the_network_says_how_long_to_wait(code, hours):
    assert find_reason(code).wait == timedelta(hours=hours)


def test_a_code_is_found_however_it_is_written():
    assert find_reason(" Insufficient_Funds ").code == "insufficient_funds"
    assert find_reason("r1") is REASONS["r1"]
    assert find_reason("5") is REASONS["05"]


@pytest.mark.parametrize(
    ("code", "advice", "kept"),
    [
        ("generic_decline", "do_not_try_again", "do_not_try_again"),
        ("insufficient_funds", "mac:30", "mac:30"),
        ("51", "mac:03", "mac:03"),
        ("stolen_card", "try_again_later", "stolen_card"),
        ("insufficient_funds", "try_again_later", "insufficient_funds"),
        ("insufficient_funds", "", "insufficient_funds"),
        ("asteroid", "mac:24", "asteroid"),
    ],
)
def test_of_code_and_advice_the_stricter_one_decides(code, advice, kept):
    assert code_to_keep(code, advice) == kept
