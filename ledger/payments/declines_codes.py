"""Every published decline code we know, each under exactly one cause; the meanings are in our own words (pure).

Sources: Stripe, "Decline codes" (docs.stripe.com/declines/codes: 50 card codes and the local payment methods' own; and
the two outcome reasons of risk blocks); ISO 8583:1987 field 39 with the values Visa and Mastercard added
(developer.worldpay.com "Raw response codes", docs.stripe.com/declines/network-codes); Mastercard merchant advice codes
(developer.paypal.com/braintree "Merchant advice codes", docs.payabl.com); Visa decline categories 1 to 4
(developers.tabapay.com "Visa response code updates"). Read 2026-11-22.
"""

from __future__ import annotations

from datetime import timedelta

from ledger.payments.declines import DeclineReason, Network, RetryRule
from ledger.payments.declines_causes import CAUSES, NOT_KNOWN

_STRIPE = """
authentication_required | confirm | The bank wants strong authentication
authentication_not_handled | confirm | It was tried without the authentication the bank asked for
approve_with_id | refused | The payment could not be authorised
call_issuer | refused | The bank wants to be called
card_not_supported | kind_not_allowed | The card does not support this kind of purchase
card_velocity_exceeded | limit_reached | Balance, credit or number of payments exceeded
currency_not_supported | currency_not_allowed | The card does not support the currency
do_not_honor | refused | The bank refused without a reason
do_not_try_again | never_again | The bank asks not to try again
duplicate_transaction | sent_twice | The same amount was sent to the same card a moment ago
expired_card | expired | The card has expired
fraudulent | silent | Fraud is suspected
generic_decline | refused | The bank refused without a reason
incorrect_number | number_wrong | The card number is not right
incorrect_cvc | security_code_wrong | The security code is not right
incorrect_pin | pin_needed | The PIN was not right
incorrect_zip | address_wrong | The postal code is not right
incorrect_address | address_wrong | The address is not right
insufficient_funds | no_money | Not enough money
invalid_account | cannot_be_charged | The card or its account is not valid
invalid_amount | amount_not_allowed | The amount is not valid or above what is allowed
invalid_cvc | security_code_wrong | The security code is not right
invalid_expiry_month | expiry_wrong | The month of expiry is not valid
invalid_expiry_year | expiry_wrong | The year of expiry is not valid
invalid_number | number_wrong | The card number is not right
invalid_pin | pin_needed | The PIN was not right
issuer_not_available | fault | The bank could not be reached
lost_card | silent | The card is reported lost
merchant_blacklist | silent | The card is on our own block list
mobile_device_authentication_required | confirm | The bank wants authentication on a device
new_account_information_available | details_changed | The card or its account has new details
no_action_taken | refused | The bank did nothing with the request
not_permitted | kind_not_allowed | The payment is not permitted
offline_pin_required | pin_needed | A PIN is required
online_or_offline_pin_required | pin_needed | A PIN is required
pickup_card | silent | The bank wants the card taken away
pin_try_exceeded | pin_needed | The PIN was wrong too often
processing_error | fault | An error while the card was processed
reenter_transaction | fault | The bank could not process it and asks to send it again
restricted_card | silent | The card is restricted; it may be reported lost or stolen
revocation_of_all_authorizations | consent_withdrawn | The customer stopped all payments of this kind
revocation_of_authorization | consent_withdrawn | The customer stopped this payment
security_violation | silent | The bank sees a breach of security
service_not_allowed | kind_not_allowed | The bank does not allow this service
stolen_card | silent | The card is reported stolen
stop_payment_order | consent_withdrawn | The customer stopped the payment
testmode_decline | number_wrong | The number is a test card's
transaction_not_allowed | kind_not_allowed | The bank does not allow this payment
try_again_later | not_now | The bank asks to try later
confirm_card_data | details_missing | The network advises to have the card's data checked
withdrawal_count_limit_exceeded | limit_reached | Balance or credit limit exceeded
highest_risk_level | silent | Blocked before it was sent: risk at the highest level
elevated_risk_level | silent | Blocked before it was sent: raised risk
card_declined | refused | The bank refused without a reason
partner_generic_decline | refused | The payment provider refused
invalid_customer_account | cannot_be_charged | The customer's account with the provider cannot be charged
payment_limit_exceeded | limit_reached | Above a limit of the customer's account
invalid_billing_agreement | consent_withdrawn | The agreement to charge the account is not valid
invalid_business_account | our_set_up | Our own account with the provider is switched off
partner_high_risk_customer | silent | The provider rates the customer as a high risk
compliance_violation | never_again | Against the provider's terms or the law
payment_disputed | never_again | The payment is disputed with the provider
invalid_authorization | consent_withdrawn | The authorisation is not valid or was withdrawn
invalid_payment_information | details_missing | Details of the payment are not valid
partner_payment_not_found | our_set_up | The provider cannot find the payment
expired_payment_information | expired | The method behind the payment has expired
bank_account_closed | cannot_be_charged | The bank account is closed
bank_account_invalid_details | cannot_be_charged | The details of the bank account are not right
bank_account_restricted | cannot_be_charged | The bank account does not allow the debit
debit_not_authorized | consent_withdrawn | The debit is not authorised by a mandate
"""

