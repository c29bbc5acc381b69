"""What messages about a customer's own choices are filled with: how they pay, how bills come, an offer they took."""

from __future__ import annotations

from django.conf import settings

from notifications.wording.speaker import Data, Speaker

METHODS = "/account/payment-methods/"
SETTINGS = "/account/preferences/"


def method(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what is paid with which card now, when it is used next, and until when that can be taken back."""
    return {
        "what": _what(data, speaker),
        "card": str(data.get("method") or "") or speaker.say("newest_card"),
        "next": _next(data, speaker),
        "date": speaker.day(data["undo_until"]),
        "page": settings.PUBLIC_URL + METHODS,
    }


def method_undone(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what is paid as it was before."""
    return {
        "what": _what(data, speaker),
        "card": str(data.get("method_before") or "") or speaker.say("newest_card"),
        "next": _next(data, speaker),
        "page": settings.PUBLIC_URL + METHODS,
    }


def _what(data: Data, speaker: Speaker) -> str:
    if data.get("number"):
        return speaker.say("pays_bill", str(data["number"]))
    return speaker.say("pays_plan", str(data["plan"])) if data.get("plan") else speaker.say("pays_everything")


def _next(data: Data, speaker: Speaker) -> str:
    if not data.get("next_on"):
        return speaker.say("nothing_next")
    name = "charged_next" if data.get("is_exact") else "charged_next_about"
    return speaker.say(name, speaker.day(data["next_on"]), speaker.amount(data, "next_minor"), str(data["next_what"]))


def delivery(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return how bills come from now on, and until when that can be taken back."""
    return {**delivery_undone(data, speaker), "date": speaker.day(data["undo_until"])}


def delivery_undone(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return how bills come from now on."""
    return {"how": speaker.say(f"bills_by_{data['way']}"), "page": settings.PUBLIC_URL + SETTINGS}


def offer(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return what an accepted offer gives; the page is that of the plan."""
    if data["what"] == "pause":
        given = speaker.say("offer_pause", speaker.day(data["until"]))
    else:
        figure = str(data["percent"])
        figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
        figure = figure.replace(".", ",") if speaker.language == "de" else figure
        bills = str(data["bills"])
        given = speaker.say("offer_off_next", figure) if bills == "1" else speaker.say("offer_off", figure, bills)
    page = f"{settings.PUBLIC_URL}/account/subscriptions/{data['subscription_id']}/"
    return {"plan": str(data["plan"]), "offer": given, "page": page}
