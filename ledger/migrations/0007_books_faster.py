"""The laws of the books for less: fewer queries per posting, and a function for entries of two lines."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
FORWARD = ["books_faster.sql", "books_faster_grants.sql"]

REMOVE = """
DROP TRIGGER journal_entry_balances_in_every_currency ON ledger_journalentry;
CREATE CONSTRAINT TRIGGER journal_entry_balances_in_every_currency AFTER INSERT ON ledger_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
DROP TRIGGER postings_keep_the_laws ON ledger_posting;
CREATE TRIGGER postings_keep_the_laws AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_added();
-- The role stays, other databases of the server may need it; what it has in this one goes, its function included.
DROP OWNED BY billing_desk_poster;
DROP FUNCTION ledger_add_postings(
    bigint[], bigint[], date[], bigint[], integer[], integer[], text[], bigint[]);
DROP FUNCTION ledger_refuse_closed_period();
DROP FUNCTION ledger_refuse_overdraft(text);
CREATE INDEX ledger_journalentry_key_ad9d956a_like ON ledger_journalentry (key text_pattern_ops);
ALTER TABLE ledger_posting ADD CONSTRAINT posting_belongs_to_an_entry
    FOREIGN KEY (entry_id) REFERENCES ledger_journalentry (id);
ALTER TABLE ledger_posting ADD CONSTRAINT posting_is_in_the_currency_of_its_account
    FOREIGN KEY (account_id, currency) REFERENCES ledger_account (id, currency);
"""


def statements(name: str) -> str:
    """Return one file of SQL."""
    return (SQL / name).read_text(encoding="utf-8")


def as_it_was(function: str, file: str) -> str:
    """Return the statement that puts a function back as an earlier file made it."""
    _, made, body = statements(file).partition(f"CREATE FUNCTION {function}(")
    return made.replace("CREATE", "CREATE OR REPLACE") + body.partition("END $$;")[0] + "END $$;"


class Migration(migrations.Migration):
    """Run the files in order; backwards, remove what they made and put back what they replaced."""

    dependencies = [("ledger", "0006_billing_guards")]

    operations = [
        migrations.RunSQL(
            [statements(name) for name in FORWARD],
            [
                as_it_was("ledger_entry_balances", "books_laws.sql"),
                as_it_was("ledger_postings_added", "books_laws.sql"),
                REMOVE,
                as_it_was("ledger_post_entries", "books_posting.sql"),
                statements("books_grants.sql"),
            ],
        )
    ]
