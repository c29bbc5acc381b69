"""The lead times we ship; supervisors change them in the admin."""

from notifications.notices.models import LeadTime

DEFAULTS = (
    # One notice in this window satisfies the strictest rule we know everywhere; monthly plans need none.
    {
        "kind": "renewal",
        "country": "",
        "region": "",
        "interval": "year",
        "earliest_days": 45,
        "latest_days": 15,
        "source": "California Bus. & Prof. Code §17602(b)(2)",
    },
)


def ensure_lead_times() -> None:
    """Write the lead times that are missing; what supervisors changed stays. Repeating it is harmless."""
    for default in DEFAULTS:
        names = {name: default[name] for name in ("kind", "country", "region", "interval")}
        LeadTime.objects.get_or_create(**names, defaults=default)
