"""What logs never hold: the secret of a link that signs in, verifies or pays."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

#: The part of an address after these is the whole proof of who follows it.
SECRET = re.compile(r"(/account/(?:pay|sign-in|verify)/)[^/?\s\"]+")
HIDDEN = r"\1[hidden]"


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut secrets out of every text of a structured log line."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = SECRET.sub(HIDDEN, value)
    return event


class HideSecrets(logging.Filter):
    """Cuts secrets out of the web server's own line for each request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET.sub(HIDDEN, each) if isinstance(each, str) else each for each in record.args)
        if isinstance(record.msg, str):
            record.msg = SECRET.sub(HIDDEN, record.msg)
        return True
