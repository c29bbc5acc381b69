"""The access policy we ship; supervisors change it in the admin."""

from ledger.entitlements.models import AccessPolicy


def ensure_policy() -> None:
    """Write the policy if there is none; what supervisors changed stays. Repeating it is harmless."""
    if not AccessPolicy.objects.exists():
        AccessPolicy.objects.create(name="Standard", grace_days=7, warning_days=2, suspended_after_days=14)
