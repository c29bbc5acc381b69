"""What messages about disputes are filled with, beyond their opening and their plain decisions."""

from __future__ import annotations

from notifications.wording.speaker import Data, Speaker


def dispute(data: Data, speaker: Speaker) -> dict[str, str]:
    """Fill what every message about a dispute says."""
    return {"dispute": str(data["number"]), "amount": speaker.amount(data)}


def partly_upheld(data: Data, speaker: Speaker) -> dict[str, str]:
    """Fill a decision that is for the customer in part."""
    granted = speaker.amount({**data, "amount_minor": data["granted_minor"]})
    return {**dispute(data, speaker), "granted": granted, "explanation": str(data["explanation"])}


def answered_by(data: Data, speaker: Speaker) -> dict[str, str]:
    """Fill what says by when there is an answer: an appeal, a provisional credit."""
    return {**dispute(data, speaker), "answer_by": speaker.day(data["answer_by"])}


def taken_back_on(data: Data, speaker: Speaker) -> dict[str, str]:
    """Fill the notice that a provisional credit ends on a day."""
    return {**dispute(data, speaker), "date": speaker.day(data["take_back_on"])}
