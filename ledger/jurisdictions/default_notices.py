"""The other shipped rules, as data: notice windows, ways to cancel, late payment, withdrawal, language, advice.

What a source only reports (a law firm's note, a newspaper) is said in the note; a supervisor confirms each rule.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.jurisdictions.operations import RuleSpec

OWNER = "Billing operations"
_BEGINS_ON = date(2021, 7, 1)
_CALIFORNIA_ON = date(2025, 7, 1)
_CALIFORNIA = (
    "California Business and Professions Code § 17602 as amended by AB 2863, https://leginfo.legislature.ca.gov"
)
_NEW_YORK = "New York General Business Law § 527-a, https://www.nysenate.gov/legislation/laws/GBS/527-A"
_OURS = "Our own policy: one conservative profile where no law names days; card schemes ask 7 days"
_BGB = "https://www.gesetze-im-internet.de/bgb"


def other_rules() -> list[RuleSpec]:
    """Return the rules that are not about tax."""
    return [*_notices(), *_cancellation(), *_late_payment(), *_consumers()]


def _rule(kind: str, params: dict[str, Any], source: str, note: str, **more: Any) -> RuleSpec:
    return RuleSpec(kind, params, more.pop("valid_from", _BEGINS_ON), source, OWNER, note=note, **more)


def _window(change: str, earliest: str, latest: str) -> list[dict[str, Any]]:
    return [{"given": {"takes_effect_on": change}, "expect": {"earliest": earliest, "latest": latest}}]


def _notices() -> list[RuleSpec]:
    must_say = ["what changes and when", "amount and how often", "how to cancel"]
    california = {"country": "US", "region": "US-CA", "customer_type": "consumer", "valid_from": _CALIFORNIA_ON}
    return [
        _rule("renewal_notice", {"min_days": 15, "max_days": 45, "send_days": [30], "must_say": must_say}, _OURS,
              "A renewal after a year or more", category="annual",
              examples=_window("2026-05-01", "2026-03-17", "2026-04-16")),
        _rule("renewal_notice", {"min_days": 7, "max_days": 21, "send_days": [7], "must_say": must_say}, _OURS,
              "The end of a trial or an introductory price", category="trial"),
        _rule("price_change_notice", {"min_days": 10, "max_days": 60, "send_days": [30, 10], "must_say": must_say},
              _OURS, "A higher price: told 30 days before, and again 10 days before"),
        _rule("renewal_notice", {"min_days": 15, "max_days": 45, "send_days": [30], "must_say": must_say},
              f"{_CALIFORNIA} (b)(2)", "First term of a year or more: 15 to 45 days before it renews",
              category="annual", examples=_window("2026-04-15", "2026-03-01", "2026-03-31"), **california),
        _rule("renewal_notice", {"min_days": 3, "max_days": 21, "send_days": [7], "must_say": must_say},
              f"{_CALIFORNIA} (b)(1)", "Trial or introductory price of more than 31 days: 3 to 21 days before it ends",
              category="trial", **california),
        _rule("price_change_notice", {"min_days": 7, "max_days": 30, "send_days": [30, 10], "must_say": must_say},
              f"{_CALIFORNIA} (g)(2)", "A changed fee: at least 7 and at most 30 days before it takes effect",
              examples=_window("2026-04-15", "2026-03-16", "2026-04-08"), **california),
        _rule("renewal_notice", {"min_days": 15, "max_days": 45, "send_days": [30], "must_say": must_say}, _NEW_YORK,
              "Qualifying yearly terms: 15 to 45 days before; reported by two law notes, to be confirmed", country="US",
              region="US-NY", customer_type="consumer", category="annual"),
    ]  # fmt: skip


def _cancellation() -> list[RuleSpec]:
    return [
        _rule("cancellation", {"same_medium": True, "online": True}, _OURS, "Cancel as you signed up, online always"),
        _rule("cancellation", {"same_medium": True, "online": True, "voicemail_hours": 24}, _CALIFORNIA,
              "In the same medium, online if signed up online; a voicemail is handled or called back within 24 hours",
              country="US", region="US-CA", customer_type="consumer", valid_from=_CALIFORNIA_ON),
        _rule("cancellation", {"notice_max_days": 31, "online": True, "button": True},
              f"§ 309 Nr. 9 and § 312k BGB, {_BGB}",
              "After the first term at most one month's notice; a cancellation button that can always be reached",
              country="DE", customer_type="consumer", valid_from=date(2022, 7, 1)),
    ]  # fmt: skip


def _late_payment() -> list[RuleSpec]:
    uk_law = "Late Payment of Commercial Debts (Interest) Act 1998 s. 4-6; SI 2002/1675 (8 points); SI 2013/395"
    sums = [(100_000, 4_000), (1_000_000, 7_000), (None, 10_000)]
    fixed = [{"below_minor": below, "amount_minor": minor, "currency": "GBP"} for below, minor in sums]
    lump = [{"below_minor": None, "amount_minor": 4_000, "currency": "EUR"}]
    figures = {"day_count": "actual/365", "round_daily": False}
    rules = [
        _rule("late_fee", {"points": "8", **figures, "fixed_sums": fixed, "keeps_first_rate": True}, uk_law,
              "8 points above the base rate of the half-year in which the debt fell due (SI 2002/1675 art. 4); 40, 70 "
              "or 100 GBP once, by the size of the debt", country="GB",
              customer_type="business",
              examples=[{"given": {"base_rate": "5.25", "owed_minor": 200_000, "currency": "GBP"},
                         "expect": {"rate": "13.25", "fixed_minor": 7_000}}]),
        _rule("late_fee", {"points": "9", **figures, "fixed_sums": lump}, f"§ 288 Abs. 2 and 5 BGB, {_BGB}",
              "Businesses: 9 points above the base rate, and 40 EUR once", country="DE", customer_type="business",
              examples=[{"given": {"base_rate": "1.27", "owed_minor": 200_000, "currency": "EUR"},
                         "expect": {"rate": "10.27", "fixed_minor": 4_000}}]),
        _rule("late_fee", {"points": "5", **figures}, f"§ 288 Abs. 1 BGB, {_BGB}",
              "Consumers: 5 points above the base rate, no fixed sum", country="DE", customer_type="consumer"),
        _rule("late_fee", {"points": "8", **figures, "fixed_sums": lump},
              "Directive 2011/7/EU, Articles 2(6), 3 and 6, https://eur-lex.europa.eu/eli/dir/2011/7",
              "Businesses in the Union: at least 8 points above the ECB's rate, and 40 EUR once; national law may give "
              "more, so a country's own rule goes first", country="EU", customer_type="business",
              examples=[{"given": {"base_rate": "2.15", "owed_minor": 200_000, "currency": "EUR"},
                         "expect": {"rate": "10.15", "fixed_minor": 4_000}}]),
    ]  # fmt: skip
    return [*rules, *_base_rates()]


#: The rate on the reference day holds for the half-year after it, so a rule ends with its half-year: the next one has
#: to be added, never guessed. Sources: Bank of England, Bank Rate on 31 December and 30 June (SI 2002/1675 art. 4);
#: Deutsche Bundesbank, Basiszinssatz nach § 247 BGB; European Central Bank, main refinancing operations.
BASE_RATES: dict[str, tuple[tuple[str, str], ...]] = {
    "GB": (("2024-01-01", "5.25"), ("2024-07-01", "5.25"), ("2025-01-01", "4.75"), ("2025-07-01", "4.25"),
           ("2026-01-01", "3.75")),
    "DE": (("2024-01-01", "3.62"), ("2024-07-01", "3.37"), ("2025-01-01", "2.27"), ("2025-07-01", "1.27"),
           ("2026-01-01", "1.27")),
    "EU": (("2024-01-01", "4.50"), ("2024-07-01", "4.25"), ("2025-01-01", "3.15"), ("2025-07-01", "2.15"),
           ("2026-01-01", "2.15")),
}  # fmt: skip
_BASE_SOURCES = {
    "GB": "Bank of England, Bank Rate on the reference day (SI 2002/1675 art. 4), https://www.bankofengland.co.uk",
    "DE": "Deutsche Bundesbank, Basiszinssatz nach § 247 BGB, https://www.bundesbank.de",
    "EU": "European Central Bank, rate for main refinancing operations on the reference day, https://www.ecb.europa.eu",
}


def _base_rates() -> list[RuleSpec]:
    rules = []
    for country, steps in BASE_RATES.items():
        for begins, rate in steps:
            first = date.fromisoformat(begins)
            ends_on = date(first.year, 7, 1) if first.month == 1 else date(first.year + 1, 1, 1)
            note = "Holds for its half-year; add the next one when it is published"
            source = _BASE_SOURCES[country]
            rules.append(
                _rule("base_rate", {"rate": rate}, source, note, country=country, valid_from=first, valid_to=ends_on)
            )
    return rules


def _consumers() -> list[RuleSpec]:
    return [
        _rule("withdrawal", {"days": 14, "counted_from": "contract"},
              "Directive 2011/83/EU, Article 9, https://eur-lex.europa.eu/eli/dir/2011/83",
              "Contracts made at a distance, services: 14 days from the contract", country="EU",
              customer_type="consumer"),
        _rule("language", {"languages": ["fr"]}, "Loi 94-665 du 4 août 1994, art. 2, https://www.legifrance.gouv.fr",
              "Bills and terms for consumers in France are in French (other languages may stand beside)", country="FR",
              customer_type="consumer"),
        _rule("free_advice", {"name": "MoneyHelper", "url": "https://www.moneyhelper.org.uk"},
              "Money and Pensions Service (Financial Guidance and Claims Act 2018)", "Free advice on debts",
              country="GB"),
        _rule("free_advice", {"name": "Schuldnerberatung", "url": "https://www.meine-schulden.de"},
              "Bundesarbeitsgemeinschaft Schuldnerberatung, list of free offices", "Free advice on debts",
              country="DE"),
        _rule("free_advice", {"name": "Points conseil budget", "url": "https://www.mesquestionsdargent.fr"},
              "Label of the French state for free budget advice", "Free advice on debts", country="FR"),
        _rule("free_advice", {"name": "Staatlich anerkannte Schuldenberatung", "url": "https://www.schuldenberatung.at"},
              "oesterreich.gv.at, Schuldenberatungsstellen (Federal Ministry of Justice): recognised offices are free",
              "Free advice on debts", country="AT"),
        _rule("free_advice", {"name": "Money Advice and Budgeting Service (MABS)", "url": "https://www.mabs.ie"},
              "MABS money management guide: free, confidential, funded by the Citizens Information Board",
              "Free advice on debts", country="IE"),
        _rule("free_advice",
              {"name": "National Foundation for Credit Counseling", "url": "https://www.nfcc.org",
               "phone": "800-388-2227"},
              "nfcc.org, frequently asked questions: non-profit member agencies, national toll-free line",
              "A first conversation is free or nearly so; plans run by an agency may cost something", country="US"),
        _rule("free_advice",
              {"name": "National Debt Helpline", "url": "https://ndh.org.au", "phone": "1800 007 007"},
              "Financial Counselling Australia: financial counsellors are free, independent and confidential",
              "Free advice on debts", country="AU"),
    ]  # fmt: skip
