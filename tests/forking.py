"""The other side of tests/killable.py: `python -m tests.forking module word...`."""

from __future__ import annotations

import importlib
import os
import sys


def fork(module: str, words: list[str]) -> None:
    """Load a module, and fork its `main` for every line on standard input; say how each of them ended."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
    import django

    django.setup()
    main = importlib.import_module(module).main
    while sys.stdin.readline():
        child = os.fork()
        if not child:
            print(os.getpid(), "working", sep="\n", flush=True)
            main(*words)
            sys.stdout.flush()
            os._exit(0)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    fork(sys.argv[1], sys.argv[2:])
