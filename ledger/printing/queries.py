"""Every read of paper bills worth a name."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from ledger.errors import NotFound
from ledger.printing.models import DeliveryChoice, Letter, PrintBatch

#: Files that are listed; the newest first.
LISTED = 30


class NoSuchBatch(NotFound):
    """No letters were taken on that day."""


def choice_of(customer_id: int) -> DeliveryChoice | None:
    """Return what a customer chose, if they ever did."""
    return DeliveryChoice.objects.filter(customer_id=customer_id, state=DeliveryChoice.State.IN_FORCE).first()


def gets_paper(customer_id: int) -> bool:
    """Return whether a customer's bills are printed and posted."""
    found = choice_of(customer_id)
    return found is not None and found.way == DeliveryChoice.Way.PAPER


def letters_waiting() -> QuerySet[Letter]:
    """Return the letters that are in no file yet, the oldest first."""
    found = Letter.objects.filter(state=Letter.State.WAITING).select_related("invoice", "customer")
    return found.order_by("pk")


def batches() -> list[PrintBatch]:
    """Return the last files with how many letters each holds (`many`), the newest first."""
    return list(PrintBatch.objects.annotate(many=Count("letters")).order_by("-day")[:LISTED])


def get_batch(batch_id: int) -> PrintBatch:
    """Return a file.

    :raises NoSuchBatch: if there is none
    """
    found = PrintBatch.objects.filter(pk=batch_id).first()
    if found is None:
        raise NoSuchBatch("There is no such file of letters.")
    return found
