"""The special territories that come with the product, as data, and what is known of each.

Which places they are says Article 6 of Directive 2006/112/EC; how each is recognised by its post codes says the post of
its country. Where no rule stands beside a territory, its customers are not billed until a supervisor adds one.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.jurisdictions.operations import RuleSpec

BEGINS_ON = date(2021, 7, 1)
OWNER = "Finance"
_DIRECTIVE = "https://eur-lex.europa.eu/eli/dir/2006/112"
_OUTSIDE = f"Directive 2006/112/EC, Article 6(1), {_DIRECTIVE}: not in the Union's tax territory"
_OUTSIDE_CUSTOMS = f"Directive 2006/112/EC, Article 6(2), {_DIRECTIVE}: neither in its tax nor in its customs territory"
_UNKNOWN = "What consumers pay there is not known to us: their bills wait until a supervisor adds a rule"

_OUTSIDE_BUSINESS = {
    "en": "Not subject to German VAT: the service is supplied where the customer is established (Art. 44 Directive "
    "2006/112/EC). The customer accounts for any tax due there.",
    "de": "Nicht im Inland steuerbare Leistung (§ 3a Abs. 2 UStG). Der Leistungsempfänger führt eine dort fällige "
    "Steuer selbst ab.",
}
_NO_TAX_THERE = {
    "en": "Not subject to VAT: the service is supplied where the customer lives, outside the tax territory of the "
    "European Union (Art. 6 and 58 Directive 2006/112/EC), and no such tax is charged there.",
    "de": "Nicht steuerbare Leistung: Sie wird am Wohnort des Kunden erbracht, außerhalb des umsatzsteuerlichen "
    "Gebiets der Europäischen Union (Art. 6 und 58 Richtlinie 2006/112/EG), wo keine solche Steuer anfällt.",
}

#: Country, region, name, post codes, towns, other codes of the region, source. Regions are ISO 3166-2 where there is
#: a code; DE-HEL, DE-BUS, IT-LIV, IT-CAM, GR-ISL and FR-DOM are our own.
OUTSIDE: tuple[tuple[str, str, str, list[str], list[str], list[str], str], ...] = (
    ("ES", "ES-CN", "Canary Islands", ["35", "38"], [], ["ES-GC", "ES-TF"], _OUTSIDE),
    ("ES", "ES-CE", "Ceuta", ["51"], [], [], _OUTSIDE_CUSTOMS),
    ("ES", "ES-ML", "Melilla", ["52"], [], [], _OUTSIDE_CUSTOMS),
    ("FI", "FI-01", "Åland Islands", ["22"], [], [], _OUTSIDE),
    ("DE", "DE-HEL", "Helgoland", ["27498"], ["Helgoland"], [], f"{_OUTSIDE_CUSTOMS}; § 1 Abs. 2 UStG"),
    ("DE", "DE-BUS", "Büsingen", ["78266"], ["Büsingen", "Büsingen am Hochrhein"], [],
     f"{_OUTSIDE_CUSTOMS}; § 1 Abs. 2 UStG"),
    ("IT", "IT-LIV", "Livigno", ["23041"], ["Livigno"], [], f"{_OUTSIDE_CUSTOMS}; D.P.R. 633/1972 art. 7"),
    ("IT", "IT-CAM", "Campione d'Italia", ["22061"], ["Campione d'Italia"], [], f"{_OUTSIDE}; D.P.R. 633/1972 art. 7"),
    ("GR", "GR-69", "Mount Athos", ["63086", "63087"], [], [], _OUTSIDE),
    ("FR", "FR-DOM", "French territories overseas", ["971", "972", "973", "974", "975", "976", "977", "978", "986",
                                                     "987", "988"], [],
     ["FR-971", "FR-972", "FR-973", "FR-974", "FR-976", "FR-GP", "FR-MQ", "FR-GF", "FR-RE", "FR-YT"],
     f"{_OUTSIDE}; CGI art. 294"),
)  # fmt: skip
#: Where it is certain that consumers pay no tax of this kind.
FREE = {
    "DE-HEL": "§ 1 Abs. 2 UStG, https://www.gesetze-im-internet.de/ustg_1980/__1.html: Helgoland is not inland",
    "IT-LIV": "D.P.R. 633/1972 art. 7, https://www.normattiva.it: Livigno is not in the territory of the tax",
}
_CIVA = "Código do IVA art. 18.º n.º 3, https://info.portaldasfinancas.gov.pt"


def territory_rules() -> list[RuleSpec]:
    """Return the territories that come with the product, with the rules known for them."""
    rules = []
    for country, region, name, codes, cities, regions, source in OUTSIDE:
        known = region in FREE
        params = {"name": name, "status": "outside", **_lists(codes, cities, regions)}
        rules.append(_rule("special_territory", country, region, params, source, "" if known else _UNKNOWN))
        rules.append(
            _export(
                country,
                region,
                "business",
                "recipient_accounts",
                _OUTSIDE_BUSINESS,
                f"{source}; Article 44",
                f"Businesses in {name} account for any tax there themselves",
            )
        )
        if known:
            rules.append(
                _export(
                    country,
                    region,
                    "consumer",
                    "not_taxed",
                    _NO_TAX_THERE,
                    FREE[region],
                    f"No tax of this kind is charged in {name}",
                )
            )
    return [*rules, *_inside(), *_northern_ireland()]  # fmt: skip


def _lists(codes: list[str], cities: list[str], regions: list[str]) -> dict[str, Any]:
    named = {"postal_codes": codes, "cities": cities, "regions": regions}
    return {name: values for name, values in named.items() if values}


def _rule(
    kind: str, country: str, region: str, params: dict[str, Any], source: str, note: str, **more: Any
) -> RuleSpec:
    return RuleSpec(kind, params, BEGINS_ON, source, OWNER, country=country, region=region, note=note, **more)


def _export(
    country: str, region: str, kind: str, why: str, wording: dict[str, str], source: str, note: str
) -> RuleSpec:
    expected = {"rate": "0", "treatment": "export", "wording": "outside_scope"}
    return _rule("export", country, region, {"why": why}, source, note, customer_type=kind, wording=wording,
                 examples=[{"given": {}, "expect": expected}])  # fmt: skip


def _inside() -> list[RuleSpec]:
    """Return parts of the Union's tax territory with rates of their own."""
    rules = []
    for region, name, codes, rate in (
        ("PT-20", "Azores", ["95", "96", "97", "98", "99"], "16"),
        ("PT-30", "Madeira", ["90", "91", "92", "93", "94"], "22"),
    ):
        rules.append(
            _rule(
                "special_territory",
                "PT",
                region,
                {"name": name, "status": "inside", "postal_codes": codes},
                _CIVA,
                f"{name} has rates of its own",
            )
        )
        given = {"country": "PT", "region": region, "on": BEGINS_ON.isoformat()}
        rules.append(
            _rule(
                "tax_rate",
                "PT",
                region,
                {"rate": rate, "treatment": "standard", "name": "IVA"},
                _CIVA,
                f"The standard rate of {name}: {rate} %",
                category="standard",
                examples=[{"given": given, "expect": {"rate": rate, "treatment": "standard"}}],
            )
        )
    return [*rules, _greek_islands()]


