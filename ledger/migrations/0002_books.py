"""The laws of the books and the functions that write them, as plain SQL beside this file."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
FORWARD = ["books_tables.sql", "books_laws.sql", "books_posting.sql", "books_grants.sql"]


def statements(name: str) -> str:
    """Return one file of SQL."""
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made."""

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [statements(name) for name in FORWARD],
            statements("books_remove.sql"),
        )
    ]
