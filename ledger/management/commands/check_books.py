"""Prove the books: exit 0 with a summary, or 1 with the first break."""

from django.core.management.base import BaseCommand, CommandError

from ledger.books import claims, proof


class Command(BaseCommand):
    """Recompute every figure of the books from the postings and compare."""

    help = "Prove that the books balance and that every stored figure and claim agrees with the postings."

    def handle(self, *args: object, **options: object) -> None:
        """Print the summary.

        :raises CommandError: naming the first break (exit status 1)
        """
        broken = proof.first_break()
        if broken is not None:
            raise CommandError(f"The books do not hold: {broken}")
        held = proof.extent()
        self.stdout.write(
            f"The books hold: {held.entries} entries, {held.postings} postings, {held.accounts} accounts, "
            f"{len(claims.CLAIMS)} claims, sealed to entry {held.sealed_to} ({held.head[:16] or 'no seal yet'})."
        )
