"""What the browser tests share."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: a script that is still loading hears nothing."""
    page.wait_for_load_state()
    page.wait_for_selector("html[data-keys]", state="attached")
    page.keyboard.press(key)


def settled(page: Page) -> None:
    """Wait until what was swapped into the page is wired up: before that, a form is sent as a page of its own."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
