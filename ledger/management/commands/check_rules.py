"""manage.py check_rules: run the examples of every rule in force; name what ends soon and what is missing."""

from __future__ import annotations

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.jurisdictions.queries import failing_examples, rules_ending, rules_missing

#: How far ahead an ending rule is named.
AHEAD_DAYS = 60


class Command(BaseCommand):
    """Ends with an error when an example does not come out; run it after every change of rules or code."""

    help = "Run the stored examples of the rules of countries; name rules that end soon and rules that are missing."

    def handle(self, *args: object, **options: object) -> None:
        today = timezone.localdate()
        for row in rules_ending(after=today, before=today + timedelta(days=AHEAD_DAYS)):
            self.stdout.write(f"Ends on {row.valid_to}, and nothing follows: {row}")
        for event in rules_missing():
            self.stdout.write(f"Missing: {event.data.get('reason', event.subject)}")
        wrong = failing_examples(on=today)
        for row, failures in wrong.items():
            self.stderr.write(f"{row}: {' '.join(failures)}")
        if wrong:
            raise CommandError(f"{len(wrong)} rules do not do what their examples say.")
        self.stdout.write("Every example comes out as written.")
