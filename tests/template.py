"""Make the database every test starts from: `python -m tests.template`, told all it needs by the environment."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from tests import cleaning

#: In the run's folder: one of them is there once the template is finished, or will never be.
READY, FAILED = "template-is-ready", "template-failed"


def make() -> None:
    """Migrate one database; copy it, and put roles and defaults in place there, which change with any line of code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    migrated, name = connection.settings_dict["NAME"], os.environ["BILLING_DESK_TEST_TEMPLATE"]
    connection.close()
    with psycopg.connect(os.environ["BILLING_DESK_TEST_URL"], autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}" STRATEGY wal_log')
    connection.settings_dict["NAME"] = name
    call_command("sync_roles", stdout=StringIO())
    with connection.cursor() as cursor:
        cleaning.watch_schema(cursor)


if __name__ == "__main__":
    folder, done = Path(os.environ["BILLING_DESK_DATA"]), FAILED
    try:
        make()
        done = READY
    finally:
        (folder / done).touch()
