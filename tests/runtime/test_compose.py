"""The server install: both files are read, and what they promise is checked. No container engine is needed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.runtime import compose

ROOT = compose.ROOT
FILLED = {
    "OWNER_DATABASE_PASSWORD": "owner1",
    "APP_DATABASE_PASSWORD": "app1",
    "BILLING_DESK_SECRET_KEY": "key1",
    "BILLING_DESK_PUBLIC_URL": "https://desk.example",
    "BILLING_DESK_HOST": "desk.example",
    "BILLING_DESK_SUPPORT_ADDRESS": "billing@desk.example",
    "SMTP_URL": "smtp://mail.example:25",
}
#: Names whose value must never stand in the file.
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")


def test_the_six_services_of_a_server_install_are_there() -> None:
    assert sorted(compose.raw()["services"]) == ["beat", "migrate", "postgres", "redis", "web", "worker"]


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    check = compose.raw()["services"][name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_database_is_migrated(name: str) -> None:
    services = compose.raw()["services"]

    assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("missing", sorted(FILLED))
def test_an_install_without_a_required_value_is_refused_by_name(missing: str) -> None:
    with pytest.raises(compose.VariableMissingError, match=missing):
        compose.services({**FILLED, missing: ""})


def test_no_secret_stands_in_the_file() -> None:
    for name, service in compose.raw()["services"].items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable):
                assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", value), f"{name}: {variable}"
            if variable.endswith("_URL") and "@" in value:
                assert re.search(r"//\w+:\$\{\w+:\?", value), f"{name}: {variable}"


def test_the_example_environment_names_every_variable_and_holds_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert set(given) == compose.variables()
    assert [name for name, value in given.items() if SECRET.search(name) and value] == []


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_application_logs_in_as_another_role_than_the_owner(name: str) -> None:
    services = compose.services(FILLED)
    application, owner = (urlsplit(services[one]["environment"]["DATABASE_URL"]) for one in (name, "migrate"))

    assert (application.username, application.password) == ("billing_desk_app", "app1")
    assert (owner.username, owner.password) == ("billing_desk_owner", "owner1")
    assert "owner1" not in str(services[name]), "the owner's password is known where it is not needed"


def test_only_migrate_sets_the_application_roles_password() -> None:
    services = compose.services(FILLED)

    holders = [name for name, service in services.items() if "APP_DATABASE_PASSWORD" in service.get("environment", {})]

    assert holders == ["migrate"]


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_the_command_of_every_service_exists(name: str) -> None:
    command = compose.raw()["services"][name]["command"]
    program = "python" if command[0] == "sh" else command[0]

    assert shutil.which(program, path=str(Path(sys.executable).parent))
    for script in re.findall(r"manage\.py (\w+)", " ".join(command)):
        done = subprocess.run([sys.executable, "manage.py", "help", script], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, f"manage.py {script} does not exist"


def test_the_image_starts_without_the_demos_packages() -> None:
    excluded = re.search(r"\^\(([^)]*)\)==", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert excluded
    modules = [name.replace("-", "_") for name in excluded[1].split("|")]
    blocked = f"import sys; sys.modules.update(dict.fromkeys({modules!r}))"

    command = [sys.executable, "-c", f"{blocked}; import billing_desk.asgi, billing_desk.celery"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert all(f"\n{name}==" in pinned for name in excluded[1].split("|"))


def test_the_image_does_not_run_as_root_and_copies_no_secret() -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert [line for line in docker if line.startswith("USER")] == ["USER desk"]
    assert not [line for line in docker if line.startswith(("ENV", "ARG")) and SECRET.search(line)]
    assert {".env", ".env.*", ".git", ".venv"} <= set(ignored)
