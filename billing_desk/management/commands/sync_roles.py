"""manage.py sync_roles: the database role and its grants, the staff roles, and the defaults of the four apps."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql

from billing_desk.roles import FINANCE, PERMISSIONS, ROLES, SUPERVISOR, Role, model_permissions
from ledger.models import ApprovalRule, AuthorityLimit

APP_ROLE = "billing_desk_app"
OWN_APPS = ("ledger", "notifications", "verification", "tickets", "billing_desk")

#: Filled in where they are missing; a row that a supervisor changed is never touched.
DEFAULTS = (
    "tickets.sla.defaults.ensure_defaults",
    "notifications.notices.defaults.ensure_lead_times",
    "ledger.jurisdictions.defaults.ensure_rules",
    "ledger.payments.retry_defaults.ensure_retry_rules",
    "ledger.collections.defaults.ensure_ladders",
    "ledger.entitlements.defaults.ensure_policy",
    "ledger.instalments.defaults.ensure_limits",
    "ledger.adjustments.defaults.ensure_reasons",
    "tickets.replies.defaults.ensure_phrases",
)

#: Up to so many times their refund limit the person who opened a dispute may uphold it too; above, a colleague does.
TIMES_IN_DISPUTES = 4

GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)


class Command(BaseCommand):
    """Run it after every migrate, as the owner of the tables. Repeating it changes nothing."""

    help = "Write roles.py into Groups, grant the application's database role, fill in missing defaults."

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            grant_database_role(password=os.environ.get("APP_DATABASE_PASSWORD", ""))
            permissions = _write_permissions()
            for role in ROLES.values():
                if role.is_for_staff:
                    _write_group(role, permissions)
            _write_limits()
            _write_rules()
        for path in DEFAULTS:
            ensure_default(path)
        self.stdout.write("Roles, grants and defaults are in place.")


def grant_database_role(*, password: str = "") -> None:
    """Make the application's role if it is missing, grant it what it needs, take back what the books forbid.

    With a password the role may sign in on its own; without one it is taken on by the connecting user (SET ROLE).
    """
    role = sql.Identifier(APP_ROLE)
    with connection.cursor() as cursor:
        # Roles belong to the whole server: two databases of one server may get here at the same moment.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [APP_ROLE])
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if not cursor.fetchone():
            cursor.execute(
                "DO $$ BEGIN CREATE ROLE billing_desk_app NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        if password:
            statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
            cursor.execute(statement.as_string(connection.connection))
        cursor.execute("SELECT pg_has_role(current_user, %s, 'member')", [APP_ROLE])
        if not cursor.fetchone()[0]:
            cursor.execute("GRANT billing_desk_app TO current_user")
        for grant in GRANTS:
            cursor.execute(grant.format(role=APP_ROLE))
        for file in grant_files():
            cursor.execute(file.read_text(encoding="utf-8"))


def grant_files() -> list[Path]:
    """Return the grants of every app: they take away what append-only tables must not allow."""
    return [file for app in OWN_APPS for file in sorted((settings.BASE_DIR / app).glob("migrations/sql/*_grants.sql"))]


def _write_permissions() -> dict[str, Permission]:
    """Keep the product's own permissions beside Django's; return all of them by `app.codename`."""
    ours = ContentType.objects.get_for_model(apps.get_model(settings.AUTH_USER_MODEL))
    Permission.objects.bulk_create(
        [Permission(content_type=ours, codename=code, name=name) for code, name in PERMISSIONS.items()],
        update_conflicts=True,
        unique_fields=["content_type", "codename"],
        update_fields=["name"],
    )
    stored = Permission.objects.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}": permission for permission in stored}


def _write_group(role: Role, permissions: dict[str, Permission]) -> None:
    labels = [model._meta.label_lower for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    wanted = {f"billing_desk.{code}" for code in role.permissions} | set(model_permissions(role, labels))
    group, _ = Group.objects.get_or_create(name=role.name)
    # A model that is not migrated yet has no permissions; it gets them by the next run.
    group.permissions.set([permissions[name] for name in wanted if name in permissions])


def _write_limits() -> None:
    """Give every role what it may give alone: refunds, credits, discounts, agreements; who keeps the books write-offs.

    They are given where there is no limit; one that was edited stays.
    """
    acts = AuthorityLimit.Act
    for_all, for_keepers = (acts.REFUND, acts.CREDIT, acts.DISCOUNT, acts.AGREEMENT), (acts.WRITE_OFF,)
    AuthorityLimit.objects.bulk_create(
        [
            AuthorityLimit(role=role.name, act=act, currency=currency, amount_minor=minor)
            for role in ROLES.values()
            for act in (*for_all, *(for_keepers if role.name in (SUPERVISOR, FINANCE) else ()))
            for currency, minor in role.refund_limits.items()
        ]
        + [
            AuthorityLimit(role=role.name, act=acts.DISPUTE, currency=currency, amount_minor=minor * TIMES_IN_DISPUTES)
            for role in ROLES.values()
            for currency, minor in role.refund_limits.items()
        ],
        ignore_conflicts=True,
    )


def _write_rules() -> None:
    """Give the rules for more than one pair of eyes where there is none; one that was edited stays.

    Refunds and credits above 1,000 need two people; a correction of many accounts one supervisor or finance, two above
    10,000.
    """
    acts, both = AuthorityLimit.Act, [SUPERVISOR, FINANCE]
    first, second = ROLES[SUPERVISOR].refund_limits, ROLES[FINANCE].refund_limits
    ApprovalRule.objects.bulk_create(
        [
            ApprovalRule(act=act, currency=currency, above_minor=above[currency], approvers=eyes, roles=both)
            for currency in first
            for act, above, eyes in (
                (acts.REFUND, first, 2),
                (acts.CREDIT, first, 2),
                (acts.CORRECTION, dict.fromkeys(first, 0), 1),
                (acts.CORRECTION, second, 2),
            )
        ],
        ignore_conflicts=True,
    )


def ensure_default(path: str) -> None:
    """Call one app's function that fills in missing rows."""
    module, _, name = path.rpartition(".")
    getattr(import_module(module), name)()
