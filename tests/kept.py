"""A migrated cluster is kept for the next run: it is only as good as the migrations it came from, so these name it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "billing-desk" / "tests"
CLUSTER = Path("pg") / "cluster"
KEPT = 3


def key() -> str:
    """Return a name for everything that decides what an empty database is migrated to."""
    files = [ROOT / name for name in ("requirements.txt", "billing_desk/embedded.py", "ledger/migrating.py")]
    files += [*ROOT.glob("*/migrations/**/*.*")]
    told = hashlib.sha256()
    for file in sorted(file for file in files if file.suffix != ".pyc"):
        told.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return told.hexdigest()[:24]


def borrow(name: str, folder: Path) -> None:
    """Copy the cluster kept under this name into a run's folder, where there is one."""
    if (CACHE / name).is_dir():
        (folder / CLUSTER).parent.mkdir(mode=0o755)
        if subprocess.run(["cp", "-a", str(CACHE / name), str(folder / CLUSTER)]).returncode:
            shutil.rmtree(folder / CLUSTER, ignore_errors=True)


def keep(name: str, folder: Path) -> None:
    """Keep the cluster of a run whose server has stopped cleanly; the oldest ones go."""
    cluster = folder / CLUSTER
    if (CACHE / name).is_dir() or (cluster / "postmaster.pid").exists() or not (cluster / "PG_VERSION").exists():
        return
    # Who may not write there does without; the next run only takes longer.
    with contextlib.suppress(OSError):
        CACHE.mkdir(parents=True, exist_ok=True)
        half = CACHE / f".{name}.{os.getpid()}"
        if subprocess.run(["cp", "-a", str(cluster), str(half)], capture_output=True).returncode == 0:
            half.rename(CACHE / name)
        shutil.rmtree(half, ignore_errors=True)
        older = sorted(CACHE.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)[KEPT:]
        for each in older:
            shutil.rmtree(each, ignore_errors=True)