_ISO_8583 = """
01 | refused | Refer to the bank
02 | refused | Refer to the bank, special conditions
03 | our_set_up | Our merchant number is not valid
04 | silent | Pick up the card
05 | refused | Do not honour
06 | fault | Error
07 | silent | Pick up the card, special conditions
09 | fault | The request is still being worked on
12 | never_again | The transaction is not valid
13 | amount_not_allowed | The amount is not valid
14 | number_wrong | There is no such card number
15 | number_wrong | There is no such bank
17 | consent_withdrawn | The customer called it off
18 | never_again | The customer disputes it
19 | fault | Send it again
20 | fault | The answer was not valid
21 | refused | No action taken
22 | fault | A malfunction is suspected
23 | our_set_up | The fee is not accepted
24 | our_set_up | The file update is not supported
25 | number_wrong | The account could not be found
26 | sent_twice | A record of the same transaction exists
27 | our_set_up | A field could not be edited
28 | fault | The file is not available for now
29 | our_set_up | The file update failed
30 | our_set_up | Error in the format
31 | our_set_up | The bank is not supported by the switch
32 | fault | Completed in part
33 | silent | Expired card, pick up
34 | silent | Suspected fraud, pick up
35 | silent | Call the acquirer, pick up
36 | silent | Restricted card, pick up
37 | silent | Call the acquirer's security, pick up
38 | silent | PIN tried too often, pick up
39 | cannot_be_charged | No credit account
40 | kind_not_allowed | The function is not supported
41 | silent | Lost card
42 | cannot_be_charged | No universal account
43 | silent | Stolen card
44 | cannot_be_charged | No investment account
46 | cannot_be_charged | The account is closed
51 | no_money | Not enough money
52 | cannot_be_charged | No checking account
53 | cannot_be_charged | No savings account
54 | expired | The card has expired
55 | pin_needed | The PIN is not right or missing
56 | number_wrong | No record of the card
57 | kind_not_allowed | Not permitted to the cardholder
58 | our_set_up | Not permitted to the terminal
59 | silent | Suspected fraud
60 | refused | Call the acquirer
61 | limit_reached | Above the limit for an amount
62 | silent | Restricted card
63 | silent | Breach of security
64 | silent | Does not fulfil the rules against money laundering
65 | limit_reached | Above the limit for a number of payments
66 | silent | Call the acquirer's security
67 | silent | Hard capture, pick up
68 | fault | The answer came too late
70 | pin_needed | A PIN is required
71 | pin_needed | The PIN was not changed
74 | fault | Values used for encryption differ
75 | pin_needed | The PIN was wrong too often
76 | number_wrong | The account named does not fit
77 | number_wrong | The account named does not fit
78 | blocked_by_customer | A new card that was never used: blocked until its first use
79 | refused | Decided by its life cycle
80 | fault | The bank's system is not available
81 | pin_needed | Error in the encryption of the PIN
82 | silent | The security check of the card failed
83 | silent | Fraud or security, blocked by the network
85 | fault | Nothing to decline was found
86 | pin_needed | The PIN cannot be checked
88 | fault | Error in the encryption
89 | our_set_up | The terminal is not accepted
90 | fault | The day is being closed
91 | fault | The bank or its switch is down
92 | fault | No way to the bank was found
93 | never_again | Against the law
94 | sent_twice | Sent twice
95 | fault | Error in the balancing
96 | fault | The system does not work
97 | fault | The security module does not work
98 | fault | The message could not be checked
99 | fault | Error in the PIN block
1A | confirm | More authentication is required
5C | kind_not_allowed | Not supported or blocked by the bank
6P | details_missing | The check of the customer's data failed
9G | blocked_by_customer | Blocked by the cardholder
B1 | refused | Surcharge not permitted
B2 | refused | Surcharge not supported by the network
N0 | fault | Stand-in is forced
N3 | refused | Cash service not available
N4 | limit_reached | Cash request above the bank's limit
N5 | kind_not_allowed | Not eligible to be sent again
N7 | security_code_wrong | The security code is not right
N8 | limit_reached | Above what was authorised before
P5 | pin_needed | The change of PIN was refused
P6 | pin_needed | The new PIN is not safe
Q1 | confirm | The card could not be authenticated
R0 | consent_withdrawn | Stop this payment
R1 | consent_withdrawn | Stop all payments to this merchant
R2 | pin_needed | The transaction does not qualify for a payment by PIN
R3 | consent_withdrawn | Stop all merchants
Z3 | fault | Could not go online; declined offline
Z5 | refused | A valid account, but the amount is not supported
"""

