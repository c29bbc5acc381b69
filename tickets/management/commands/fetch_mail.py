"""fetch_mail: poll the mailboxes once."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from tickets.channels.models import Mailbox
from tickets.intake.polling import poll_mailbox


class Command(BaseCommand):
    """What a mailbox answered is printed; an error leaves its mails where they are."""

    help = "Fetch what is unseen in every active mailbox, once"

    def handle(self, *args: object, **options: object) -> None:
        """Poll one after the other."""
        for mailbox in Mailbox.objects.filter(is_active=True).order_by("id"):
            stored = poll_mailbox(mailbox.pk, at=timezone.now())
            trouble = Mailbox.objects.values_list("last_error", flat=True).get(pk=mailbox.pk)
            self.stdout.write(f"{mailbox.address}: {stored} stored" + (f", then {trouble}" if trouble else ""))
