"""Evidence only grows, each piece chained to the last; a dossier is checked without us."""

from __future__ import annotations

import io
import json
import zipfile

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from ledger.disputes.checking import main, verify_dossier
from ledger.disputes.dossier import export_dossier
from ledger.disputes.evidence import first_tampered_evidence
from ledger.disputes.models import EvidenceItem
from ledger.disputes.operations import (
    DisputeNotInState,
    add_dispute_evidence,
    mark_seen,
    note_new_material,
    reject_dispute,
)
from ledger.disputes.packing import pack, safe_name
from ledger.errors import InvalidInput
from ledger.events.models import Event
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, dispute
from tests.ledger.worlds import SYSTEM, bill, open_ana, pay

SAID = {"at": "2026-03-02T10:05:00+01:00", "author": "ana@example.com", "text": "Here is my “receipt”."}


@pytest.fixture
def opened(db):
    """Ana's dispute with a message, a note and a file that came later."""
    ana = open_ana()
    invoice = bill(ana, 3000)
    pay(ana, 3000)
    found = dispute(ana, invoice, 3000, conversation="ticket:9", words=[{"text": "I paid twice."}])
    note_new_material("ticket:9", key="message:2", content=SAID, by=SYSTEM, at=NOW)
    add_dispute_evidence(found.pk, words="She called again.", by=MIA, at=NOW)
    add_dispute_evidence(found.pk, words="The receipt", name="../re ceipt.pdf", file=b"%PDF-1.7 ...", by=MIA, at=NOW)
    return found


def test_what_comes_later_is_chained_to_what_was_there(opened):
    items = list(EvidenceItem.objects.order_by("number"))

    assert [item.kind for item in items] == ["message", "note", "file"]
    assert items[0].previous_hash == opened.evidence.hash
    assert [item.previous_hash for item in items[1:]] == [item.hash for item in items[:2]]
    assert json.loads(items[0].content)["text"] == "Here is my “receipt”."
    assert first_tampered_evidence() is None


def test_words_of_the_opening_are_not_added_a_second_time(opened):
    ana = opened.customer
    known = {"at": "2026-03-02T09:00:00+01:00", "text": "I paid twice."}
    second = dispute(ana, bill(ana, 500), 500, conversation="ticket:10", words=[known])

    assert note_new_material("ticket:10", key="message:1", content=known, by=SYSTEM, at=NOW) == 0
    assert not EvidenceItem.objects.filter(dispute=second).exists()


def test_nothing_empty_too_large_or_late_becomes_evidence(opened):
    for words, file in (("  ", None), ("", b""), ("x", b"0" * (10 * 1024 * 1024 + 1))):
        with pytest.raises(InvalidInput):
            add_dispute_evidence(opened.pk, words=words, file=file, by=MIA, at=NOW)
    mark_seen(opened.pk, by=MIA, at=NOW)
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)
    with pytest.raises(DisputeNotInState, match="nothing is added"):
        add_dispute_evidence(opened.pk, words="Late", by=MIA, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_nobody_changes_deletes_or_slips_in_evidence(transactional_db, opened, owner):
    for write in ("UPDATE ledger_evidenceitem SET content = ''", "DELETE FROM ledger_evidenceitem"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="frozen"):
            owner.execute(write)
    with pytest.raises(psycopg.errors.CheckViolation, match="does not follow the last"):
        owner.execute(
            """INSERT INTO ledger_evidenceitem
               (dispute_id, number, kind, key, content, previous_hash, hash, added_by, added_at)
               SELECT dispute_id, 4, 'note', 'forged', '{}', previous_hash, hash, 'agent:9', now()
               FROM ledger_evidenceitem WHERE number = 2"""
        )
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_evidenceitem SET key = 'x'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_evidenceitem SET content = replace(content, 'called', 'lied') WHERE number = 2",
        "UPDATE ledger_evidenceitem SET file = 'other' WHERE number = 3",
        "DELETE FROM ledger_evidenceitem WHERE number = 1",
    ],
    ids=["text", "file", "gone"],
)
def test_what_a_superuser_changed_is_named(transactional_db, opened, owner, tampering):
    owner.execute("SET session_replication_role = replica")
    owner.execute(tampering)

    assert first_tampered_evidence().startswith(f"evidence of dispute {opened.number}")


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_a_dossier_holds_everything_is_checked_offline_and_leaves_an_event(opened, tmp_path, capsys):
    made = export_dossier(opened.pk, extra={"bill.pdf": b"%PDF"}, by=MIA, at=NOW)
    files = files_of(made.content)

    assert {
        "README.txt", "bill.pdf", "decision.json", "entries.json", "evidence/001-message.json",
        "evidence/002-note.json", "evidence/003-file.json", "evidence/003-re-ceipt.pdf", "evidence/opening.json",
        "manifest.json", "timeline.json",
    } == set(files)  # fmt: skip
    assert "Here is my “receipt”." in files["evidence/001-message.json"].decode()
    assert {entry["kind"] for entry in json.loads(files["entries.json"])} >= {
        "invoice_issued", "payment_received", "dispute_opened",
    }  # fmt: skip
    assert Event.objects.get(kind="dispute.dossier_exported").data["hash"] == made.sha256
    assert verify_dossier(made.content) == []
    (tmp_path / made.file_name).write_bytes(made.content)
    assert main([str(tmp_path / made.file_name)]) == 0
    assert "as it was exported" in capsys.readouterr().out


def test_every_way_of_changing_a_dossier_is_named(opened):
    files = files_of(export_dossier(opened.pk, by=MIA, at=NOW).content)
    text = "evidence/002-note.json"

    assert verify_dossier(b"no zip") == ["This is not a dossier: its manifest is missing or cannot be read."]
    assert verify_dossier(pack(files | {"more.txt": b"x"})) == ["more.txt was added"]
    assert verify_dossier(pack({name: files[name] for name in files if name != "decision.json"})) == [
        "decision.json is missing"
    ]
    changed = verify_dossier(pack(files | {text: files[text].replace(b"called", b"lied")}))
    assert changed == [f"{text} was changed", f"{text} does not follow what came before it"]
    moved = files["manifest.json"].replace(b'"exported_by": "agent:1"', b'"exported_by": "agent:2"')
    assert verify_dossier(pack(files | {"manifest.json": moved})) == ["manifest.json was changed"]


def test_a_file_name_stays_inside_its_folder():
    assert [safe_name(name) for name in ("../../etc/passwd", "C:\\a\\b c.pdf", "…")] == ["passwd", "b-c.pdf", "file"]
