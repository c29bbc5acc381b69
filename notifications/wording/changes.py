"""What the messages about changes of a plan, and offers of one, are filled with.

Every function reads the data of its event, with `subject` and `occurred_at` of the event itself (see tell_customer).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from notifications.wording.figures import say_day
from notifications.wording.speaker import Data, Speaker

#: What is changed (ledger/subscriptions/terms.py), and the phrase that says so.
PHRASE_OF = {"take_add_on": "add_ons", "drop_add_on": "add_ons"}
WITH_OLD_AND_NEW = {"plan", "quantity", "add_ons", "billing_day"}


def plan_and_day(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return the plan and the day it renews on."""
    return {"plan": str(data["plan"]), "date": speaker.day(data["renews_on"])}


def changed(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what was changed: old and new, from when, what it comes to now, and the next bill."""
    old, new = _old_and_new(data, speaker)
    return {
        "plan": str(data["plan"]),
        "old": old,
        "new": new,
        "date": speaker.day(data["effective_on"]),
        "settled": _settled(data, speaker),
        "next_bill": _next_bill(data, speaker),
        "page": _page(data),
    }


def changed_with_losses(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what was changed, and what is no longer there."""
    return {**changed(data, speaker), "lost": _lost(data, speaker)}


def scheduled(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what waits for its day, and the first bill after it."""
    return {**withdrawn(data, speaker), "lost": _lost(data, speaker), "next_bill": _next_bill(data, speaker)}


def withdrawn(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what waited for its day."""
    what = PHRASE_OF.get(str(data["what"]), str(data["what"]))
    fill = _old_and_new(data, speaker) if what in WITH_OLD_AND_NEW else ()
    return {
        "plan": str(data["plan"]),
        "date": speaker.day(data["effective_on"]),
        "change": speaker.say(f"change_{what}", *fill),
        "page": _page(data),
    }


def cancelled(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return when the wish came, the last day of service, and the way back while there is one."""
    received = speaker.local_day(data.get("received_at") or data["occurred_at"])
    ends_on = speaker.local_day(data.get("effective_on") or data["renews_on"])
    is_over = ends_on <= speaker.local_day(data["occurred_at"])
    return {
        "plan": str(data["plan"]),
        "received": say_day(received, speaker.language),
        "date": say_day(max(received, ends_on - timedelta(days=1)), speaker.language),
        "use": speaker.say("use_until_then") if data.get("warnings") else "",
        "settled": _settled(data, speaker),
        "undo": speaker.say("undo_by_reply") if is_over else speaker.say("undo_cancelling", _page(data)),
    }


def paused(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what is credited for the pause, and when it ends by itself."""
    resumes_on = data.get("resumes_on")
    return {
        **plan_and_day(data, speaker),
        "settled": _settled(data, speaker),
        "goes_on": speaker.say("goes_on", speaker.day(resumes_on)) if resumes_on else "",
        "page": _page(data),
    }


def resumed(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return from when a plan is billed again, and the next bill."""
    return {**plan_and_day(data, speaker), "next_bill": _next_bill(data, speaker)}


def reinstated(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return when a plan renews after all, and the next bill."""
    return {**resumed(data, speaker), "settled": _settled(data, speaker), "page": _page(data)}


def trial_ended(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return the first day that is billed."""
    return {**plan_and_day(data, speaker), "page": _page(data)}


def offered(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return the terms of an offer, from when they count and until when they can be accepted."""
    plan = str(data["plan"])
    if data.get("price_minor") is not None:
        terms = speaker.say("offer_price", plan, speaker.amount(data, "price_minor"))
    elif data.get("percent") is not None:
        figure = str(data["percent"])
        figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
        terms = speaker.say("offer_percent", plan, figure.replace(".", ",") if speaker.language == "de" else figure)
    else:
        terms = speaker.say("offer_list", plan)
    if data.get("ends_on"):
        last = speaker.local_day(data["ends_on"]) - timedelta(days=1)
        terms += speaker.say("offer_until", say_day(last, speaker.language))
    else:
        terms += speaker.say("offer_open")
    return {
        "plan": plan,
        "offer": terms,
        "date": speaker.day(data["starts_on"]),
        "until": speaker.day(data["open_until"]),
        "page": _page(data),
    }


def _settled(data: Data, speaker: Speaker) -> str:
    """Say what is charged or credited now, as it was confirmed."""
    total, credited = (int(str(data.get(name) or 0)) for name in ("total_minor", "credited_minor"))
    if total < 0:
        return speaker.say("credited_now", speaker.money(-total, data))
    if total > 0 and credited:
        figures = (speaker.money(minor, data) for minor in (total, total + credited, credited))
        return speaker.say("due_less_credit", *figures)
    return speaker.say("due_now", speaker.money(total, data)) if total else speaker.say("nothing_now")


def _next_bill(data: Data, speaker: Speaker) -> str:
    if data.get("next_bill_on") is None or data.get("next_bill_minor") is None:
        return speaker.say("next_bill_later")
    return speaker.say("next_bill", speaker.day(data["next_bill_on"]), speaker.amount(data, "next_bill_minor"))


def _old_and_new(data: Data, speaker: Speaker) -> tuple[str, str]:
    old, new = str(data["old"]), str(data["new"])
    if data["what"] == "billing_day":
        return speaker.say("billing_day", old.rstrip(".")), speaker.say("billing_day", new.rstrip("."))
    return old or speaker.say("none"), new or speaker.say("none")


def _lost(data: Data, speaker: Speaker) -> str:
    lost = data.get("lost_features")
    names = [str(name) for name in lost] if isinstance(lost, Iterable) and not isinstance(lost, str) else []
    return speaker.say("no_longer", ", ".join(names)) if names else ""


def _page(data: Data) -> str:
    number = str(data.get("subscription_id") or "") or str(data["subject"]).partition(":")[2]
    return f"{settings.PUBLIC_URL}/account/subscriptions/{number}/"
