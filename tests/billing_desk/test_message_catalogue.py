"""Every sentence a customer can see has its translation, filled with the same values, and the compiled file is new."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings

from billing_desk.message_catalogue import faults, files, sentences


def test_every_sentence_of_the_portal_is_translated() -> None:
    assert faults() == []


def test_sentences_of_templates_code_and_tables_are_all_found() -> None:
    found = sentences()

    assert ("", "Hello %(name)s", "") in found  # a template
    assert ("", "Refund of {amount} asked for", "") in found  # code
    assert ("state", "waiting for approval", "") in found  # a table
    assert ("", "Your address belongs to %(many)s account.", "Your address belongs to %(many)s accounts.") in found
    assert found["", "Pay now", ""] == ["billing_desk/templates/portal/_paused.html"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgstr "Guten Tag, %(name)s"', 'msgstr "Guten Tag"', "filled differently ('', 'Hello %(name)s', '')"),
        ('msgstr "Guten Tag, %(name)s"', 'msgstr ""', "not translated ('', 'Hello %(name)s', '')"),
        ('msgid "Hello %(name)s"', 'msgid "Good day %(name)s"', "missing ('', 'Hello %(name)s', '')"),
    ],
)
def test_a_fault_in_a_translation_is_named(
    tmp_path: Path, settings: LazySettings, old: str, new: str, fault: str
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    shutil.copytree(files("de")[0].parent, folder)
    text = (folder / "django.po").read_text(encoding="utf-8")
    assert old in text
    (folder / "django.po").write_text(text.replace(old, new), encoding="utf-8")
    settings.LOCALE_PATHS = [tmp_path]

    found = faults()

    assert f"de: {fault}" in found
    assert "de: django.mo is stale" in found
