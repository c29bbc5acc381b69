"""What the browser tests share."""

from __future__ import annotations

from playwright.sync_api import Page


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: a script that is still loading hears nothing."""
    page.wait_for_load_state()
    page.wait_for_selector("html[data-keys]", state="attached")
    page.keyboard.press(key)
