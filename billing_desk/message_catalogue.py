"""The portal's sentences in other languages: found in templates and code, kept in .po files, compiled without gettext.

`manage.py write_words` brings the files up to date; a sentence without a translation is a fault a test names.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from billing_desk.borrowed_words import borrowed

CODE = settings.BASE_DIR / "billing_desk"
TEMPLATES = CODE / "templates"
#: What a customer can see; the workspace is English.
SEEN = ("portal", "components", "base.html", "403_csrf.html")
#: Name of a function that marks a sentence to the number of its strings, the kind of word being the first of `p…`.
MARKS = {
    "_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "pgettext": 2, "pgettext_lazy": 2, "ngettext": 2,
    "npgettext": 3,
}  # fmt: skip
CALL = re.compile(r"""\b(?:n?p?gettext|_)\((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*)?)+(?:count)?\)""")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w+)\}")
LONGEST_LINE = 118
#: The header has to name moments; one that stands still keeps the files the same until a sentence changes.
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
#: Kind of word (empty: none), the English, and its plural (empty: none).
Sentence = tuple[str, str, str]


def languages() -> list[str]:
    """Return the languages besides English, in which everything is written in the first place."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def sentences() -> dict[Sentence, list[str]]:
    """Return every sentence a customer can see, with the files it stands in."""
    found: dict[Sentence, list[str]] = {}
    for path, calls in _calls():
        place = path.relative_to(settings.BASE_DIR).as_posix()
        for sentence in (_sentence(call) for call in calls):
            if sentence is not None and place not in found.setdefault(sentence, []):
                found[sentence].append(place)
    for kind, words in borrowed():
        found.setdefault((kind, words, ""), ["billing_desk/borrowed_words.py"])
    return found


def _calls() -> Iterator[tuple[Path, Iterable[ast.Call]]]:
    for path in sorted(CODE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "gettext" in source:
            yield path, (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.relative_to(TEMPLATES).parts[0] in SEEN:
            marked = templatize(path.read_text(encoding="utf-8"), origin=path.name)
            yield path, (_parsed(call[0]) for call in CALL.finditer(marked))


def _parsed(call: str) -> ast.Call:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


def _sentence(call: ast.Call) -> Sentence | None:
    """Return what a call marks; None for any other call, and for words that come out of a table."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = call.args[: MARKS.get(name, 0)]
    texts = [node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if not texts or len(texts) < MARKS[name]:
        return None
    kind = texts.pop(0) if "p" in name.removesuffix("_noop") else ""
    return kind, texts[0], texts[1] if len(texts) > 1 else ""


def files(language: str) -> tuple[Path, Path]:
    """Return where the source and the compiled sentences of a language are kept."""
    folder = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"
    return folder / "django.po", folder / "django.mo"


def faults() -> list[str]:
    """Return what is wrong with the translations: sentences missing, left over, untranslated or filled differently."""
    wrong = []
    for language in languages():
        source, compiled = files(language)
        kept, wanted = _read(source), sentences()
        there = {_key(message): message.string for message in kept if message.id}
        wrong += [f"{language}: missing {key}" for key in wanted.keys() - there.keys()]
        wrong += [f"{language}: not used any more {key}" for key in there.keys() - wanted.keys()]
        wrong += [f"{language}: {why} {key}" for key, said in there.items() if (why := _fault(key, said))]
        wrong += [f"{language}: unsure {message.id}" for message in kept if message.id and message.fuzzy]
        if not compiled.is_file() or compiled.read_bytes() != _compiled(kept):
            wrong.append(f"{language}: {compiled.name} is stale")
    return sorted(wrong)


def write_catalogues() -> list[Path]:
    """Bring the source files up to date, new sentences without words, and compile them; return what was changed."""
    changed = []
    for language in languages():
        source, compiled = files(language)
        old = _read(source) if source.is_file() else Catalog(locale=language)
        new = _updated(old, language)
        text = io.BytesIO()
        write_po(text, new, width=LONGEST_LINE, omit_header=False, sort_output=False, include_lineno=False)
        source.parent.mkdir(parents=True, exist_ok=True)
        for path, content in ((source, text.getvalue()), (compiled, _compiled(new))):
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
                changed.append(path)
    return changed


def _updated(old: Catalog, language: str) -> Catalog:
    """Return the sentences there are now with the words they had; its header holds nothing that changes by itself."""
    new = Catalog(
        locale=language,
        project="billing desk",
        version="1",
        header_comment="# What customers read in the portal.",
        msgid_bugs_address="none",
        last_translator="billing desk",
        language_team="billing desk",
        fuzzy=False,
    )
    new.creation_date = new.revision_date = MADE_AT
    words = {_key(message): message.string for message in old if message.id}
    for (kind, english, plural), places in sorted(sentences().items(), key=lambda item: (item[1][0], item[0])):
        said = words.get((kind, english, plural)) or (("", "") if plural else "")
        new.add(
            (english, plural) if plural else english,
            said,
            locations=[(place, 1) for place in places],
            context=kind or None,
        )
    return new


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, domain="django")


def _compiled(catalogue: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def _key(message: Message) -> Sentence:
    english, plural = message.id if isinstance(message.id, tuple) else (message.id, "")
    return message.context or "", english, plural


def _fault(key: Sentence, said: str | tuple[str, ...]) -> str:
    """Return why a translation cannot stand: a part is empty, or it is filled with other values than the English."""
    parts = (said,) if isinstance(said, str) else said
    if not all(parts):
        return "not translated"
    wanted = set(PLACEHOLDER.findall(key[1])) | set(PLACEHOLDER.findall(key[2]))
    if any(set(PLACEHOLDER.findall(part)) - wanted for part in parts):
        return "filled differently"
    return "" if set(PLACEHOLDER.findall(parts[-1])) == wanted else "filled differently"
