"""A migration that renders its models once for a run of like operations, instead of once for each of them.

Django renders every related model anew after each operation. With some two hundred models that lean on the customer, it
was sixteen of the eighteen seconds a new database took. Operations of one kind on different things do not need each
other's models, so a run of them may share the models before it and the models after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

#: What names the thing an operation of this kind is about, its model first. Kinds that are not here stand alone.
_TOLD_APART_BY: dict[type[Operation], tuple[str, ...]] = {
    migrations.CreateModel: ("name",),
    migrations.AddField: ("model_name", "name"),
    migrations.AlterField: ("model_name", "name"),
    migrations.AddConstraint: ("model_name", "constraint.name"),
    migrations.RemoveConstraint: ("model_name", "name"),
    migrations.AddIndex: ("model_name", "index.name"),
    migrations.RemoveIndex: ("model_name", "name"),
}


class Migration(migrations.Migration):
    """Django's migration, with the same outcome in a fraction of the time."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Apply all operations, run by run. Where SQL is only shown, or each has a transaction, Django does it."""
        if collect_sql or not schema_editor.atomic_migration:
            return super().apply(project_state, schema_editor, collect_sql)
        for run in _runs(self.operations):
            before = project_state.clone()
            self._take_in(run, project_state)
            for operation in run:
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state

    def _take_in(self, run: list[Operation], state: ProjectState) -> None:
        """Bring the state behind the run, and render what it touched once."""
        # A state that was not rendered yet does not render again: the models are put aside while it changes.
        apps = state.__dict__.pop("apps", None) if len(run) > 1 else None
        for operation in run:
            operation.state_forwards(self.app_label, state)
        if apps is not None:
            state.__dict__["apps"] = apps
            state.reload_models([(self.app_label, _name(operation)[0]) for operation in run], delay=False)


def _runs(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Cut operations, in their order, into runs of one kind in which nothing is named twice."""
    run: list[Operation] = []
    named: set[tuple[str, ...]] = set()
    for operation in operations:
        name = _name(operation)
        if run and (type(run[0]) is not type(operation) or not name or name in named):
            yield run
            run, named = [], set()
        run.append(operation)
        named.add(name)
    if run:
        yield run


def _name(operation: Operation) -> tuple[str, ...]:
    """Return what the operation is about, or nothing if it has to stand alone."""
    told = []
    for path in _TOLD_APART_BY.get(type(operation), ()):
        value: object = operation
        for part in path.split("."):
            value = getattr(value, part)
        told.append(str(value).lower())
    return tuple(told)
