"""Documents, to read and to open."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html

from ledger.documents.models import Document
from ledger.events.admin import FactAdmin


@admin.register(Document)
class DocumentAdmin(FactAdmin):
    """What customers were handed, byte for byte."""

    list_display = ("number", "kind", "customer", "language", "contact_number", "shown_file", "issued_at")
    list_filter = ("kind", "language")
    list_select_related = ("customer",)
    search_fields = ("=number", "=subject", "=customer__number", "=sha256")
    fields = (
        "kind", "number", "subject", "customer", "language", "contact_number", "is_electronic", "template_version",
        "size", "sha256", "issued_at", "shown_file",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Leave the bytes in the database."""
        found: QuerySet[Document] = super().get_queryset(request).defer("content")
        return found

    def get_urls(self) -> list[Any]:
        """Add the address of the file."""
        view = self.admin_site.admin_view(self.open_file)
        return [path("<int:pk>/file/", view, name="ledger_document_file"), *super().get_urls()]

    def open_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the PDF as it was issued."""
        document = Document.objects.filter(pk=pk).first()
        if document is None or not self.has_view_permission(request, document):
            raise Http404("There is no such document.")
        answer = HttpResponse(bytes(document.content), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{document.file_name}"'
        return answer

    @admin.display(description="File")
    def shown_file(self, document: Document) -> str:
        """Link the PDF."""
        address = reverse(f"{self.admin_site.name}:ledger_document_file", args=[document.pk])
        return format_html('<a href="{}">{}</a>', address, document.file_name)
