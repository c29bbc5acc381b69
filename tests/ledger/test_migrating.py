"""A new database is made in runs of like operations, by the very statements Django makes by itself."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from ledger.migrating import Migration
from tests.everything import EVERYTHING

pytestmark = pytest.mark.django_db


def text(name: str) -> Operation:
    return migrations.AddField("bill", name, models.TextField(default=""))


def longest(size: int) -> Operation:
    return migrations.AlterField("bill", "a", models.CharField(max_length=size))


def rule(name: str) -> Operation:
    condition = models.Q(id__gt=0)
    return migrations.AddConstraint("bill", models.CheckConstraint(condition=condition, name=name))


def table(name: str, **fields: models.Field) -> Operation:
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


def line_of(name: str) -> Operation:
    return table(name, bill=models.ForeignKey("tried.bill", models.PROTECT))


def statements(migration: migrations.Migration, state: ProjectState, apply) -> list[str]:
    """Return the statements a migration comes to, applied to a copy of the state."""
    with connection.schema_editor(collect_sql=True) as editor:
        apply(migration, state.clone(), editor)
    return editor.collected_sql


def with_a_bill() -> ProjectState:
    state = ProjectState()
    table("Bill").state_forwards("tried", state)
    assert state.apps.get_model("tried", "bill")
    return state


@pytest.mark.parametrize(
    ("operations", "renderings"),
    [
        ([text("a"), text("b"), text("c")], 1),
        ([line_of("Line"), line_of("Note"), table("Other")], 1),
        ([text("a"), text("b"), rule("x"), rule("y"), text("c")], 3),
        # The same column once more needs the models as they are after the first time.
        ([text("a"), longest(20), longest(30)], 3),
    ],
)
def test_a_run_of_like_operations_renders_its_models_once(operations, renderings, monkeypatch):
    migration = Migration("0002", "tried")
    migration.operations = operations
    state, of_django, rendered = with_a_bill(), ProjectState._reload, []
    expected = statements(migration, state, migrations.Migration.apply)
    monkeypatch.setattr(ProjectState, "_reload", lambda *told: rendered.append(told) or of_django(*told))
    assert statements(migration, state, Migration.apply) == expected
    assert len(rendered) == renderings
    assert len(expected) >= len(operations)


def test_our_migrations_come_to_the_statements_django_would_make():
    loader = MigrationLoader(connection)
    ours = [key for key, each in sorted(loader.disk_migrations.items()) if isinstance(each, Migration)]
    assert len(ours) >= 10
    # Django takes a quarter of a minute for all of them; one with many columns and rules stands for them otherwise.
    for key in ours if EVERYTHING else [("tickets", "0003_billing")]:
        migration, state = loader.disk_migrations[key], loader.project_state(key, at_end=False)
        assert state.apps
        expected = statements(migration, state, migrations.Migration.apply)
        assert statements(migration, state, Migration.apply) == expected, key
