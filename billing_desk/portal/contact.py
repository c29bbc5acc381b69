"""The billing line for other sites: `/contact.json`, the script `/contact.js` that shows it there, and JSON-LD."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from billing_desk.portal.line import billing_line
from ledger.documents.contact import ContactBlock
from tickets.channels.lines import billing_contact, line_for

#: A changed number is everywhere within a minute: what others keep is at most this old, and we keep nothing.
KEPT_S = 30
Answer = TypeVar("Answer", bound=HttpResponse)
SCRIPT = Path(__file__).parent / "contact.js"


@require_safe
def contact_json(request: HttpRequest) -> JsonResponse:
    """Answer whom to call: `?country=FR&lang=fr`; both may be left out."""
    country, language = _asked(request, "country", "").upper(), _asked(request, "lang", "en")
    contact = billing_contact(country, language)
    line = line_for(country)
    standing = billing_line(at=timezone.now(), country=country)
    answer = JsonResponse(
        {
            "name": settings.COMPANY["name"],
            "number": contact.number,
            "display": contact.display,
            "link": contact.link,
            "hours": contact.hours,
            "languages": list(line.languages) if line else [],
            "is_open": standing.is_open if standing else None,
            "structured": structured(contact, country),
        }
    )
    return _for_everybody(answer)


@require_safe
def contact_js(request: HttpRequest) -> HttpResponse:
    """Hand out the script that fills `<billing-contact>` on any page."""
    return _for_everybody(HttpResponse(_script(), content_type="text/javascript; charset=utf-8"))


def structured(contact: ContactBlock, country: str = "") -> dict[str, Any]:
    """Return the line as schema.org/Organization with a ContactPoint."""
    line = line_for(country)
    point: dict[str, Any] = {
        "@type": "ContactPoint",
        "contactType": "billing support",
        "telephone": contact.number,
        "description": contact.hours,
        "url": f"{settings.PUBLIC_URL}/account/",
    }
    if line and line.languages:
        point["availableLanguage"] = list(line.languages)
    if line and line.country:
        point["areaServed"] = line.country
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": settings.COMPANY["name"],
        "url": settings.PUBLIC_URL,
        "contactPoint": [point],
    }


def json_ld(contact: ContactBlock, country: str = "") -> SafeString:
    """Return the structured data as the text of a script element, which no name can close."""
    escapes = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
    return mark_safe(json.dumps(structured(contact, country), ensure_ascii=False).translate(escapes))


def _asked(request: HttpRequest, name: str, default: str) -> str:
    value = request.GET.get(name, "")[:12]
    return value if value.replace("-", "").isalpha() and value.isascii() else default


def _for_everybody(answer: Answer) -> Answer:
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Cache-Control"] = f"public, max-age={KEPT_S}"
    return answer


@lru_cache(maxsize=1)
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")
