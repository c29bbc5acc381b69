"""What pages about tax rules show besides the rules."""

from __future__ import annotations

from django import template
from django.utils import timezone

from ledger.charges.distance import Standing, standing
from ledger.fx.rates import NoRate

register = template.Library()


@register.simple_tag
def distance_sales() -> Standing | str | None:
    """Return where the sales to consumers in other member states stand today, or why that cannot be said."""
    try:
        return standing(timezone.localdate())
    except NoRate as missing:
        return str(missing)
