"""What an agent fills in to change a subscription for a customer, in the words of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone

from billing_desk import plan_changes
from billing_desk.plan_changes import ChangeForm
from ledger.subscriptions.terms import Change, UnusedPart, What, When

WHENS = [
    ("", "As usual: more at once, less with the next bill"),
    (When.NOW, "At once"),
    (When.PERIOD_END, "With the next bill"),
]
ENDS = [("", "At the end of what is billed"), (When.NOW, "At once")]
UNUSED = [(UnusedPart.KEPT, "Nothing: it was agreed so"), (UnusedPart.CREDITED, "Given back by the day")]


class OnTheDesk(ChangeForm):
    """How every one of them stands on the page: beside other forms, so under names of its own."""

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="change_%s", **more)
        for field in self.fields.values():
            field.error_messages["required"] = "Please fill this in."


class ResumeForm(OnTheDesk, plan_changes.ResumeForm):
    """Go on after a pause."""


class KeepForm(OnTheDesk, plan_changes.KeepForm):
    """Take a cancellation back."""


class PlanForm(OnTheDesk, plan_changes.PlanForm):
    """Another plan."""

    when = forms.ChoiceField(label="From when", choices=WHENS, required=False)


class QuantityForm(OnTheDesk, plan_changes.QuantityForm):
    """How many."""

    when = forms.ChoiceField(label="From when", choices=WHENS, required=False)


class AddOnForm(OnTheDesk, plan_changes.AddOnForm):
    """An add-on, taken or ended."""

    help_texts = {"quantity": "0 ends an add-on they have."}


class BillingDayForm(OnTheDesk, plan_changes.BillingDayForm):
    """On which day of the month bills come."""


class PauseForm(OnTheDesk, plan_changes.PauseForm):
    """A pause, until a day."""


class CancelForm(OnTheDesk):
    """The end, which counts from when the customer asked for it, however late it is worked on."""

    what = What.CANCEL
    request_received_at = forms.DateTimeField(
        label="The request came in",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text="It counts from then. Days billed after it are given back.",
    )
    when = forms.ChoiceField(label="It ends", choices=ENDS, required=False)
    unused = forms.ChoiceField(label="Of paid days not used", choices=UNUSED, initial=UnusedPart.KEPT)
    words = forms.CharField(label="Why, if they said", max_length=2000, required=False)

    def clean_request_received_at(self) -> datetime:
        """Refuse a moment that is still to come: nobody asked yet."""
        moment: datetime = self.cleaned_data["request_received_at"]
        if moment > timezone.now():
            raise forms.ValidationError("That is still to come. When did the request reach us?")
        return moment

    def received_at(self) -> datetime | None:
        """Return when the request came in."""
        return cast("datetime | None", self.cleaned_data.get("request_received_at"))

    def change(self) -> Change:
        """Return the cancellation."""
        unused = UnusedPart(self.cleaned_data["unused"])
        return Change(What.CANCEL, when=self.from_when(), unused=unused, words=self.cleaned_data["words"])
