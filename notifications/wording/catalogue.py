"""Every message this product can send: its placeholders, and which of them no wording may leave out."""

from __future__ import annotations

from dataclasses import dataclass

#: The last resort of every language.
LAST_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """What may be filled in, what must appear, and when the message goes out (for the supervisor who edits it).

    What is tagged `advice` comes near it, and is published only where its disclaimer is written in every language.
    """

    placeholders: tuple[str, ...]
    must: tuple[str, ...]
    when: str
    tag: str = "information"


def _wording(placeholders: str, must: str, when: str, tag: str = "information") -> Wording:
    return Wording(tuple(placeholders.split()), tuple(must.split()), when, tag)


#: What every message about a change of a plan is filled with, and must say.
CHANGE = "plan old new date settled next_bill page"
CHANGE_MUST = "old new date settled next_bill"

WORDINGS: dict[str, Wording] = {
    "ticket_acknowledged": _wording(
        "case promise name files", "case promise files", "A question has arrived; {{files}} names refused files."
    ),
    "files_refused": _wording("case files", "case files", "Files of a later message were refused."),
    "one_time_code": _wording("code purpose minutes link", "code minutes", "Somebody has to prove who they are."),
    "sign_in_link": _wording("link minutes", "link minutes", "A customer asked to sign in."),
    "dispute_opened": _wording("dispute amount what answer_by case", "amount answer_by", "A charge is contested."),
    "dispute_upheld": _wording("dispute amount explanation", "amount explanation", "A dispute was upheld."),
    "dispute_rejected": _wording("dispute amount explanation", "amount explanation", "A dispute was rejected."),
    "dispute_withdrawn": _wording("dispute amount", "amount", "The customer took a dispute back."),
    "dispute_partly_upheld": _wording(
        "dispute amount granted explanation", "amount granted explanation", "A dispute was upheld in part."
    ),
    "dispute_appealed": _wording("dispute amount answer_by", "amount answer_by", "A dispute is looked at once more."),
    "provisional_credit_given": _wording(
        "dispute amount answer_by", "amount answer_by", "A paid amount in dispute is credited before the decision."
    ),
    "provisional_credit_ending": _wording(
        "dispute amount date", "amount date", "Credit given before a decision will be taken back on {{date}}."
    ),
    "provisional_credit_reversed": _wording(
        "dispute amount", "amount", "Credit given before a decision was taken back."
    ),
    "refund_requested": _wording("refund amount", "amount", "A refund waits for approval."),
    "refund_approved": _wording("refund amount arrives", "amount", "A refund was approved."),
    "refund_declined": _wording("refund amount reason", "amount reason", "A refund was not approved."),
    "refund_paid": _wording("refund amount reference card arrives", "amount reference", "A refund was paid out."),
    "refund_failed": _wording("refund amount", "amount", "A refund could not be paid out."),
    "refund_cancelled": _wording("refund amount", "amount", "A refund was called off."),
    "refund_returned": _wording("refund amount card", "amount", "A refund came back from the bank."),
    "refund_credited": _wording("refund amount", "amount", "A refund became credit on the account."),
    "refund_rerouted": _wording("refund amount card arrives", "amount card", "A refund goes to another account."),
    "refund_delayed": _wording("refund amount arrives reference", "amount arrives", "A refund takes longer than told."),
    "refund_held": _wording("refund amount", "amount", "Refunds are frozen, and this one waits."),
    "adjustment_granted": _wording("amount what how", "how", "Something was given: credit, a fee, a discount."),
    "adjustment_reversed": _wording("amount what reason", "amount reason", "Something given was taken back."),
    "correction_made": _wording(
        "amount invoice what why fixed others", "amount invoice what", "We charged too much, and put it right."
    ),
    "correction_taken_back": _wording("amount invoice reason", "amount reason", "A correction was wrong itself."),
    "renewal_notice": _wording(
        "plan amount date cancel_link", "plan amount date cancel_link", "A plan renews within the notice period."
    ),
    "payment_failed": _wording("amount cause next_step", "amount cause next_step", "A payment did not go through."),
    "price_change": _wording(
        "plan old new date page", "plan old new date page", "A higher price is coming, within the days of notice."
    ),
    "card_expiring": _wording(
        "card month date page", "card month page", "A card expires: thirty days ahead, and again seven."
    ),
    "payment_received": _wording("amount", "amount", "A payment has arrived."),
    "payment_delayed": _wording("invoice amount", "invoice amount", "A technical fault of ours delays a payment."),
    "payment_doubled": _wording("invoice amount card", "invoice amount", "More arrived for a bill than it asked for."),
    "payment_link": _wording("invoice amount link until", "amount link", "A link to pay a bill without signing in."),
    "invoice_issued": _wording("invoice amount due how_to_pay", "invoice amount due", "A bill was issued."),
    "subscription_started": _wording("plan date", "plan date", "A plan has begun."),
    "subscription_ordered": _wording("plan until", "plan until", "A plan begins once its first bill is paid."),
    "subscription_expired": _wording("plan invoice amount", "plan invoice", "Nobody paid the first bill of a plan."),
    "method_kept": _wording(
        "method reference date notice page", "method reference page", "A card or account was put on file as agreed."
    ),
    "mandate_revoked": _wording("method reference date page", "method reference", "A consent to charge has ended."),
    "subscription_cancelled": _wording(
        "plan date received use settled undo",
        "plan date received settled",
        "A plan was cancelled; {{date}} is its last day.",
    ),
    "subscription_paused": _wording("plan date settled goes_on page", "plan settled", "A plan was paused."),
    "subscription_resumed": _wording("plan date next_bill", "plan date", "A paused plan goes on."),
    "subscription_plan_changed": _wording(f"{CHANGE} lost", CHANGE_MUST, "A plan was changed to another."),
    "subscription_quantity_changed": _wording(CHANGE, CHANGE_MUST, "The quantity of a plan was changed."),
    "subscription_add_on_added": _wording(CHANGE, CHANGE_MUST, "An add-on was added to a plan."),
    "subscription_add_on_removed": _wording(f"{CHANGE} lost", CHANGE_MUST, "An add-on was taken out of a plan."),
    "subscription_billing_day_moved": _wording(CHANGE, CHANGE_MUST, "The billing day of a plan was moved."),
    "subscription_change_scheduled": _wording(
        "plan date change lost next_bill page", "plan date change next_bill page", "A change waits for its day."
    ),
    "subscription_change_withdrawn": _wording(
        "plan date change page", "plan date change", "A change that waited was taken back."
    ),
    "subscription_reinstated": _wording(
        "plan date settled next_bill page", "plan date next_bill", "A cancellation was taken back."
    ),
    "subscription_trial_ended": _wording("plan date page", "plan date", "A trial has ended; the plan is billed now."),
    "payment_method_chosen": _wording(
        "what card next date page", "what card date page", "A customer chose with which card something is paid."
    ),
    "payment_method_choice_undone": _wording("what card next page", "what card", "A choice of a card was taken back."),
    "delivery_chosen": _wording("how date page", "how date", "A customer chose bills on paper or by e-mail."),
    "delivery_undone": _wording("how page", "how", "A choice of paper or e-mail was taken back."),
    "save_offer_accepted": _wording("plan offer page", "plan offer", "Somebody took the offer instead of cancelling."),
    "agreement_offered": _wording("plan offer date until page", "offer date until page", "New terms are offered."),
    "payment_reminder": _wording("amount bills page", "amount bills", "A bill is overdue: the first reminder."),
    "second_reminder": _wording("amount bills page", "amount bills", "A bill is still overdue: the second reminder."),
    "restriction_warning": _wording("amount bills page", "amount bills", "The ladder warns that access may end."),
    "final_notice": _wording("amount bills page", "amount bills", "The last reminder of the ladder."),
    "late_fee_charged": _wording("amount invoice explanation", "amount explanation", "Late payment was charged for."),
    "late_fee_waived": _wording("amount invoice", "amount", "A fee for late payment was let go."),
    "promise_agreed": _wording("amount date page", "amount date", "A customer promised to pay by a day."),
    "promise_broken": _wording("amount date came page", "amount date", "The day has passed and nothing was paid."),
    "promise_partly_kept": _wording("amount date came page", "amount came", "Less was paid than was promised."),
    "access_warning": _wording("amount why date page", "amount date", "Access will be restricted on {{date}}."),
    "access_restricted": _wording("amount why date page", "amount why", "Access is restricted."),
    "access_suspended": _wording("amount why date page", "amount why", "Access is suspended."),
    "access_restored": _wording("time", "time", "Access was given back."),
    "invoice_voided": _wording("invoice amount afterwards", "invoice amount", "A bill was withdrawn."),
    "credit_note_issued": _wording(
        "number invoice amount reason", "number invoice amount", "A bill was corrected, and nothing else tells of it."
    ),
    "payment_plan_offered": _wording(
        "number amount parts first date until page", "amount parts date page", "A payment plan waits for a yes."
    ),
    "payment_plan_declined": _wording("number amount reason page", "amount reason", "A plan was not approved."),
    "payment_plan_agreed": _wording(
        "number amount parts first date page", "amount parts date", "A payment plan was agreed to; it is attached."
    ),
    "payment_plan_changed": _wording(
        "number change left schedule", "change left schedule", "A correction or dispute changed a payment plan."
    ),
    "payment_plan_kept": _wording("number amount", "amount", "The last instalment was paid."),
    "payment_plan_settled_early": _wording("number amount", "amount", "A payment plan was settled before its end."),
    "payment_plan_defaulted": _wording("number left page", "left", "A missed instalment was not made good in time."),
    "payment_plan_cancelled": _wording("number left page", "left", "A payment plan was called off or lapsed."),
    "instalment_coming": _wording("number amount date way", "amount date way", "An instalment is due in three days."),
    "instalment_missed": _wording("number amount until page", "amount until page", "An instalment was not paid."),
    "hardship_started": _wording(
        "stopped advisers disclaimer page", "stopped advisers disclaimer", "A customer cannot pay.", "advice"
    ),
    "hardship_ended": _wording("date", "date", "Help in hardship has ended; {{date}} is the day."),
    "stop_confirmed": _wording("", "", "A customer wrote STOP."),
    "help": _wording("phone hours", "phone hours", "A customer wrote HELP."),
}

