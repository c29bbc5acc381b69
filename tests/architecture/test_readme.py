"""README and the pages beside it name what exists: paths, links, commands, addresses, sign-ins, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django_fsm import FSMField

from billing_desk.demo.people import SIGN_INS
from billing_desk.demo.terminal import PAGES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
OWN_APPS = ("ledger", "notifications", "verification", "tickets", "billing_desk")
NAMED_FILE = re.compile(r"`([\w./-]+\.(?:py|sql|toml|yml|txt))`")
LARGEST_PICTURE = 200_000


def names(document: Path) -> str:
    return str(document.relative_to(ROOT))


def headings(document: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def map_of_the_repository() -> Iterator[str]:
    block = README.split("## Map")[1].split("```")[1]
    parents: list[str] = []
    for line in block.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        parents[depth:] = [line.split()[0]]
        yield "".join(parents)


def test_the_introduction_is_five_sentences():
    introduction = README.split("![")[0].partition("\n")[2].strip()

    assert len(re.findall(r"[.!?](?=\s|$)", introduction)) == 5


def test_every_path_on_the_map_exists():
    missing = [path for path in map_of_the_repository() if not (ROOT / path).exists()]

    assert missing == []


def test_every_package_of_the_apps_is_on_the_map():
    apps_of_the_map = [app for app in OWN_APPS if app != "billing_desk"]
    packages = {
        f"{app}/{folder.name}/"
        for app in apps_of_the_map
        for folder in (ROOT / app).iterdir()
        if (folder / "__init__.py").exists() and folder.name not in {"migrations", "management"}
    }

    assert packages - set(map_of_the_repository()) == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_link_leads_somewhere(document):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if "://" in link:
            continue
        if not target.exists() or (heading and heading not in headings(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_file_a_page_names_exists(document):
    # A page may leave out the folders in front: `guards.sql`, `wording/render.py`.
    files = [path for folder in (*OWN_APPS, "tests") for path in (ROOT / folder).rglob("*.*")]
    known = "".join(f"/{path.relative_to(ROOT)}\n" for path in files)
    named = NAMED_FILE.findall(document.read_text(encoding="utf-8"))
    missing = [name for name in named if not (ROOT / name).exists() and f"/{name}\n" not in known]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_command_a_page_names_exists(document):
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)) - targets == set()
    assert set(re.findall(r"manage\.py (\w+)", text)) - set(get_commands()) == set()


def test_the_two_commands_are_demo_and_test():
    commands = README.split("## Two commands")[1].split("## Look around")[0]

    assert re.findall(r"^\| `make (\w+)` \|", commands, re.M) == ["demo", "test"]


def test_the_addresses_and_sign_ins_are_those_the_demo_prints():
    around = README.split("## Look around")[1].split("## Map")[0]

    assert [path for _, path in PAGES if f"http://localhost:8000{path}>" not in around] == []
    assert [name for role, name, _ in SIGN_INS if f"`{name}` ({role})" not in around] == []
    assert {word for _, _, word in SIGN_INS} == {"nordlicht-demo-2026"}
    assert "`nordlicht-demo-2026`" in around


def test_the_pictures_are_small():
    large = {path.name: path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()}

    assert {name: size for name, size in large.items() if size > LARGEST_PICTURE} == {}
    assert all(f"docs/pictures/{name}" in README for name in large)


def test_the_glossary_has_every_model_and_every_state():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = glossary.lower().replace("-", " ")
    models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    spaced = {re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower() for model in models}
    states = {
        value
        for model in models
        for field in model._meta.fields
        if isinstance(field, FSMField)
        for value, _ in field.choices
    }

    assert sorted(name for name in spaced if name not in words) == []
    assert sorted(state for state in states if f"`{state}`" not in glossary) == []
