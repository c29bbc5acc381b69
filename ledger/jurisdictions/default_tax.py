"""The tax rules that come with the product, as data. They begin on 2021-07-01, when the one-stop shop did.

Sources: European Commission, "VAT rates applied in the Member States of the European Union" and its database TEDB, read
as of 2026-03; changes after 2021-07-01 by the national laws named beside them. A supervisor compares each with its
source and confirms it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.jurisdictions.operations import RuleSpec

BEGINS_ON = date(2021, 7, 1)
OWNER = "Finance"
_EC = 'European Commission, "VAT rates applied in the Member States of the European Union" (TEDB), as of 2026-03'
_DIRECTIVE = "https://eur-lex.europa.eu/eli/dir/2006/112"

#: What each country calls its tax, and its standard rates with the day each began, in order.
STANDARD_RATES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "AT": ("USt", (("20", "2021-07-01", _EC),)),
    "BE": ("TVA/BTW", (("21", "2021-07-01", _EC),)),
    "BG": ("ДДС", (("20", "2021-07-01", _EC),)),
    "CY": ("ΦΠΑ", (("19", "2021-07-01", _EC),)),
    "CZ": ("DPH", (("21", "2021-07-01", _EC),)),
    "DE": ("USt", (("19", "2021-07-01", "§ 12 Abs. 1 UStG, https://www.gesetze-im-internet.de/ustg_1980/__12.html"),)),
    "DK": ("moms", (("25", "2021-07-01", _EC),)),
    "EE": (
        "km",
        (
            ("20", "2021-07-01", "Käibemaksuseadus § 15, https://www.riigiteataja.ee"),
            ("22", "2024-01-01", "Käibemaksuseadus § 15, https://www.riigiteataja.ee"),
            ("24", "2025-07-01", "Käibemaksuseadus § 15, https://www.riigiteataja.ee"),
        ),
    ),
    "ES": ("IVA", (("21", "2021-07-01", _EC),)),
    "FI": (
        "ALV",
        (
            ("24", "2021-07-01", "Arvonlisäverolaki 84 §, https://www.finlex.fi"),
            ("25.5", "2024-09-01", "Arvonlisäverolaki 84 §, https://www.finlex.fi"),
        ),
    ),
    "FR": ("TVA", (("20", "2021-07-01", "CGI art. 278, https://www.legifrance.gouv.fr"),)),
    "GR": ("ΦΠΑ", (("24", "2021-07-01", _EC),)),
    "HR": ("PDV", (("25", "2021-07-01", _EC),)),
    "HU": ("ÁFA", (("27", "2021-07-01", _EC),)),
    "IE": ("VAT", (("23", "2021-07-01", _EC),)),
    "IT": ("IVA", (("22", "2021-07-01", _EC),)),
    "LT": ("PVM", (("21", "2021-07-01", _EC),)),
    "LU": (
        "TVA",
        (
            ("17", "2021-07-01", "Loi TVA du 12 février 1979, art. 39, https://legilux.public.lu"),
            ("16", "2023-01-01", "Loi du 26 octobre 2022 (for one year), https://legilux.public.lu"),
            ("17", "2024-01-01", "Loi TVA du 12 février 1979, art. 39, https://legilux.public.lu"),
        ),
    ),
    "LV": ("PVN", (("21", "2021-07-01", _EC),)),
    "MT": ("VAT", (("18", "2021-07-01", _EC),)),
    "NL": ("btw", (("21", "2021-07-01", "Wet op de omzetbelasting 1968, art. 9, https://wetten.overheid.nl"),)),
    "PL": ("VAT", (("23", "2021-07-01", _EC),)),
    "PT": ("IVA", (("23", "2021-07-01", _EC),)),
    "RO": (
        "TVA",
        (
            ("19", "2021-07-01", "Codul fiscal art. 291, https://legislatie.just.ro"),
            ("21", "2025-08-01", "Legea 141/2025, https://legislatie.just.ro"),
        ),
    ),
    "SE": ("moms", (("25", "2021-07-01", _EC),)),
    "SI": ("DDV", (("22", "2021-07-01", _EC),)),
    "SK": (
        "DPH",
        (
            ("20", "2021-07-01", "Zákon 222/2004 Z. z. § 27, https://www.slov-lex.sk"),
            ("23", "2025-01-01", "Zákon 222/2004 Z. z. § 27, https://www.slov-lex.sk"),
        ),
    ),
    "GB": ("VAT", (("20", "2021-07-01", "VAT Act 1994 s. 2(1), https://www.legislation.gov.uk/ukpga/1994/23"),)),
    "NO": ("mva", (("25", "2021-07-01", "Merverdiavgiftsloven § 5-1, https://lovdata.no"),)),
    "CH": (
        "MWST",
        (
            ("7.7", "2021-07-01", "MWSTG Art. 25, https://www.fedlex.admin.ch"),
            ("8.1", "2024-01-01", "MWSTG Art. 25 (AHV reform), https://www.fedlex.admin.ch"),
        ),
    ),
}

#: Directive 2006/112/EC, Article 226 (11a): the words the invoice carries, per language version.
REVERSE_CHARGE = {
    "en": "Reverse charge",
    "de": "Steuerschuldnerschaft des Leistungsempfängers",
    "es": "Inversión del sujeto pasivo",
    "fr": "Autoliquidation",
    "it": "Inversione contabile",
    "nl": "Btw verlegd",
    "pl": "Odwrotne obciążenie",
}
_OUTSIDE_BUSINESS = {
    "en": "Not subject to German VAT: the service is supplied where the customer is established (Art. 44 Directive "
    "2006/112/EC). The customer accounts for any tax due there.",
    "de": "Nicht im Inland steuerbare Leistung (§ 3a Abs. 2 UStG). Der Leistungsempfänger führt eine dort fällige "
    "Steuer selbst ab.",
}
_OUTSIDE_CONSUMER = {
    "en": "Not subject to German VAT: the service is supplied where the customer lives (Art. 58 and 59 Directive "
    "2006/112/EC). No tax is collected for that country: the seller is not registered there.",
    "de": "Nicht im Inland steuerbare Leistung (§ 3a UStG). Für das Land des Kunden wird keine Steuer erhoben: der "
    "Verkäufer ist dort nicht registriert.",
    "ja": "ドイツの付加価値税の対象外です。",
}
#: Countries outside the Union that we sell to without being registered there: one rule each, any other is refused.
NOT_REGISTERED = ("US", "JP", "CA", "AU", "NZ", "IN", "BR", "KR", "SG", "KW")
#: Where consumers are charged their country's rate; the seller has to be registered there (see each note).
REGISTERED_ABROAD = {
    "GB": ("UK VAT registration", "VAT Act 1994 s. 7A; HMRC, VAT rules for supplies of digital services to consumers"),
    "NO": ("VOEC", "Merverdiavgiftsloven § 3-30 and § 14-4 (VOEC scheme), https://www.skatteetaten.no"),
    "CH": ("MWST-Register", "MWSTG Art. 10, https://www.fedlex.admin.ch"),
}


def tax_rules() -> list[RuleSpec]:
    """Return the tax rules that come with the product."""
    return [*_rates(), *_inside_the_union(), *_abroad()]


def _rates() -> list[RuleSpec]:
    rules = []
    for country, (name, steps) in STANDARD_RATES.items():
        ends = [date.fromisoformat(begins) for _, begins, _ in steps[1:]]
        for (rate, begins, source), ends_on in zip(steps, [*ends, None], strict=True):
            rules.append(_rate(country, "standard", rate, name, source, date.fromisoformat(begins), ends_on))
    source = "§ 12 Abs. 2 UStG, https://www.gesetze-im-internet.de/ustg_1980/__12.html"
    return [*rules, _rate("DE", "reduced", "7", "USt", source, BEGINS_ON, None)]


def _rate(
    country: str, category: str, rate: str, name: str, source: str, begins: date, ends_on: date | None
) -> RuleSpec:
    given: dict[str, Any] = {"country": country, "seller": country, "on": begins.isoformat()}
    return RuleSpec(
        kind="tax_rate",
        country=country,
        category=category,
        params={"rate": rate, "treatment": category, "name": name},
        valid_from=begins,
        valid_to=ends_on,
        source=source,
        owner=OWNER,
        note=f"The {category} rate of {country}: {rate} %",
        examples=[{"given": given, "expect": {"rate": rate, "treatment": category}}],
    )


def _inside_the_union() -> list[RuleSpec]:
    business = {"country": "NL", "customer_type": "business", "vat_id": "NL004495445B01", "on": "2026-03-02"}
    reverse = RuleSpec(
        kind="reverse_charge",
        country="EU",
        customer_type="business",
        params={"accept": "registered", "check_max_days": 365},
        wording=REVERSE_CHARGE,
        valid_from=BEGINS_ON,
        source=f"Directive 2006/112/EC, Articles 44, 196 and 226 (11a), {_DIRECTIVE}",
        owner=OWNER,
        note="A business in another member state accounts for the tax, if its VAT id is confirmed (VIES) and on file",
        examples=[
            {"given": {**business, "registered": True},
             "expect": {"rate": "0", "treatment": "reverse_charge", "wording": "reverse_charge"}},
        ],
    )  # fmt: skip
    destination = RuleSpec(
        kind="destination_rate",
        country="EU",
        params={"scheme": "one-stop shop"},
        valid_from=BEGINS_ON,
        source=f"Directive 2006/112/EC, Article 58, {_DIRECTIVE}",
        owner=OWNER,
        note="Digital services to everybody else in the Union: the rate of where the customer lives",
    )
    french = {"country": "FR", "on": "2026-03-02", "below_threshold": True}
    threshold = RuleSpec(
        kind="distance_threshold",
        country="EU",
        params={"threshold_minor": 1_000_000, "currency": "EUR", "is_waived": True},
        valid_from=BEGINS_ON,
        source=f"Directive 2006/112/EC, Article 59c, {_DIRECTIVE}",
        owner=OWNER,
        note="Up to 10,000 EUR in this calendar year and the one before, a seller established in one member state only "
        "may charge its own rate. We have waived that (Article 59c(3)); a rule that says otherwise starts the count",
        examples=[{"given": french, "expect": {"rate": "20", "treatment": "standard"}}],
    )
    return [reverse, destination, threshold]


def _abroad() -> list[RuleSpec]:
    source = f"Directive 2006/112/EC, Articles 44, 58 and 59, {_DIRECTIVE}; § 3a UStG"
    rules = []
    for country in NOT_REGISTERED:
        note = (
            f"No tax is collected for {country}: the service is not taxed in Germany, and the seller is not registered"
        )
        rules.append(_export(country, "consumer", "not_registered", _OUTSIDE_CONSUMER, source, note))
    for country in (*NOT_REGISTERED, *REGISTERED_ABROAD):
        note = f"Businesses in {country} account for any tax there themselves"
        rules.append(_export(country, "business", "recipient_accounts", _OUTSIDE_BUSINESS, source, note))
    for country, (scheme, law) in REGISTERED_ABROAD.items():
        rules.append(
            RuleSpec(
                kind="destination_rate",
                country=country,
                customer_type="consumer",
                params={"scheme": scheme},
                valid_from=BEGINS_ON,
                source=law,
                owner=OWNER,
                note=f"Consumers in {country} pay its rate. The seller has to be registered there: if it is not, put "
                "an export rule in its place",
            )
        )
    return rules


def _export(country: str, kind: str, why: str, wording: dict[str, str], source: str, note: str) -> RuleSpec:
    return RuleSpec(
        kind="export",
        country=country,
        customer_type=kind,
        params={"why": why},
        wording=wording,
        valid_from=BEGINS_ON,
        source=source,
        owner=OWNER,
        note=note,
        examples=[{"given": {}, "expect": {"rate": "0", "treatment": "export", "wording": "outside_scope"}}],
    )
