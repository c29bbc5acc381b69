"""What every admin page of the four apps shares, and the audit trail itself.

Three kinds of pages: facts are read, never written; configuration is edited, and every change leaves an event with what
it was before; object buttons post to an operation, which decides. The event table is the one trail: Django's own log of
admin actions is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.configuration import changed_fields, record_change, values_of
from ledger.events.models import Event, Reaction
from ledger.events.operations import record_event, subject_of
from ledger.events.queries import timeline_of
from ledger.later import run_later
from ledger.money import Money


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in member of staff with the roles they hold."""
    user: Any = request.user
    names = getattr(user, "_admin_roles", None)
    if names is None:
        names = user._admin_roles = frozenset(user.groups.values_list("name", flat=True))
    return Actor.agent(user.pk, name=str(user), roles=names, customer_id=getattr(user, "customer_id", None))


def allowed(_thing: Any, _by: Actor) -> str | None:
    """Grey no button."""
    return None


def as_money(column: str) -> Callable[[Any], str]:
    """Return a field that shows a column of minor units as money, in the row's currency."""

    @admin.display(description=column.removesuffix("_minor").replace("_", " "))
    def shown(row: Any) -> str:
        minor = getattr(row, column)
        return "" if minor is None else Money(minor, row.currency).display()

    return shown


@dataclass(frozen=True, slots=True)
class ObjectAction:
    """A button on an object's page: it posts to `act(pk, by=…, at=…)`, greyed with the sentence of `why_not`."""

    name: str
    label: str
    act: Callable[..., object]
    permission: str
    done: str
    #: Asked for in a text field and handed to the operation under `asks_as`.
    asks: str = ""
    asks_as: str = "reason"
    why_not: Callable[[Any, Actor], str | None] = allowed
    explains: str = ""


class DeskAdmin(ModelAdmin):
    """Every page: the object's buttons above it, its timeline below it."""

    object_actions: Sequence[ObjectAction] = ()
    change_form_outer_before_template = "admin/object_actions.html"
    change_form_outer_after_template = "admin/timeline.html"
    actions = None
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True

    def get_urls(self) -> list[Any]:
        """Add one address per object button."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act_on_object)
        return [path("<path:object_id>/act/<slug:name>/", view, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an object with its buttons and its timeline."""
        shown = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if shown is not None:
            more["object_buttons"] = list(self._buttons(request, shown))
            more["timeline"] = timeline_of([subject_of(shown)])
        page: HttpResponse = super().change_view(request, object_id, form_url, more)
        return page

    def _buttons(self, request: HttpRequest, shown: Model) -> Any:
        by = actor_of(request)
        for action in self.object_actions:
            if request.user.has_perm(action.permission):
                address = reverse(
                    f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_act",
                    args=[shown.pk, action.name],
                )
                yield {"action": action, "why_not": action.why_not(shown, by), "address": address}

    def act_on_object(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Call a button's operation; a refusal is shown in its own words."""
        action = next((action for action in self.object_actions if action.name == name), None)
        shown = self.get_object(request, object_id)
        if action is None or shown is None or not self.has_view_permission(request, shown):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by, at = actor_of(request), timezone.now()
        if not request.user.has_perm(action.permission):
            why = f"no permission {action.permission}"
            record_event(kinds.ACCESS_REFUSED, subject=shown, customer_id=None, by=by, at=at, why=why)
            raise PermissionDenied
        asked = {action.asks_as: request.POST.get("words", "")} if action.asks else {}
        try:
            action.act(shown.pk, **asked, by=by, at=at)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, action.done)
        page = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[shown.pk]))

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the event table."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave it to the event table."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Leave it to the event table."""


class FactAdmin(DeskAdmin):
    """Something that happened: everybody with the permission reads it, nobody changes it here."""

    ordering = ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show amounts as money instead of minor units."""
        names = [name for name in super().get_fields(request, obj) if isinstance(name, str)]
        if "currency" not in names:
            return names
        return [as_money(name) if name.endswith("_minor") else name for name in names]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Facts are added by operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Facts are never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Facts are never deleted."""
        return False


class ConfigurationAdmin(DeskAdmin):
    """Something that supervisors decide: every change leaves an event with who, what it was, and what it is."""

    event_kind = kinds.CONFIGURATION_CHANGED
    #: Fields whose values never go into an event.
    secret_fields: Sequence[str] = ()

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        """Save, and record what changed."""
        before = values_of(type(obj)._default_manager.get(pk=obj.pk), hide=self.secret_fields) if change else {}
        super().save_model(request, obj, form, change)
        after = values_of(obj, hide=self.secret_fields)
        if change:
            before, after = changed_fields(before, after)
        if after or not change:
            self.record(request, obj, "changed" if change else "added", before=before, after=after)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the rows below an object, and record each of them that changed."""
        stored = {row.pk: values_of(row) for row in formset.queryset}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self.record(request, form.instance, f"{row._meta.verbose_name} added", before={}, after=values_of(row))
        for row, _ in formset.changed_objects:
            before, after = changed_fields(stored.get(row.pk, {}), values_of(row))
            self.record(request, form.instance, f"{row._meta.verbose_name} changed", before=before, after=after)
        for row in formset.deleted_objects:
            self.record(request, form.instance, f"{row._meta.verbose_name} removed", before=values_of(row), after={})

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, and record what is gone."""
        subject, before = subject_of(obj), values_of(obj, hide=self.secret_fields)
        super().delete_model(request, obj)
        self.record(request, subject, "removed", before=before, after={})

    def record(self, request: HttpRequest, subject: Model | str, what: str, *, before: Any, after: Any) -> None:
        """Leave the event of a change."""
        named = f"{self.opts.verbose_name} {what}" if isinstance(subject, str) else f"{subject}: {what}"
        record_change(
            self.event_kind, subject, what=named, before=before, after=after, by=actor_of(request), at=timezone.now()
        )


@admin.register(Event)
class EventAdmin(FactAdmin):
    """The audit trail."""

    list_display = ("position", "kind", "subject", "customer_id", "actor", "occurred_at")
    list_filter = ("kind",)
    search_fields = ("=subject", "=actor")
    search_help_text = "A subject (refund:42) or an actor (agent:3), exactly"


def retry_reaction(reaction_id: int, *, by: Actor, at: datetime) -> None:
    """Make a failed reaction due now; it still runs once only."""
    reaction = Reaction.objects.get(pk=reaction_id)
    Reaction.objects.filter(pk=reaction_id, done_at=None).update(due_at=at)
    what = f"reaction {reaction.handler} tried again"
    record_change(
        kinds.CONFIGURATION_CHANGED, reaction, what=what, before={"due_at": reaction.due_at.isoformat()},
        after={"due_at": at.isoformat()}, by=by, at=at,
    )  # fmt: skip
    run_later("ledger.tasks.run_reactions_of", event_id=reaction.event_id)


def _is_done(reaction: Reaction, _by: Actor) -> str | None:
    return "It is done." if reaction.done_at else None


@admin.register(Reaction)
class ReactionAdmin(FactAdmin):
    """What is still to be done about events; a failed one keeps its error."""

    list_display = ("handler", "event", "stream", "due_at", "attempts", "done_at", "last_error")
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    list_select_related = ("event",)
    raw_id_fields = ("event",)
    object_actions = (
        ObjectAction(
            "retry", "Try again now", retry_reaction, "billing_desk.reaction.retry", "It is tried again.",
            why_not=_is_done,
        ),
    )  # fmt: skip
