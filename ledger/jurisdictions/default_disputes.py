"""The shipped clocks of disputes, as data: our own promise everywhere, and where a law names days.

The two American regulations bind creditors and financial institutions, not an ordinary seller's bill; they apply where
a dispute is opened as one about a credit account (`credit`) or an electronic transfer (`transfer`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.jurisdictions.operations import RuleSpec

OWNER = "Billing operations"
_REG_Z = "Regulation Z, 12 CFR 1026.13(c), https://www.ecfr.gov/current/title-12/section-1026.13"
_REG_E = "Regulation E, 12 CFR 1005.11(c), https://www.ecfr.gov/current/title-12/section-1005.11"
#: Both were restated in these parts of the Code on this day. Source: 76 FR 79768 and 76 FR 81020.
_RESTATED_ON = date(2011, 12, 30)


def dispute_rules() -> list[RuleSpec]:
    """Return by when disputes are confirmed and answered."""
    after = {"appeal_days": 30, "take_back_days": 10}
    america: dict[str, Any] = {"country": "US", "customer_type": "consumer"}
    transfers = {"acknowledge_days": 10, "decide_days": 10, "is_business_days": True, "credited_days": 45}
    return [
        RuleSpec("dispute_clock", {"acknowledge_days": 2, "decide_days": 14, **after}, date(2021, 7, 1),
                 "Our own promise: confirmed within 2 days, answered within 14", OWNER,
                 note="Where no law names days for a bill"),
        RuleSpec("dispute_clock", {"acknowledge_days": 30, "decide_days": 90, **after}, _RESTATED_ON, _REG_Z, OWNER,
                 category="credit", **america,
                 note="Billing errors of credit accounts: confirmed in writing within 30 days, resolved within two "
                      "complete billing cycles and never later than 90 days"),
        RuleSpec("dispute_clock", {**transfers, **after}, _RESTATED_ON, _REG_E, OWNER, category="transfer", **america,
                 note="Errors of electronic transfers: determined within 10 business days, or within 45 days where the "
                      "amount is credited provisionally"),
    ]  # fmt: skip
