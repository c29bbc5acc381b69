"""What fills the messages about money on its way back, gifts, and our own mistakes put right."""

from __future__ import annotations

from notifications.wording.figures import say_days
from notifications.wording.speaker import Data, Speaker


def refund(data: Data, speaker: Speaker) -> dict[str, str]:
    """A refund by its number and amount."""
    return {"refund": str(data["number"]), "amount": speaker.amount(data)}


def refund_declined(data: Data, speaker: Speaker) -> dict[str, str]:
    """With the reason."""
    return {**refund(data, speaker), "reason": str(data["reason"])}


def refund_expected(data: Data, speaker: Speaker) -> dict[str, str]:
    """With the days on which it should be there."""
    return {**refund(data, speaker), "arrives": _arrives(data, speaker)}


def refund_paid(data: Data, speaker: Speaker) -> dict[str, str]:
    """With where it went, when it arrives and how it is traced."""
    reference = str(data.get("reference") or data["number"])
    return {**refund_expected(data, speaker), "reference": reference, "card": speaker.card(data)}


def refund_returned(data: Data, speaker: Speaker) -> dict[str, str]:
    """With the card or account that did not take it."""
    return {**refund(data, speaker), "card": speaker.card(data)}


def refund_rerouted(data: Data, speaker: Speaker) -> dict[str, str]:
    """With the card or account it goes to now."""
    return {**refund_expected(data, speaker), "card": str(data["method"])}


def refund_delayed(data: Data, speaker: Speaker) -> dict[str, str]:
    """With the new days and the trace."""
    return {**refund_expected(data, speaker), "reference": str(data.get("reference") or data["number"])}


def _arrives(data: Data, speaker: Speaker) -> str:
    first, last = str(data.get("arrives_from") or ""), str(data.get("arrives_by") or "")
    if not first or not last or "None" in (first, last):
        return speaker.say("ten_bank_days")
    return say_days(speaker.local_day(first), speaker.local_day(last), speaker.language)


def adjustment(data: Data, speaker: Speaker) -> dict[str, str]:
    """What was given, how, and what for."""
    amount = speaker.amount(data)
    return {"amount": amount, "what": str(data["what"]), "how": speaker.say(f"given_{data['given_as']}", amount)}


def adjustment_reversed(data: Data, speaker: Speaker) -> dict[str, str]:
    """What was taken back and why."""
    return {"amount": speaker.amount(data), "what": str(data["what"]), "reason": str(data["reason"])}


def correction(data: Data, speaker: Speaker) -> dict[str, str]:
    """Our mistake in the words of the batch, in the customer's language where it has them."""
    words = data["words"]
    said = words.get(speaker.language) or words.get("en") or {} if isinstance(words, dict) else {}
    others = int(str(data.get("others") or 0))
    phrase = {0: "nobody_else_corrected", 1: "one_other_corrected"}.get(others, "others_corrected")
    return {
        "amount": speaker.amount(data),
        "invoice": str(data["invoice"]),
        "what": str(said.get("what", "")),
        "why": str(said.get("why", "")),
        "fixed": str(said.get("fixed", "")),
        "others": speaker.say(phrase, str(others)),
    }


def correction_taken_back(data: Data, speaker: Speaker) -> dict[str, str]:
    """What is charged again and why."""
    return {"amount": speaker.amount(data), "invoice": str(data["invoice"]), "reason": str(data["reason"])}
