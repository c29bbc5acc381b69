"""Read docker-compose.yml as Compose does: merged, and with ${VARIABLES} filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<kind>:[?-])(?P<rest>[^}]*))?\})")


class VariableMissingError(Exception):
    """A required variable is not set or empty."""


def services(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the services with every variable replaced.

    :raises VariableMissingError: naming the first required variable without a value
    """
    return _filled(raw()["services"], environment)


def raw() -> dict[str, Any]:
    """Return the file as it is written, anchors merged."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def variables() -> set[str]:
    """Return the names of all variables that the file reads."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return {match["name"] for match in VARIABLE.finditer(text) if match["name"]}


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, environment) for inner in value]
    return VARIABLE.sub(lambda match: _value(match, environment), value) if isinstance(value, str) else value


def _value(match: re.Match[str], environment: Mapping[str, str]) -> str:
    name, kind, rest = match["name"], match["kind"], match["rest"]
    if name is None:
        return "$"
    found = environment.get(name, "")
    if not found and kind == ":?":
        raise VariableMissingError(f"{name}: {rest}")
    return found or (rest if kind == ":-" else "")


def health_command(service: Mapping[str, Any]) -> list[str]:
    """Return the command of a health check, as the container would run it."""
    kind, *words = service["healthcheck"]["test"]
    return ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words