#: What must stay out of subjects: they are kept and shown to staff, and on locked phones.
SECRETS = frozenset({"code", "link"})

#: What a preview shows in place of live data.
EXAMPLES: dict[str, str] = {
    "case": "#1042",
    "promise": "Monday, 2 March, 14:00",
    "name": "Ada Berg",
    "files": "\n\n- photo.png is refused: it is not what its name says.",
    "phone": "+49 30 901820",
    "hours": "Mon–Fri 09:00–17:30",
    "code": "482913",
    "purpose": "a refund",
    "minutes": "10",
    "link": "https://desk.example/account/",
    "dispute": "D-000007",
    "amount": "€49.00",
    "what": "Studio plan, March 2026",
    "answer_by": "16 March 2026",
    "granted": "€20.00",
    "explanation": "The plan was billed twice for the same month.",
    "refund": "R-000003",
    "reason": "The charge is for March, when the plan was in use.",
    "reference": "re_4711",
    "card": "the card ending in 4242",
    "plan": "Studio",
    "date": "15 April 2026",
    "cancel_link": "https://desk.example/account/subscriptions/",
    "cause": "The card has expired.",
    "next_step": "Please give us the new expiry date.",
    "invoice": "2026-000118",
    "due": "31 March 2026",
    "how_to_pay": "Please transfer to DE89 3704 0044 0532 0130 00, quoting 2026-000118, or pay in your account.",
    "old": "Studio",
    "new": "Studio Plus",
    "settled": "We charge €12.40 for it now: €20.00 for the new terms, less €7.60 for what was not used.",
    "next_bill": "Your next bill comes on 15 April 2026: €29.75 including tax; use that is metered comes on top.",
    "month": "April 2026",
    "page": "https://desk.example/account/subscriptions/7/",
    "method": "Visa 4242",
    "notice": " We tell you of each debit at least 2 days ahead.",
    "lost": " No longer included: Chat.",
    "next": "The next charge is on 15 April 2026: €29.75 for Studio.",
    "change": "the plan changes from Studio to Studio Plus",
    "received": "2 March 2026",
    "use": ", except what you use until then where it is metered",
    "undo": "You can take the cancellation back until then: https://desk.example/account/subscriptions/7/",
    "goes_on": "It goes on by itself on 15 April 2026.",
    "offer": "Studio at €20.00 per unit and billing period, without an end",
    "until": "15 April 2026",
    "bills": "- 2026-000118: €49.00, due 31 March 2026",
    "came": "€20.00",
    "time": "10:04",
    "afterwards": "What it was for is charged on a new bill.",
    "number": "CN-2026-000003",
    "parts": "3",
    "first": "€33.34",
    "left": "€66.66",
    "schedule": "- 1 April 2026: €33.33\n- 4 May 2026: €33.33",
    "way": "We charge it to the payment method on file.",
    "stopped": "We send no reminders, charge no late fees and restrict nothing for now.",
    "advisers": "Free, independent advice:\n- Points conseil budget · https://www.mesquestionsdargent.fr",
    "disclaimer": "This is information about your account, not legal, tax or financial advice.",
    "arrives": "Mar 6 – 10, 2026",
    "how": "We have given you €5.00 as credit; it pays your next bill by itself.",
    "why": "A price list was loaded with last year's figures.",
    "fixed": "Two people now compare every price list with the one that was agreed.",
    "others": "37 other customers were charged wrongly too. All of them are corrected.",
}


def languages_to_try(tag: str) -> list[str]:
    """Return the declared order of languages for a tag: `de-DE`, then `de`, then English."""
    clean = tag.replace("_", "-").strip()
    order = [clean, clean.partition("-")[0].lower(), LAST_LANGUAGE]
    return [language for index, language in enumerate(order) if language and language not in order[:index]]
