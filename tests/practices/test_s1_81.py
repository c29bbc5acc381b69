"""S1-81: the command that proves the audit trail says how long it is, and names the first broken position."""

from __future__ import annotations

import psycopg
import pytest
from django.core.management import CommandError, call_command

from ledger.events import sealing
from ledger.models import Event
from tests import plugin
from tests.ledger.worlds import open_ana


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tamper", "position"),
    [
        ("UPDATE ledger_event SET actor = 'agent:9' WHERE position = 2", 2),
        ("DELETE FROM ledger_reaction; DELETE FROM ledger_event WHERE position = 3", 3),
    ],
    ids=["changed", "deleted"],
)
def test_the_command_holds_before_and_names_the_position_after_a_superuser_tampered(tamper, position, capsys):
    for number in range(3):
        open_ana(email=f"a{number}@example.com")
    while sealing.seal_events():
        continue
    call_command("verify_audit")
    assert f"audit trail holds: {Event.objects.count()} events in one chain" in capsys.readouterr().out

    with psycopg.connect(plugin.database_url(), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(tamper)

    with pytest.raises(CommandError, match=rf"\b{position}\b"):
        call_command("verify_audit")
