"""verify_case_file (pure, standard library only): check the JSON file of a case without us, from its bytes alone.

`python -m tickets.casefile.checking case.json` prints what is wrong, or that everything is as it was. The hash of a
piece is SHA-256(hash of the one before + line feed + the piece without its hash, as JSON with sorted keys and no
spaces); the first one follows the hash of the head, and the file's own is that of its last piece.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ledger.disputes.checking import canonical, chain, digest


def hash_of_head(head: object) -> str:
    """Return the hash that the first piece follows."""
    return digest(canonical(head))


def hash_of_piece(previous: str, piece: dict[str, Any]) -> str:
    """Return the hash of a piece that follows another; a hash it has already does not count."""
    return chain(previous, canonical({key: value for key, value in piece.items() if key != "hash"}))


def verify_case_file(content: bytes) -> list[str]:
    """Return every way in which a file is not what was taken out; empty when all of it is."""
    try:
        read = json.loads(content)
        head, pieces, told = read["case"], read["pieces"], (int(read["count"]), str(read["hash"]))
        hashes = [str(piece["hash"]) for piece in pieces]
    except (ValueError, KeyError, TypeError):
        return ["This is not the file of a case: a part of it is missing or cannot be read."]
    wrong, previous = [], hash_of_head(head)
    for number, (piece, known) in enumerate(zip(pieces, hashes, strict=True), start=1):
        if hash_of_piece(previous, piece) != known:
            what = "the head or the first piece was" if number == 1 else f"piece {number}, or one before it, was"
            wrong.append(f"{what} changed, added or taken away".capitalize())
        previous = known
    if (len(pieces), previous) != told:
        wrong.append(f"The end is missing or was added: {len(pieces)} pieces of {told[0]}")
    return wrong


def main(arguments: list[str]) -> int:
    """Check the files named on the command line; return 1 when something is wrong."""
    wrong = [f"{name}: {each}" for name in arguments for each in verify_case_file(Path(name).read_bytes())]
    sys.stdout.write("\n".join(wrong or ["Everything is as it was taken out."]) + "\n")
    return 1 if wrong or not arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
