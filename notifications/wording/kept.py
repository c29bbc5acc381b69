"""What fills the messages about cards and accounts kept on file, and about a plan that waits for its first payment."""

from __future__ import annotations

from django.conf import settings

from notifications.wording.speaker import Data, Speaker


def method(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what is kept, what was agreed and when, and where it is read and taken back."""
    return {
        "method": str(data["method"]),
        "reference": str(data["reference"]),
        "date": speaker.day(data["accepted_on"]),
        "page": f"{settings.PUBLIC_URL}/account/payment-methods/",
    }


def method_kept(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return that too, with how long ahead a debit is told."""
    days = int(str(data.get("notice_days") or 0))
    notice = " " + speaker.say("debit_notice", str(days)) if days else ""
    return {**method(data, speaker), "notice": notice}


def ordered(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return the plan and until when its first bill has to be paid."""
    return {"plan": str(data["plan"]), "until": f"{speaker.day(data['pay_by'])}, {speaker.clock(data['pay_by'])}"}


def expired(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return the plan, and the bill that nobody has to pay any more."""
    return {"plan": str(data["plan"]), "invoice": str(data["invoice"]), "amount": speaker.amount(data)}
