"""How an import reads on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.imports.models import ImportRun
from ledger.imports.totals import read_totals


def lines_about(run: ImportRun) -> Iterator[str]:
    """Yield what a run came to: every problem with its line, the counts, the control totals."""
    problems = run.problems.order_by("line", "pk").values_list("line", "external_id", "message")
    for line, external_id, message in problems.iterator(chunk_size=1000):
        yield f"line {line} {external_id}: {message}"
    if run.state == ImportRun.State.REFUSED:
        yield f"The file was refused: {run.note}"
        return
    done = "can be imported (dry run, nothing was kept)" if run.is_dry_run else "imported"
    yield (
        f"{run.rows} rows: {run.imported} {done}, {run.known} known, {run.changed} changed since, "
        f"{run.refused} refused, {run.left_out} left out"
    )
    for total in read_totals(run.totals):
        yield (
            f"{total.in_file} in the file = {total.imported} imported + {total.before} before + {total.refused} "
            f"refused; in the books {total.in_books}, difference {total.difference}"
        )
    if run.note:
        yield run.note
