"""verify_dossier (pure, standard library only): check an exported dossier without us, from its bytes alone.

`python -m ledger.disputes.checking dossier.zip` prints what is wrong, or that everything is as it was.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

MANIFEST = "manifest.json"
BUNDLE = "evidence/opening.json"


def canonical(content: object) -> str:
    """Return JSON whose bytes depend on nothing but the content: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as `sha256sum` prints it."""
    return digest_of_bytes(text.encode())


def digest_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def chain(previous: str, content: str) -> str:
    """Return the hash of a piece of evidence that follows another."""
    return digest(f"{previous}\n{content}")


def first_broken_bundle(content: str, expected: str) -> str:
    """Return what is wrong with the evidence taken at the opening, as the end of a sentence; empty: nothing."""
    if digest(content) != expected:
        return " was changed after it was taken"
    read = json.loads(content)
    for name, part in read["parts"].items():
        if digest(canonical(part)) != read["hashes"][name]:
            return f": {name} was changed"
    return ""


def verify_dossier(content: bytes) -> list[str]:
    """Return every way in which a dossier is not what was exported; empty when all of it is.

    Checked are each file against the manifest, the files against the list, and the chain of the evidence.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        manifest = json.loads(files[MANIFEST])
        listed: dict[str, str] = manifest["files"]
        evidence: list[dict[str, str]] = manifest["evidence"]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return ["This is not a dossier: its manifest is missing or cannot be read."]
    wrong = [f"{name} is missing" for name in listed if name not in files]
    wrong += [f"{name} was added" for name in files if name != MANIFEST and name not in listed]
    changed = [name for name, known in listed.items() if name in files and digest_of_bytes(files[name]) != known]
    wrong += [f"{name} was changed" for name in changed]
    if manifest.get("hash") != digest(canonical({key: value for key, value in manifest.items() if key != "hash"})):
        wrong.append(f"{MANIFEST} was changed")
    return wrong + _broken_chain(files, evidence, str(manifest.get("opening", "")))


def _broken_chain(files: dict[str, bytes], evidence: list[dict[str, str]], opening: str) -> list[str]:
    if BUNDLE not in files:
        return []
    broken = first_broken_bundle(files[BUNDLE].decode(), opening)
    wrong = [f"The evidence at the opening{broken}"] if broken else []
    previous = opening
    for item in evidence:
        content = files.get(item["file"], b"").decode()
        if item["hash"] != chain(previous, content):
            wrong.append(f"{item['file']} does not follow what came before it")
        previous = item["hash"]
    return wrong


def main(arguments: list[str]) -> int:
    """Check the dossiers named on the command line; return 1 when something is wrong."""
    wrong = [f"{name}: {each}" for name in arguments for each in verify_dossier(Path(name).read_bytes())]
    sys.stdout.write("\n".join(wrong or ["Everything is as it was exported."]) + "\n")
    return 1 if wrong or not arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
