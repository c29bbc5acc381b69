"""Every read of documents worth a name. Lists leave the bytes in the database."""

from __future__ import annotations

from ledger.documents.models import Document
from ledger.errors import NotFound


class NoSuchDocument(NotFound):
    """There is no such document, or it is somebody else's."""


def find_document(subject: str, *, kind: str = "", language: str | None = None) -> Document | None:
    """Return the document of a subject, in a language or the first one issued; None when there is none."""
    found = Document.objects.filter(subject=subject)
    if kind:
        found = found.filter(kind=kind)
    if language:
        found = found.filter(language=language)
    return found.order_by("pk").first()


def get_document(document_id: int, *, customer_id: int | None = None) -> Document:
    """Return a document with its bytes, of this customer when one is named.

    :raises NoSuchDocument: if there is none, or it is another customer's
    """
    found = Document.objects.filter(pk=document_id)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    document = found.first()
    if document is None:
        raise NoSuchDocument("There is no such document.")
    return document


def documents_of(customer_id: int, *, limit: int = 50, before: int | None = None) -> list[Document]:
    """Return a customer's documents without their bytes, newest first, paged by the id of the last one seen."""
    found = Document.objects.filter(customer_id=customer_id).defer("content")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])