def _greek_islands() -> RuleSpec:
    """Return the islands whose lower rates change often."""
    islands = {
        "name": "Lesbos, Chios, Samos, Kos, Leros",
        "status": "inside",
        "postal_codes": ["811", "821", "831", "853", "854"],
    }
    source = f"Directive 2006/112/EC, Article 120, {_DIRECTIVE}; Greek VAT Code (Law 5144/2024)"
    note = "Rates up to 30 % lower, changed often; bills wait until a supervisor adds the rate in force"
    return _rule("special_territory", "GR", "GR-ISL", islands, source, note)


def _northern_ireland() -> list[RuleSpec]:
    """Return Northern Ireland: for goods it is treated as a member state (XI), for services it is the United Kingdom.

    Businesses there that buy goods are an intra-Community supply, which we have no rule for: their bills wait.
    """
    source = "Windsor Framework (Protocol on Ireland/Northern Ireland), Article 8 and Annex 3, OJ L 29, 31.1.2020"
    params = {"name": "Northern Ireland, goods", "status": "outside", "postal_codes": ["BT"]}
    goods = {"category": "goods"}
    rate = {"rate": "20", "treatment": "standard", "name": "VAT"}
    consumer = {**goods, "customer_type": "consumer"}
    sold = {"country": "GB", "region": "GB-NIR", "category": "goods"}
    return [
        _rule("special_territory", "GB", "GB-NIR", params, source, "For goods only; services are as in Great Britain",
              **goods),
        _rule("destination_rate", "GB", "GB-NIR", {"scheme": "one-stop shop"}, source,
              "Goods sold to consumers from the Union: declared in the one-stop shop", **consumer),
        _rule("tax_rate", "GB", "GB-NIR", rate, "VAT Act 1994 s. 2(1), https://www.legislation.gov.uk/ukpga/1994/23",
              "The United Kingdom's rate on goods in Northern Ireland", **consumer,
              examples=[{"given": sold, "expect": {"rate": "20", "treatment": "standard"}}]),
    ]  # fmt: skip
