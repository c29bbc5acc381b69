"""The English words of every scenario: title, for the customer, for the agent (pure data)."""

from __future__ import annotations

ENGLISH = {
    "double_charge": (
        "Charged twice",
        "{name} for {amount} stands on two bills for the same days, {first} and {second}. It looks like one charge "
        "too many, and we are checking it.",
        "{name} ({amount}) is on {first} and on {second} for the same days and was not credited. Compare the two "
        "sources; if one is wrong, credit its line.",
    ),
    "proration_after_change": (
        "Change within the period",
        "You changed your plan on {since}, so {name} was billed for {days} of {of} days: {amount}. For the days of "
        "the old plan that you did not use, {credit} came back.",
        "{bill} bills {name} from the change on {since}: {days} of {of} days, {amount}; unused part credited: "
        "{credit}.",
    ),
    "price_rise": (
        "New price",
        "The price of {name} is {after} since {since}; before, it was {before}.",
        "On {bill} {name} has the version of {since}: {after} instead of {before} for the same quantity. Check that "
        "the notice of the new price was sent in time.",
    ),
    "expired_discount": (
        "Discount ended",
        "Your discount {discount} ended. On the bill before it took {off} off {name}.",
        "{discount} (took {off} off {name} last time) is not on {bill}. Check whether it ended on the agreed day.",
    ),
    "annual_renewal": (
        "Yearly renewal",
        "{name} was renewed for a year, from {first} to {last}: {amount}.",
        "{bill} is the yearly renewal of {name}, {first} to {last}, {amount}. Check that the reminder was sent.",
    ),
    "late_fee": (
        "Fee for paying late",
        "{bill} contains a fee of {amount} because an earlier bill was paid late: {name}.",
        "Late fee {amount} on {bill} ({name}). No fee is due for days on hold (dispute, plan, hardship); a waiver "
        "needs authority.",
    ),
    "one_off_item": (
        "Bought once",
        "{name} for {amount} was bought once. It will not be on your next bill.",
        "{bill} carries the single item {name}, {amount}; the next bill is lower by it.",
    ),
    "usage_above_free": (
        "More used than is free",
        "You used {used} {unit} of {name}; {free} are free, the rest comes to {amount}.",
        "{name} on {bill}: {used} {unit} used, {free} free, {amount} for the rest. The steps are on the line.",
    ),
    "late_usage": (
        "Use reported late",
        "{amount} of {bill} is for use of {name} from {first} to {last}, which was reported to us after that time "
        "had been billed.",
        "{bill} bills late reports for {name}, {first} to {last}, {amount}, at the price of that time.",
    ),
    "quantity_increased": (
        "More of it",
        "You have {after} of {name} now; on the bill before there were {before}.",
        "Quantity of {name} went from {before} to {after}; see the change on the timeline for who asked for it.",
    ),
    "add_on_added": (
        "Add-on added",
        "{name} was added on {since} and comes to {amount} on this bill.",
        "{name} is new on {bill} ({amount}), taken on {since}; see the timeline for who asked for it.",
    ),
    "tax_change": (
        "Tax rate changed",
        "Tax on {name} is {after} % now; before, it was {before} %. The price itself is not the reason.",
        "Rate on {name}: {before} % before, {after} % on {bill} ({tax} of tax). The rule is in the evidence of the "
        "bill.",
    ),
    "reverse_charge_began": (
        "Reverse charge began",
        "Your VAT id is confirmed, so {bill} carries no tax: you account for it yourself. Before, tax was {before} %.",
        "{bill} is under reverse charge; before, {before} %. The check of the VAT id is in the evidence of the bill.",
    ),
    "reverse_charge_ended": (
        "Reverse charge ended",
        "{bill} carries {after} % tax, because we could not confirm your VAT id for it. Send us a valid one, and we "
        "look at it again.",
        "Reverse charge no longer applies on {bill}: {after} %, {tax} on {name}. The reason is in the evidence of "
        "the bill.",
    ),
    "exchange_rate": (
        "Another currency",
        "Your bills changed currency: {bill} is {amount}, the one before was {before}. Part of what looks like a "
        "difference is the exchange rate.",
        "{bill} ({amount}) and the bill before ({before}) are in different currencies; explain the difference with "
        "the rates of the two days.",
    ),
    "first_bill_shorter": (
        "Part of a period",
        "{bill} covers {days} of {of} days, so {name} comes to {amount} instead of the full price. The next bill is "
        "for a whole period.",
        "{name} on {bill} is a stub: {days} of {of} days, {amount}.",
    ),
    "first_bill_longer": (
        "First bill for more than one period",
        "Your first bill covers {periods} periods of {name}, from {since} on. The next one is for a single period.",
        "{bill} bills {periods} periods of {name} from {since} on, because the first run came after the start.",
    ),
    "trial_ended": (
        "Trial ended",
        "The free trial of {name} ended, and since {since} it is billed: {amount}.",
        "{bill} is the first after the trial of {name}, billed from {since}. Check that the reminder was sent.",
    ),
    "free_plan_ended": (
        "No longer free",
        "{name} cost nothing before. Since {since} it has a price: {amount}.",
        "{name} was free and is billed on {bill} for the first time, {amount}; price version of {since}.",
    ),
    "plan_paused": (
        "Paused",
        "{plan} is paused since {on}, so nothing is renewed and no new bill comes for it.",
        "{plan} is paused since {on}; see the timeline for who asked and until when.",
    ),
    "plan_resumed": (
        "Goes on after a pause",
        "{plan} goes on since {on}, so it is billed again. The days of the pause are not billed.",
        "{plan} was resumed on {on}; the next bill starts from the day it went on.",
    ),
    "final_bill": (
        "Last bill",
        "{plan} is cancelled and ends before {end}. {bill} is its last bill: {amount}.",
        "{plan} is cancelled, first day without it {end}; {bill} ({amount}) covers nothing beyond that.",
    ),
    "billing_day_moved": (
        "Billing day moved",
        "The billing day of {plan} was moved on {on}. One bill covers other days than usual, and no day is billed "
        "twice.",
        "Billing day of {plan} moved on {on}; the stub between old and new day is on a bill of its own.",
    ),
    "failed_then_paid": (
        "First try failed, second went through",
        "On {on} {amount} could not be taken{card}. The second try, on {paid_on}, went through, so you paid once.",
        "{payment} failed on {on}; {retry} of {paid_on} took the same {amount}. The customer's bank may show both "
        "for some days.",
    ),
    "payment_failed": (
        "Payment failed",
        "On {on} we could not take {amount}{card}, and nothing has come since. Please pay another way, or check the "
        "card.",
        "{payment} over {amount} failed on {on} (code {code}); a bill is open. Never say that a card is lost or "
        "stolen.",
    ),
    "payment_pending": (
        "Authorisation hold",
        "Your bank holds {amount} since {on}{card}; it is not taken yet. If we do not take it, the hold drops by "
        "{drops}.",
        "{payment} over {amount} is pending since {on}; the hold drops by {drops}. Do not refund it: nothing was "
        "taken.",
    ),
    "duplicate_payment": (
        "Paid twice",
        "We received {amount} twice, on {first_on} and on {on}. The second paid no bill; {left} is yours as credit, "
        "or we send it back.",
        "{payment} of {on} repeats a payment of {first_on}; {left} of it is credit. Offer a refund or keep it as "
        "credit.",
    ),
    "overpayment": (
        "Paid more than was owed",
        "Of your payment of {amount} on {on}, {left} was more than you owed. It is kept as your credit.",
        "{payment}: {left} of {amount} settled no bill and is customer credit.",
    ),
    "partial_payment": (
        "Paid in part",
        "{paid} of {bill} is paid; {due} is still open and due on {by}.",
        "{bill} over {amount}: {paid} came in, {due} is open, due {by}.",
    ),
    "credit_applied": (
        "Credit used",
        "{used} of your credit paid for {bill}; {left} of credit is left.",
        "{bill}: {used} paid from credit, {left} left. The bank shows a smaller amount than the bill for that reason.",
    ),
    "credit_used_up": (
        "Credit used up",
        "Credit of {used} paid for {before}. It is used up, so {bill} is asked for in full: {amount}.",
        "{before} had {used} from credit, {bill} has none; the prices are not the reason for the higher amount asked "
        "for.",
    ),
    "refund_under_way": (
        "Refund on its way",
        "Your refund of {amount} is on its way. Your bank should show it by {by}.",
        "{refund} over {amount} ({reference}): approved or sent, bank shows it by {by} at the latest. Do not refund "
        "again.",
    ),
    "refund_failed": (
        "Refund did not arrive",
        "Your refund of {amount} could not be paid out. We try again; please tell us if the account has changed.",
        "{refund} over {amount} failed. Check the target with the customer, verified, before the next try.",
    ),
    "dispute_hold": (
        "In dispute",
        "{amount} is in dispute under {dispute} and not asked for meanwhile. You have an answer by {by}.",
        "{dispute}: {amount} on hold, answer due {by}. The rest of the account goes on as usual.",
    ),
    "chargeback": (
        "Taken back by the bank",
        "On {on} your bank took back {amount} of a payment. What it paid is open again until that is settled.",
        "Chargeback over {amount} of {on}. Do not refund the same payment; send the evidence before its day.",
    ),
    "voided_and_reissued": (
        "Bill replaced",
        "{old} was withdrawn, and {bill} takes its place. Only {bill} counts: {amount}.",
        "{old} is void, {bill} bills the same again ({amount}). A payment for {old} belongs to {bill}.",
    ),
    "written_off": (
        "Given up",
        "We no longer expect {given_up} of {bill}. If you pay it after all, it is counted.",
        "{bill}: {given_up} written off. A payment is still taken and brings it back from the loss.",
    ),
}
