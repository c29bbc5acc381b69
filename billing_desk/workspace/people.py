"""Names of staff, so that screens say Mia and not agent:7."""

from __future__ import annotations

from billing_desk.models import User


def staff_names() -> dict[str, str]:
    """Return the short name of every member of staff by user id, in one query."""
    rows = User.objects.values_list("pk", "first_name", "username")
    return {str(pk): first_name or username.capitalize() for pk, first_name, username in rows}


def colleagues() -> list[tuple[int, str]]:
    """Return the active members of staff who work tickets, by name."""
    rows = User.objects.filter(is_active=True, groups__name__in=["agent", "senior_agent", "supervisor", "finance"])
    names = {
        pk: first or username.capitalize() for pk, first, username in rows.values_list("pk", "first_name", "username")
    }
    return sorted(names.items(), key=lambda pair: pair[1])
