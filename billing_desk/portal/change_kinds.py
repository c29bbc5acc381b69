"""Which changes a customer may make alone: how each is called, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing_desk.portal.change_forms import (
    AddOnForm,
    BillingDayForm,
    CancelForm,
    ChangeForm,
    KeepForm,
    PauseForm,
    PlanForm,
    QuantityForm,
    ResumeForm,
)
from ledger.catalogue.queries import interval_of
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import ALLOWED
from ledger.subscriptions.terms import What


@dataclass(frozen=True)
class Kind:
    """One change: its title, long and short, the button, what it means beyond the figures, and what proof it takes.

    `asks_first`: something has to be filled in before there is anything to show.
    """

    title: str
    short: str
    button: str
    what: What
    form: type[ChangeForm]
    purpose: str
    done: str
    meaning: tuple[str, ...] = ()
    asks_first: bool = True


KINDS = {
    "plan": Kind(
        "Change plan", "Change plan", "Change the plan", What.PLAN, PlanForm, "change_plan", "Your plan is changed."
    ),
    "quantity": Kind(
        "Change quantity",
        "Quantity",
        "Change the quantity",
        What.QUANTITY,
        QuantityForm,
        "change_plan",
        "The quantity is changed.",
    ),
    "add-ons": Kind(
        "Add-ons",
        "Add-ons",
        "Change the add-on",
        What.TAKE_ADD_ON,
        AddOnForm,
        "change_plan",
        "Your add-ons are changed.",
    ),
    "billing-day": Kind(
        "Billing day",
        "Billing day",
        "Move the billing day",
        What.BILLING_DAY,
        BillingDayForm,
        "change_plan",
        "Your billing day moved.",
    ),
    "pause": Kind(
        "Pause your plan",
        "Pause",
        "Pause now",
        What.PAUSE,
        PauseForm,
        "pause",
        "Your plan is paused. Nothing renews until you resume it.",
        (
            "The days you have paid for and do not use are credited to you.",
            "While it is paused nothing renews and nothing is charged.",
            "You can resume it here at any time; it goes on by itself on the day named.",
        ),
    ),
    "resume": Kind(
        "Resume your plan",
        "Resume",
        "Resume now",
        What.RESUME,
        ResumeForm,
        "change_plan",
        "Your plan runs again.",
        ("Your plan runs again and renews on the day shown.",),
        asks_first=False,
    ),
    "keep": Kind(
        "Keep your plan",
        "Keep the plan",
        "Keep the plan",
        What.REINSTATE,
        KeepForm,
        "change_plan",
        "Your plan goes on.",
        ("The cancellation is taken back, and your plan renews as before.",),
        asks_first=False,
    ),
    "cancel": Kind(
        "Cancel your plan",
        "Cancel",
        "Cancel the plan",
        What.CANCEL,
        CancelForm,
        "cancel",
        "Your plan is cancelled. A confirmation is on its way to you.",
        (
            "It counts from the moment you press the button.",
            "It does not renew any more, and nothing further is charged for it.",
            "What you have paid for stays yours until the end of the period.",
            "What is still owed on earlier bills stays owed.",
            "Until it ends you can take this back here.",
        ),
        asks_first=False,
    ),
}


def is_possible(kind: Kind, plan: Subscription, today: date) -> bool:
    """Whether a change can be asked for at all: by the state, and by what the plan allows."""
    if plan.state not in ALLOWED[kind.what][0]:
        return False
    if kind.what == What.REINSTATE:
        return plan.ends_on is not None and plan.ends_on > today
    if kind.what == What.PAUSE:
        return plan.plan.longest_pause_days > 0
    if kind.what == What.QUANTITY:
        return not plan.plan.meter
    return kind.what != What.BILLING_DAY or interval_of(plan.plan).months > 0
