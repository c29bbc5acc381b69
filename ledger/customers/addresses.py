"""How a postal address is written in the country it is in (pure). Names stay as the customer writes them.

Source: Universal Postal Union, "Postal addressing systems in member countries" (S42 templates). A country that is not
in the table is written the international way; what an address lacks (a postcode, a region) leaves no gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from babel.core import Locale, UnknownLocaleError


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. Country and region are ISO 3166 codes; `more` is a second line, such as a floor."""

    street: str = ""
    more: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    @property
    def subdivision(self) -> str:
        """The region without its country: `CA` of `US-CA`; a mere number, as `JP-13` has, says nothing on a letter."""
        short = self.region.partition("-")[2] or self.region
        return "" if short.isdecimal() else short


_INTERNATIONAL = "{name}|{street}|{postal_code} {city}"
_CITY_FIRST = "{name}|{street}|{city} {postal_code}"
_CITY_ABOVE = "{name}|{street}|{city}|{postal_code}"
_STATE = "{name}|{street}|{city} {region} {postal_code}"
#: Lines are parted by a bar. What is not here is `_INTERNATIONAL`, as most of the continent is.
TEMPLATES = {
    **dict.fromkeys(("GB", "IE"), _CITY_ABOVE),
    **dict.fromkeys(("AU", "CA"), _STATE),
    **dict.fromkeys(("NZ", "SG", "KW"), _CITY_FIRST),
    "US": "{name}|{street}|{city}, {region} {postal_code}",
    "BR": "{name}|{street}|{city}-{region}|{postal_code}",
    "HU": "{name}|{city}|{street}|{postal_code}",
    "IN": "{name}|{street}|{city} {postal_code}|{region}",
    "IT": "{name}|{street}|{postal_code} {city} {region}",
    "JP": "{name}|{street}|{city} {region} {postal_code}",
    "KR": "{name}|{street}|{city} {region} {postal_code}",
}
#: In the country's own script the order is the other way round: from the country down to the person.
OWN_SCRIPT = {
    "JP": "〒{postal_code}|{region}{city}{street}|{name}",
    "KR": "{region} {city} {street}|{name}|{postal_code}",
}


def format_address(name: str, address: Address, *, from_country: str, language: str = "en") -> list[str]:
    """Return the lines of an address; the country comes last, in capitals, unless the letter stays inside it.

    The country's name is written in `language`, that of the country the letter leaves from (UPU S42).
    """
    template = TEMPLATES.get(address.country, _INTERNATIONAL)
    if address.country in OWN_SCRIPT and not _is_latin(address.street + address.city):
        template = OWN_SCRIPT[address.country]
    parts = {
        "name": name.strip(),
        "street": "\n".join(line.strip() for line in (address.street, address.more) if line.strip()),
        "postal_code": address.postal_code.strip(),
        "city": address.city.strip(),
        "region": address.subdivision.strip(),
    }
    lines = [_tidy(line.format(**parts)) for line in template.split("|")]
    written = [line for text in lines for line in text.split("\n") if line]
    if address.country and address.country != from_country:
        written.append(_country_name(address.country, language).upper())
    return written


def _tidy(line: str) -> str:
    """Take away what is left of missing parts: doubled spaces, a comma or a mark without its postcode."""
    parted = [re.sub(r"[ ]{2,}", " ", each).strip(" ,-") for each in line.split("\n")]
    return "\n".join("" if each == "〒" else each for each in parted)


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x0250 or not letter.isalpha() for letter in text)


def _country_name(country: str, language: str) -> str:
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(country, country))
