"""pack (pure): files and their hashes as one zip whose bytes depend on nothing but the content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

#: Zip knows no time zones and no time before it; every file carries this one, so equal content is equal bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, in the order of their names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, MOMENT), files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def safe_name(name: str) -> str:
    """Return a file name that stays inside its folder on every system."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rpartition("/")[2].rpartition("\\")[2]).strip(".-")
    return plain[:80] or "file"
