"""Which changes a customer may make alone: how each is called, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from billing_desk.plan_changes import ChangeKind, why_impossible
from billing_desk.portal.change_forms import (
    AddOnForm,
    BillingDayForm,
    CancelForm,
    KeepForm,
    PauseForm,
    PlanForm,
    QuantityForm,
    ResumeForm,
)
from billing_desk.reading import Words
from ledger.subscriptions.models import Subscription


@dataclass(frozen=True)
class Kind(ChangeKind):
    """One change: its title, long and short, the button, what is said when it is done, what it means besides."""

    title: Words
    short: Words
    button: Words
    done: Words
    meaning: tuple[Words, ...] = ()


KINDS = {
    "plan": Kind(_("Change plan"), _("Change plan"), _("Change the plan"), _("Your plan is changed."), form=PlanForm),
    "quantity": Kind(
        _("Change quantity"), _("Quantity"), _("Change the quantity"), _("The quantity is changed."), form=QuantityForm
    ),
    "add-ons": Kind(_("Add-ons"), _("Add-ons"), _("Change the add-on"), _("Your add-ons are changed."), form=AddOnForm),
    "billing-day": Kind(
        _("Billing day"), _("Billing day"), _("Move the billing day"), _("Your billing day moved."), form=BillingDayForm
    ),
    "pause": Kind(
        _("Pause your plan"),
        _("Pause"),
        _("Pause now"),
        _("Your plan is paused. Nothing renews until you resume it."),
        (
            _("The days you have paid for and do not use are credited to you."),
            _("While it is paused nothing renews and nothing is charged."),
            _("You can resume it here at any time; it goes on by itself on the day named."),
        ),
        form=PauseForm,
        purpose="pause",
    ),
    "resume": Kind(
        _("Resume your plan"),
        _("Resume"),
        _("Resume now"),
        _("Your plan runs again."),
        (_("Your plan runs again and renews on the day shown."),),
        form=ResumeForm,
        asks_first=False,
    ),
    "keep": Kind(
        _("Keep your plan"),
        _("Keep the plan"),
        _("Keep the plan"),
        _("Your plan goes on."),
        (_("The cancellation is taken back, and your plan renews as before."),),
        form=KeepForm,
        asks_first=False,
    ),
    "cancel": Kind(
        _("Cancel your plan"),
        _("Cancel"),
        _("Cancel the plan"),
        _("Your plan is cancelled. A confirmation is on its way to you."),
        (
            _("It counts from the moment you press the button."),
            _("It does not renew any more, and nothing further is charged for it."),
            _("What you have paid for stays yours until the end of the period."),
            _("What is still owed on earlier bills stays owed."),
            _("Until it ends you can take this back here."),
        ),
        form=CancelForm,
        purpose="cancel",
        asks_first=False,
    ),
}


def is_possible(kind: Kind, plan: Subscription, today: date) -> bool:
    """Whether a change can be asked for at all: by the state, and by what the plan allows."""
    return not why_impossible(kind, plan, today)
