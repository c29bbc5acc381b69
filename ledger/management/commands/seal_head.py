"""Print the newest seal of the books, to be kept outside the database."""

from django.core.management.base import BaseCommand

from ledger.books import proof


class Command(BaseCommand):
    """Print one line: the entry up to which the books are sealed, and the hash."""

    help = "Print the newest seal of the books: keep it elsewhere, so that deleted seals are noticed."

    def handle(self, *args: object, **options: object) -> None:
        """Print the line; books without a seal print "0 -"."""
        held = proof.extent()
        self.stdout.write(f"{held.sealed_to} {held.head or '-'}")
