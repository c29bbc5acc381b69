"""What the browser tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
#: What is drawn in other colours is read, named and ordered as before.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Chromium; meanwhile Django has to bear the event loop that drives it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def keep_signed_in(page: Page, client: Client, url: str) -> None:
    """Give a page the session of a client, so that it is signed in without the form."""
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def fits(page: Page) -> bool:
    """Say whether nothing of the page stands out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with the place."""
    return _serious(Axe().run(page).response["violations"])


def serious_in_the_dark(page: Page) -> list[str]:
    """Return what of the colours axe finds serious once the page turns dark. Nothing else changes with them."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found = _serious(Axe().run(page, options=COLOURS).response["violations"])
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return found


def _serious(violations: list[dict]) -> list[str]:
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in violations
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: a script that is still loading hears nothing."""
    page.wait_for_load_state()
    page.wait_for_selector("html[data-keys]", state="attached")
    page.keyboard.press(key)


def settled(page: Page) -> None:
    """Wait until what was swapped into the page is wired up: before that, a form is sent as a page of its own."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
