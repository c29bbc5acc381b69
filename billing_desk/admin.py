"""Staff, API keys, webhook endpoints and what became of each delivery."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminURLInputWidget

from billing_desk.admin_site import take_over
from billing_desk.endpoints import check_kinds, open_endpoint, retry_delivery
from billing_desk.keys import SCOPES, issue_key, revoke_key
from billing_desk.models import ApiKey, User, WebhookDelivery, WebhookEndpoint
from billing_desk.outgoing import check_address
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, FactAdmin, ObjectAction, actor_of

#: Pages of other packages show tables of theirs: sign-in logs, and the secrets of second factors.
OWN_APPS = frozenset({"ledger", "notifications", "verification", "tickets", "billing_desk"})

take_over(admin.site)
admin.site.unregister([model for model in admin.site._registry if model._meta.app_label not in OWN_APPS])


def show_once(request: HttpRequest, site: Any, *, title: str, explains: str, secret: str, back: str) -> HttpResponse:
    """Show a secret on a page that is stored nowhere on the way."""
    context = {**site.each_context(request), "title": title, "explains": explains, "secret": secret, "back": back}
    return TemplateResponse(request, "admin/shown_once.html", context, headers={"Cache-Control": "no-store"})


@admin.register(User)
class StaffAdmin(ConfigurationAdmin, UserAdmin):
    """Members of staff and the roles they hold. Nobody changes their own."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "shown_roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    secret_fields = ("password",)
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "language", "customer_id")}),
        ("Roles", {"fields": ("is_active", "groups")}),
        ("Seen", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the roles along."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Roles")
    def shown_roles(self, user: User) -> str:
        """Show the roles' names."""
        return ", ".join(sorted(group.name for group in user.groups.all())) or "none (may read)"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who left is made inactive: the audit trail names them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only a superuser changes a superuser."""
        protected = isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not protected

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody gives themselves a role, or takes their own account off themselves."""
        own = ("is_active", "groups", "customer_id") if obj is not None and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *own)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record a change of roles with both sides."""
        before = sorted(form.instance.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        after = sorted(form.instance.groups.values_list("name", flat=True))
        if before != after:
            self.record(request, form.instance, "roles changed", before={"roles": before}, after={"roles": after})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Record that a password was set, never which."""
        user = self.get_object(request, id)
        before = user.password if user else ""
        answer = super().user_change_password(request, id, form_url)
        if user and User.objects.values_list("password", flat=True).get(pk=user.pk) != before:
            self.record(request, user, "password set", before={}, after={})
        return answer


class ApiKeyForm(forms.ModelForm):
    """What a new key may open."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {words}") for scope, words in SCOPES.items()], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "customer_id")


@admin.register(ApiKey)
class ApiKeyAdmin(FactAdmin):
    """Integrations' keys: issued, shown once, revoked; never changed."""

    list_display = ("name", "prefix", "scopes", "customer_id", "created_at", "last_used_at", "revoked_at")
    exclude = ("hash",)
    object_actions = (
        ObjectAction(
            "revoke", "Revoke", revoke_key, "billing_desk.key.edit", "The key is revoked.",
            explains="Its next request is refused. This cannot be taken back.",
            why_not=lambda key, by: "It is revoked." if key.revoked_at else None,
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may edit keys may issue one."""
        return bool(request.user.has_perm("billing_desk.key.edit"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Ask for name and scopes only."""
        return super().get_form(request, obj, change, **({} if obj else {"form": ApiKeyForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what is kept of a key; ask for what makes one."""
        return super().get_fields(request, obj) if obj else ("name", "scopes", "customer_id")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Issue the key; the operation records it."""
        key, secret = issue_key(**form.cleaned_data, by=actor_of(request), at=timezone.now())
        obj.pk, request.key_to_show = key.pk, secret

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key, this once."""
        back = reverse("admin:billing_desk_apikey_changelist")
        explains = f"Send it with every request as: Authorization: Bearer …. It belongs to {obj.name}."
        secret = getattr(request, "key_to_show", "")
        return show_once(request, self.admin_site, title="API key", explains=explains, secret=secret, back=back)


class EndpointForm(forms.ModelForm):
    """An address we may post to, and kinds that exist."""

    url = forms.URLField(max_length=500, assume_scheme="https", widget=UnfoldAdminURLInputWidget)

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "kinds", "is_active")

    def clean_url(self) -> str:
        """Refuse an address of our own network."""
        return self._checked("url", check_address)

    def clean_kinds(self) -> list[str]:
        """Refuse a kind that no event has."""
        return list(self._checked("kinds", check_kinds) or [])

    def _checked(self, field: str, check: Any) -> Any:
        try:
            check(self.cleaned_data[field] or [])
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return self.cleaned_data[field]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ConfigurationAdmin):
    """Where events are posted."""

    form = EndpointForm
    list_display = ("name", "url", "kinds", "is_active", "created_at")
    secret_fields = ("secret",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Switch it off instead: its deliveries stay on file."""
        return False

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        """Open a new endpoint by its operation; save a changed one."""
        if change:
            return super().save_model(request, obj, form, change)
        wanted = form.cleaned_data
        made, secret = open_endpoint(
            name=wanted["name"], url=wanted["url"], kinds_wanted=wanted["kinds"], by=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
        obj.pk, request.key_to_show = made.pk, secret
        return None

    def response_add(
        self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the signing secret, this once."""
        back = reverse("admin:billing_desk_webhookendpoint_changelist")
        explains = "The receiver checks our signatures with it (Standard Webhooks)."
        secret = getattr(request, "key_to_show", "")
        return show_once(request, self.admin_site, title="Signing secret", explains=explains, secret=secret, back=back)


def _is_delivered(delivery: WebhookDelivery, _by: Actor) -> str | None:
    return "It arrived." if delivery.delivered_at else None


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(FactAdmin):
    """Events on their way to endpoints."""

    list_display = ("event_id", "endpoint", "attempts", "due_at", "delivered_at", "given_up_at", "last_answer")
    list_filter = (
        "endpoint",
        ("delivered_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("endpoint",)
    object_actions = (
        ObjectAction(
            "retry", "Try again now", retry_delivery, "billing_desk.key.edit", "It is posted again.",
            why_not=_is_delivered,
        ),
    )  # fmt: skip
