"""Telling customers things: wording, consent, delivery, and the notices sent ahead of time."""
