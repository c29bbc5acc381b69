"""What of an event leaves the house, in the feed and in webhooks: never names, addresses, words or hashes."""

from __future__ import annotations

from typing import Any

COLUMNS = ("id", "kind", "subject", "customer_id", "occurred_at", "data")

#: Members of an event's data that integrations see; whatever is not listed stays inside.
PUBLIC_DATA = frozenset(
    {
        "number", "amount_minor", "currency", "net_minor", "tax_minor", "total_minor", "paid_minor", "credited_minor",
        "state", "conversation", "reason", "code", "reference", "card", "plan", "plan_code", "renews_on", "due_on",
        "due_at", "answer_by", "charge", "charge_id", "invoice", "invoice_id", "line_id", "payment", "payment_id",
        "refund_id", "dispute_id", "external_id", "channel", "topic", "queue", "level", "purpose",
        "product", "rule", "version", "subscription_id", "starts_on", "ends_on", "effective_on", "first_on", "last_on",
        "added",
    }
)  # fmt: skip
#: A code is a decline code in these kinds only; anywhere else the word might mean a secret.
KINDS_WITH_CODE = frozenset({"payment.failed", "refund.failed"})


def public_event(row: dict[str, Any]) -> dict[str, Any]:
    """Return one event (a `.values(*COLUMNS)` row) as integrations see it."""
    data = {name: value for name, value in row["data"].items() if name in PUBLIC_DATA and not isinstance(value, dict)}
    if row["kind"] not in KINDS_WITH_CODE:
        data.pop("code", None)
    return {**{name: row[name] for name in COLUMNS if name != "data"}, "data": data}
