"""Whether a VAT id can be one, and of which country (pure). The right form does not mean that it is registered."""

from __future__ import annotations

from stdnum.eu import vat

#: Prefixes that are not the country's ISO code. Sources: Directive 2006/112/EC, Article 215 (Greece: EL); Protocol on
#: Ireland/Northern Ireland, Article 8 (Northern Ireland: XI, a part of GB); "EU" marks a one-stop-shop registration.
PREFIX_OF = {"GR": "EL"}
MORE_PREFIXES = {"GB": ("XI",)}
ONE_STOP_SHOP = "EU"


def normalise_vat_id(text: str) -> str:
    """Return a VAT id without spaces and marks, in capitals; Greek ones begin with EL. Anything else stays as it is."""
    compact = "".join(letter for letter in text.upper() if letter.isalnum())
    return "EL" + compact[2:] if compact.startswith("GR") else compact


def vat_id_problem(text: str, *, country: str) -> str:
    """Return why a text cannot be a VAT id of a customer in a country; empty when it can."""
    number = normalise_vat_id(text)
    prefix = number[:2]
    if prefix == ONE_STOP_SHOP:
        return f"{number} is a one-stop-shop registration, not a VAT id of a customer."
    if prefix not in {PREFIX_OF.get(country, country), *MORE_PREFIXES.get(country, ())}:
        return f"{number} is not a VAT id of {country}: it begins with {prefix or 'nothing'}."
    if not number.isascii() or not vat.is_valid(number):
        return f"{number} is not a VAT id: its form or check digit is wrong."
    return ""
