"""StateField: the column of a state machine."""

from __future__ import annotations

from typing import Any

from django_fsm import FSMField


class StateField(FSMField):
    """A django-fsm field that a migration sees as the plain text column it is.

    Every FSMField listens for each class that is made. A migration makes thousands of short-lived ones, so that the
    listeners alone took half its time.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Return how to write this column into a migration: as text, without the rules of moving."""
        name, _, arguments, options = super().deconstruct()
        options.pop("protected", None)
        return name, "django.db.models.CharField", arguments, options
