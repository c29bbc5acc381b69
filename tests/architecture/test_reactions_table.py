"""Every kind an app records has a line in the reactions table; a missing line is a mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from celery import current_app

from billing_desk.reactions import REACTIONS
from ledger.events import kinds
from notifications import events as told
from tickets import events as cases
from verification import events as proofs

ROOT = Path(__file__).resolve().parents[2]
APPS = ("ledger", "notifications", "verification", "tickets", "billing_desk")


def kinds_of(module) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("module", [kinds, told, cases, proofs], ids=lambda module: module.__name__)
def test_every_kind_has_a_line(module):
    assert kinds_of(module) <= set(REACTIONS)


def test_no_line_stands_for_a_kind_nobody_records():
    recorded = set().union(*(kinds_of(module) for module in (kinds, told, cases, proofs)))
    desk = (
        set(re.findall(r'= "([a-z_]+\.[a-z_]+)"', (ROOT / "billing_desk" / "events.py").read_text()))
        if (ROOT / "billing_desk" / "events.py").exists()
        else set()
    )

    assert set(REACTIONS) <= recorded | desk


def test_every_task_sent_by_name_exists():
    current_app.loader.import_default_modules()
    sent = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            sent |= set(re.findall(r'run_later\(\s*"([\w.]+)"', file.read_text()))

    assert sent
    assert sent <= set(current_app.tasks)


def test_every_task_of_the_schedule_exists():
    from billing_desk.schedule import SCHEDULE

    current_app.loader.import_default_modules()

    assert {entry["task"] for entry in SCHEDULE.values()} <= set(current_app.tasks)
