"""What holds for every page: nothing runs and nothing loads that is not ours, and the language it is written in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from notifications.wording.catalogue import LAST_LANGUAGE

HEADER = "Content-Security-Policy"
#: Our own pages: scripts and styles from files only, no frames, forms to ourselves.
OURS = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'"
)
#: The admin's theme evaluates expressions in its markup and styles elements in place; it still loads nothing foreign.
ADMIN = OURS.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
ADMIN_PATH = "/admin/"
#: Pages that are written in more than one language; the workspace is English whatever the browser prefers.
IN_LANGUAGES = ("/account/", ADMIN_PATH)


class ContentSecurityPolicy:
    """Adds the policy to every answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say what the page may do."""
        response = self.get_response(request)
        response.headers.setdefault(HEADER, ADMIN if request.path.startswith(ADMIN_PATH) else OURS)
        return response


class PageLanguage(LocaleMiddleware):
    """Chooses the language of a page: what was chosen in this browser, else what the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose; whoever is signed in to the portal gets the language of their account later on."""
        if request.path.startswith(IN_LANGUAGES):
            super().process_request(request)
        else:
            translation.activate(LAST_LANGUAGE)
