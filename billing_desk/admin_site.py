"""The admin's face and its door: our sign-in with its second factor, our colours, and who may come in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from billing_desk.roles import may
from ledger.customers.operations import refuse_access
from ledger.events.admin import actor_of

#: The accent of the workspace (tokens.css), in the steps the theme asks for.
ACCENT = {
    "50": "#f2f5ff", "100": "#e8eeff", "200": "#cfdaff", "300": "#a9bcff", "400": "#7c9bff", "500": "#4f78f5",
    "600": "#2f5bea", "700": "#2549c4", "800": "#1f3c9c", "900": "#1e2a4d", "950": "#141c33",
}  # fmt: skip


class DeskAdminSite(UnfoldAdminSite):
    """The admin of supervisors and finance."""

    site_title = site_header = "billing desk"
    index_title = "Overview"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whose role includes the admin; being marked as staff is not enough."""
        return bool(may(request.user, "admin.open"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the desk's sign-in: one door, with the second factor."""
        there = request.GET.get("next") or reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(there, settings.LOGIN_URL)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Refuse staff without the role with 403 and an event, instead of asking them to sign in again."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                keep_refusal(request, "no role for the admin")
                raise PermissionDenied
            try:
                return guarded(request, *args, **kwargs)
            except PermissionDenied:
                keep_refusal(request, "no permission in the admin")
                raise

        return checked

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Give every page our accent instead of the theme's."""
        context: dict[str, Any] = super().each_context(request)
        context["colors"] = {**context["colors"], "primary": ACCENT}
        return context


def keep_refusal(request: HttpRequest, why: str) -> None:
    """Put a refused address of the admin on the audit trail."""
    refuse_access(f"address:{request.path}"[:60], why=why, customer_id=None, by=actor_of(request), at=timezone.now())


def take_over(site: AdminSite) -> None:
    """Give the site that the theme made our door and our face, with every page that is registered there already."""
    site.__class__ = DeskAdminSite
