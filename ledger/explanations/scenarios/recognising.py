"""recognise: every scenario over one account, best fit first."""

from __future__ import annotations

from datetime import date

from ledger.explanations.scenarios import lines, money, plans
from ledger.explanations.scenarios.facts import AccountFacts
from ledger.explanations.scenarios.finding import Finding
from ledger.explanations.scenarios.loading import load_account

DETECTORS = (*lines.DETECTORS, *plans.DETECTORS, *money.DETECTORS)
#: What is added to the fit of a finding about the bill that is asked about; a week takes one away.
ABOUT_THE_BILL = 10


def recognise(customer_id: int, *, today: date, invoice_id: int | None = None) -> list[Finding]:
    """Return the situations an account is in, best fit first, in a fixed number of queries.

    With an invoice, what concerns it counts more.

    :raises NoSuchCustomer: if there is none
    :raises NoSuchInvoice: if the invoice is not this customer's
    """
    return recognise_in(load_account(customer_id, today=today, invoice_id=invoice_id))


def recognise_in(facts: AccountFacts) -> list[Finding]:
    """Return the situations in facts that are loaded, best fit first; the same thing is found once."""
    found = {(one.scenario, one.refs): one for detect in DETECTORS for one in detect(facts)}

    def rank(one: Finding) -> tuple[int, int, str, tuple[str, ...]]:
        about = ABOUT_THE_BILL if facts.about is not None and f"invoice:{facts.about}" in one.refs else 0
        weeks = max(0, (facts.today - one.on).days) // 7
        return -(one.fit + about - weeks), -one.on.toordinal(), one.scenario, one.refs

    return sorted(found.values(), key=rank)