_ADVICE = """
01 | details_changed | New account details are available
02 | not_now | Cannot be approved now, try later | 72
03 | never_again | Do not try again
04 | our_set_up | The requirements of the token are not fulfilled
21 | consent_withdrawn | The customer ended the recurring payment
22 | our_set_up | Our account does not qualify for the product
24 | not_now | Try again after 1 hour | 1
25 | not_now | Try again after 24 hours | 24
26 | not_now | Try again after 2 days | 48
27 | not_now | Try again after 4 days | 96
28 | not_now | Try again after 6 days | 144
29 | not_now | Try again after 8 days | 192
30 | not_now | Try again after 10 days | 240
40 | single_use_card | A prepaid card that cannot be topped up
41 | single_use_card | A virtual card for a single payment
42 | silent | The sanctions score is above the limit
43 | not_now | A virtual card for several payments
"""

_CATEGORIES = """
1 | never_again | The bank will never approve it
2 | not_now | The bank cannot approve it at this time
3 | details_missing | The data have to be checked before the next try
4 | refused | A plain refusal
"""


def _read(table: str, network: Network, prefix: str = "") -> dict[str, DeclineReason]:
    found: dict[str, DeclineReason] = {}
    for line in table.strip().splitlines():
        code, cause, meaning, *hours = (part.strip() for part in line.split("|"))
        key = f"{prefix}{code.lower()}"
        if key in found:
            raise ValueError(f"{key} stands in the table twice.")
        wait = timedelta(hours=int(hours[0])) if hours else timedelta(0)
        found[key] = DeclineReason(f"{prefix}{code}", network, CAUSES[cause], meaning, wait)
    return found


REASONS: dict[str, DeclineReason] = {
    **_read(_STRIPE, Network.STRIPE),
    **_read(_ISO_8583, Network.ISO_8583),
    **_read(_ADVICE, Network.MASTERCARD_ADVICE, "mac:"),
    **_read(_CATEGORIES, Network.VISA_CATEGORY, "visa:"),
}


def find_reason(code: str) -> DeclineReason:
    """Return the one reason of a code; a code nobody knows gets careful words and is not tried again."""
    known = REASONS.get(_key(code))
    return known or DeclineReason(code.strip()[:60], Network.NONE, NOT_KNOWN, "A code we do not know")


def is_known(code: str) -> bool:
    """Return whether a code stands in the table."""
    return _key(code) in REASONS


def code_to_keep(code: str, advice: str = "") -> str:
    """Return which of a decline code and the network's advice decides, where both came: the stricter one.

    `generic_decline` with the advice `do_not_try_again` is never tried again; `insufficient_funds` with `mac:30` waits.
    """
    reason, advised = find_reason(code), find_reason(advice)
    if not is_known(advice) or reason.retry in (RetryRule.NEVER, RetryRule.AFTER_CUSTOMER):
        return code
    forbids = advised.retry in (RetryRule.NEVER, RetryRule.AFTER_CUSTOMER)
    return advice if forbids or advised.wait > reason.wait else code


def _key(code: str) -> str:
    """Return a code as the table writes it: field 39 has two characters, whatever a provider makes of `05`."""
    clean = code.strip().lower()
    return clean.zfill(2) if len(clean) == 1 and clean.isdecimal() else clean
