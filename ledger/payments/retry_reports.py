"""recovery_by_cause: what came of payments that failed, by why they failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from ledger.money import Money
from ledger.payments.declines_codes import find_reason

#: A customer whose card was tried more often than this for one bill was troubled too much.
TOO_OFTEN = 6

# Each bill counts once, under the first failure of a try the schedule made; it is recovered by the first attempt that
# succeeded after it.
FIRST_FAILURES = """
WITH first AS (
    SELECT DISTINCT ON (a.invoice_id) a.invoice_id, a.id, a.failure_code, a.currency, a.started_at
    FROM ledger_attempt a
    WHERE a.trigger = 'schedule' AND a.state = 'failed' AND a.started_at >= %(since)s AND a.started_at < %(until)s
    ORDER BY a.invoice_id, a.started_at, a.id
)
SELECT first.failure_code, first.currency, paid.amount_minor, tries.made,
       (SELECT count(*) FROM ledger_retry r WHERE r.invoice_id = first.invoice_id AND r.state = 'done')
FROM first
LEFT JOIN LATERAL (SELECT a.id, a.amount_minor FROM ledger_attempt a
                   WHERE a.invoice_id = first.invoice_id AND a.state = 'succeeded' AND a.id > first.id
                   ORDER BY a.id LIMIT 1) paid ON true
LEFT JOIN LATERAL (SELECT count(*) AS made FROM ledger_attempt a WHERE a.invoice_id = first.invoice_id) tries ON true
"""


@dataclass(slots=True)
class RecoveryRow:
    """What came of one cause in one currency."""

    cause: str
    family: str
    currency: str
    failed: int = 0
    recovered: int = 0
    amount_minor: int = 0
    retries: int = 0
    retries_of_recovered: int = field(default=0, repr=False)
    troubled: int = 0

    @property
    def label(self) -> str:
        """The cause in words."""
        return self.cause.replace("_", " ").capitalize()

    @property
    def shown_amount(self) -> str:
        """What came in after all, as people write it."""
        return self.amount.display()

    @property
    def amount(self) -> Money:
        """What came in after all."""
        return Money(self.amount_minor, self.currency)

    @property
    def rate_percent(self) -> int:
        """How many of a hundred failed bills were paid after all."""
        return round(100 * self.recovered / self.failed) if self.failed else 0

    @property
    def retries_per_recovery(self) -> float | None:
        """How many planned tries one recovered bill took; None where nothing was recovered."""
        return round(self.retries_of_recovered / self.recovered, 1) if self.recovered else None


def recovery_by_cause(*, since: datetime, until: datetime) -> list[RecoveryRow]:
    """Return what came of the bills whose scheduled payment failed first within a span, the commonest cause first."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_FAILURES, {"since": since, "until": until})
        found = cursor.fetchall()
    rows: dict[tuple[str, str], RecoveryRow] = {}
    for code, currency, paid_minor, made, retries in found:
        cause = find_reason(code).cause
        row = rows.setdefault((cause.name, currency), RecoveryRow(cause.name, cause.family, currency))
        row.failed += 1
        row.retries += retries
        row.troubled += int(made > TOO_OFTEN)
        if paid_minor is not None:
            row.recovered += 1
            row.amount_minor += paid_minor
            row.retries_of_recovered += retries
    return sorted(rows.values(), key=lambda row: (-row.failed, row.cause, row.currency))
