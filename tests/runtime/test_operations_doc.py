"""docs/operations.md names what exists: every setting, every command."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_variable_the_settings_read_is_explained_and_no_other() -> None:
    read = r"(?:environ\.get|flag)\(\s*\"(\w+)\""
    sources = "".join((ROOT / "billing_desk" / name).read_text() for name in ("settings.py", "embedded.py"))
    table = DOC.split("## Settings")[1].split("## Back up")[0]
    explained = {name for row in re.findall(r"^\| (.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}

    assert explained == set(re.findall(read, sources)) - {"XDG_DATA_HOME"}


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"manage\.py (\w+)", DOC))

    assert named - set(get_commands()) == set()
