"""What a newcomer types first: clear words when something is missing, and one broker for all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CHROMIUM", "REQUIRE_BROWSER"}
    environment = {key: value for key, value in os.environ.items() if key not in outer}
    # -o: the environment counts as installed.
    command = ["make", "-o", ".venv/dev.stamp", "-o", ".venv/runtime.stamp", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_chromium_the_tests_say_that_browser_tests_do_not_run() -> None:
    done = make("-n", "test", "CHROMIUM=")

    assert "BROWSER TESTS DO NOT RUN" in done.stdout
    assert '-m "not browser"' in done.stdout


def test_with_chromium_no_test_is_left_out() -> None:
    done = make("-n", "test", "CHROMIUM=/usr/bin/chromium")

    assert "not browser" not in done.stdout
    assert "pytest -n auto" in done.stdout


def test_where_browsers_are_required_a_missing_one_is_an_error() -> None:
    done = make("test", "CHROMIUM=", "REQUIRE_BROWSER=1")

    assert done.returncode != 0
    assert "Chromium is not installed" in done.stderr


def test_a_failed_installation_shows_why_and_fails(tmp_path: Path) -> None:
    broken = tmp_path / "requirements.txt"
    broken.write_text("not a requirement at all ==\n")
    command = [sys.executable, "billing_desk/demo/install.py", sys.prefix, str(broken)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode != 0
    assert "Invalid requirement" in done.stderr
    assert "could not be installed" in done.stderr


@pytest.mark.parametrize("entry", ["billing_desk.asgi", "billing_desk.wsgi", "billing_desk.celery"])
def test_work_handed_over_by_every_entry_point_goes_to_the_configured_broker(entry: str) -> None:
    script = f"import {entry}; from celery import current_app; print(current_app.main, current_app.conf.broker_url)"
    environment = {**os.environ, "REDIS_URL": "redis://broker.example:6379/0"}

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1:] == ["billing_desk redis://broker.example:6379/0"], done.stderr


def test_a_management_command_hands_work_to_the_configured_broker_too() -> None:
    script = "from celery import current_app; print(current_app.main)"

    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script], cwd=ROOT, capture_output=True, text=True
    )

    assert done.stdout.splitlines()[-1:] == ["billing_desk"], done.stderr
