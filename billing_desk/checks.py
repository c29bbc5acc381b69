"""System checks of the composition root: secrets of a server, and the tables that join the apps."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

#: The key that a demo and the tests live with; a server must have its own.
KNOWN_KEY_START = "not-secret-"


def register_checks() -> None:
    """Register the checks."""
    register(check_secrets, Tags.security, deploy=True)
    register(check_reactions, "reactions")


def check_secrets(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Refuse a server that runs with the demo's key, and warn when the inbound hooks are closed."""
    if settings.DEMO or settings.DEBUG or "pytest" in sys.modules:
        return []
    return secret_problems(settings.SECRET_KEY, settings.INBOUND_HOOK_SECRET)


def secret_problems(secret_key: str, hook_secret: str) -> list[CheckMessage]:
    """Return what is wrong with the secrets of a server."""
    found: list[CheckMessage] = []
    if not secret_key or secret_key.startswith(KNOWN_KEY_START):
        found.append(Error("Set BILLING_DESK_SECRET_KEY: a server needs a key of its own.", id="billing_desk.E001"))
    if not hook_secret:
        found.append(
            Warning("BILLING_DESK_INBOUND_SECRET is not set: /hooks/ answers 401 to everybody.", id="billing_desk.W002")
        )
    elif len(hook_secret) < 24:
        found.append(Error("BILLING_DESK_INBOUND_SECRET needs 24 characters or more.", id="billing_desk.E002"))
    return found


def check_reactions(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Make sure that every handler of the reactions table can be found again by the name it is kept under."""
    from ledger.events import outbox

    found: list[CheckMessage] = []
    for kind, handlers in outbox.table().items():
        names = [outbox.name_of(handler) for handler in handlers]
        if len(names) != len(set(names)):
            found.append(Error(f"{kind} lists a handler twice.", id="billing_desk.E003"))
        for name, handler in zip(names, handlers, strict=True):
            if not _is_found_again(name, handler):
                found.append(Error(f"{kind}: {name} is not the handler of that name.", id="billing_desk.E004"))
    return found


def _is_found_again(name: str, handler: object) -> bool:
    try:
        return import_string(name) is handler
    except ImportError:
        return False
