"""Uploads: tried first, imported by a worker, taken over when it dies, reported on a page and as CSV."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from ledger.customers.models import Customer
from ledger.imports import engine
from ledger.imports.models import ImportFilePart, ImportRun
from ledger.imports.operations import (
    DryRunMissing,
    Order,
    import_after_dry_run,
    request_import,
    resume_imports,
    run_import,
)
from tests.conftest import NOW
from tests.ledger.imports.worlds import CUSTOMERS
from tests.staff import browser

pytestmark = pytest.mark.django_db
TRY = Order("customers", file_name="customers.csv", is_dry_run=True)


def upload(text: str = CUSTOMERS) -> io.BytesIO:
    return io.BytesIO(text.encode())


def test_a_file_is_imported_only_after_a_dry_run_of_the_same_bytes(olg):
    with pytest.raises(DryRunMissing, match="Try the file first"):
        request_import(upload(), order=Order("customers"), by=olg, at=NOW)
    tried = request_import(upload(), order=TRY, by=olg, at=NOW)
    with pytest.raises(DryRunMissing, match="has not read the file to its end"):
        import_after_dry_run(tried.pk, by=olg, at=NOW)
    run_import(tried.pk, at=NOW)
    assert not Customer.objects.exists()

    run = import_after_dry_run(tried.pk, by=olg, at=NOW)
    run_import(run.pk, at=NOW)

    run = ImportRun.objects.get(pk=run.pk)
    assert (run.sha256, run.state, run.imported, run.requested_by) == (tried.sha256, "finished", 2, str(olg))
    assert Customer.objects.count() == 2
    assert not ImportFilePart.objects.exists()
    with pytest.raises(DryRunMissing, match="upload it again"):
        import_after_dry_run(tried.pk, by=olg, at=NOW)


def test_a_run_whose_worker_died_goes_on_and_counts_every_row_once(olg, monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 1)
    tried = request_import(upload(), order=TRY, by=olg, at=NOW)
    run_import(tried.pk, at=NOW)
    run = import_after_dry_run(tried.pk, by=olg, at=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(engine, "_tell", _die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run_import(run.pk, at=NOW)
    assert Customer.objects.count() >= 1

    resume_imports(at=NOW)
    assert ImportRun.objects.get(pk=run.pk).state == "running"  # seen a moment ago: it may be alive
    ImportRun.objects.filter(pk=run.pk).update(beat_at=NOW - timedelta(days=3650))
    resume_imports(at=NOW)

    run = ImportRun.objects.get(pk=run.pk)
    assert (run.state, run.imported, run.refused, Customer.objects.count()) == ("finished", 2, 0, 2)


def _die_at_the_second(verdicts, report):
    report.count("imported", None)
    if report.looked_at == 2:
        raise KeyboardInterrupt


def test_a_file_nobody_imports_is_deleted_after_a_week(olg):
    tried = request_import(upload(), order=TRY, by=olg, at=NOW)
    resume_imports(at=NOW)
    resume_imports(at=NOW + timedelta(days=8))

    tried = ImportRun.objects.get(pk=tried.pk)
    assert (tried.state, ImportFilePart.objects.count()) == ("finished", 0)


def test_finance_uploads_sees_what_it_would_do_and_takes_the_problems_away():
    client = browser("finance")
    bad = CUSTOMERS + '=1+1,Cy,DE,EUR,,"1,5"\n'
    asked = {"kind": "customers", "form": "csv", "file": SimpleUploadedFile("mine.csv", bad.encode())}

    answer = client.post(reverse("admin:ledger_importrun_add"), asked)
    run = ImportRun.objects.get()
    waiting = client.get(reverse("admin:ledger_importrun_progress", args=[run.pk])).content.decode()
    run_import(run.pk, at=NOW)
    page = client.get(answer["Location"]).content.decode()
    table = b"".join(client.get(reverse("admin:ledger_importrun_problems", args=[run.pk])).streaming_content).decode()
    client.post(f"{reverse('admin:ledger_importrun_changelist')}{run.pk}/act/import/")

    assert "It waits for a worker." in waiting
    assert "has a decimal comma: write 1.5." in page
    assert "Import this file" in page
    assert "€12.50" in page
    assert table.splitlines()[1].startswith("4,'=1+1,refused,")
    assert list(ImportRun.objects.order_by("pk").values_list("is_dry_run", flat=True)) == [True, False]


def test_an_agent_may_neither_upload_nor_read_imports():
    client = browser("agent")

    assert client.get(reverse("admin:ledger_importrun_add")).status_code in (302, 403)
    assert client.get(reverse("admin:ledger_importrun_changelist")).status_code in (302, 403)


def test_the_commands_print_problems_counts_and_totals(tmp_path, capsys):
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS + "old-3,,DE,EUR,,\n")

    with pytest.raises(CommandError, match="Not every row was imported"):
        call_command("import_csv", "customers", str(file), dry_run=True)
    told = capsys.readouterr().out
    file.write_text("{")
    with pytest.raises(CommandError):
        call_command("import_stripe", "customers", str(file.rename(tmp_path / "customers.json")))

    assert "line 4 old-3: name: is empty." in told
    assert "3 rows: 2 can be imported (dry run, nothing was kept), 0 known, 0 changed since, 1 refused" in told
    assert "12.50 EUR in the file = 12.50 EUR imported" in told
    assert "The file was refused: Entry 1 is not JSON" in capsys.readouterr().out
