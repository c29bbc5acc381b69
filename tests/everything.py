"""Whether a test shall try everything it knows, as CI's second round does, or as much as five minutes bear."""

from __future__ import annotations

import os

EVERYTHING = bool(os.environ.get("BILLING_DESK_TEST_ALL"))
