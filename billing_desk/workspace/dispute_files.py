"""Files that leave the desk about disputes and chargebacks: the bill that goes in, the zip that comes out."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse

from ledger.documents.queries import find_document


def bills_of(invoice_ids: Iterable[int]) -> dict[str, bytes]:
    """Return the bills as they were issued, by their file names; one that was never handed out is left out."""
    found = [find_document(f"invoice:{pk}", kind="invoice") for pk in invoice_ids]
    return {document.file_name: bytes(document.content) for document in found if document is not None}


def as_zip(content: bytes, name: str) -> HttpResponse:
    """Return bytes as a zip to be saved."""
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
