"""receive_call: who seems to call. A number selects nobody by itself, and never shows a balance."""

import pytest

from ledger.customers.operations import add_contact_point
from ledger.errors import InvalidInput
from ledger.events.models import Event
from tickets.channels.models import CallLog, PhoneLine
from tickets.channels.phone import receive_call
from tickets.sla.models import BusinessHours

LINE, NUMBER = "+4930901820", "+4915112345678"


@pytest.fixture
def line(desk) -> PhoneLine:
    """The billing line printed on bills."""
    return PhoneLine.objects.create(number=LINE, name="Billing", hours=BusinessHours.objects.get())


@pytest.fixture
def ana_calls(ana, line, system, now):
    """Ana's mobile is on file."""
    add_contact_point(ana.pk, kind="phone", value=NUMBER, by=system, at=now)
    return ana


def test_a_number_on_file_lists_its_customer_as_a_candidate(ana_calls, line, now):
    call = receive_call(external_id="c1", caller="0151 12345678", line=LINE, at=now)

    assert (call.caller, call.candidates, call.caller_problem) == (NUMBER, [ana_calls.pk], "")
    assert call.line_id == line.pk
    assert call.ticket_id is None


def test_a_number_two_customers_share_selects_neither(ana_calls, ben, system, now):
    add_contact_point(ben.pk, kind="phone", value=NUMBER, by=system, at=now)

    call = receive_call(external_id="c1", caller=NUMBER, line=LINE, at=now)

    assert call.candidates == sorted([ana_calls.pk, ben.pk])
    assert call.caller_problem == "shared by several customers"


@pytest.mark.parametrize(
    ("caller", "problem"),
    [(None, "withheld"), ("anonymous", "withheld"), ("+49abc", "malformed: +49abc"), ("+4915199999999", "not on file")],
)
def test_a_withheld_malformed_or_unknown_number_selects_nobody(ana_calls, now, caller, problem):
    call = receive_call(external_id="c1", caller=caller, line=LINE, at=now)

    assert (call.candidates, call.caller_problem) == ([], problem)


def test_the_same_call_told_twice_is_one_call(ana_calls, now):
    first = receive_call(external_id="c1", caller=NUMBER, line=LINE, at=now)
    again = receive_call(external_id="c1", caller=None, line=LINE, at=now)

    assert (again.pk, again.caller) == (first.pk, NUMBER)
    assert CallLog.objects.count() == Event.objects.filter(kind="call.received").count() == 1


def test_a_call_without_an_id_is_refused(line, now):
    with pytest.raises(InvalidInput):
        receive_call(external_id=" ", caller=NUMBER, line=LINE, at=now)
