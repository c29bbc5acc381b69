"""Clocks of a ticket: promised, rested, met, missed. Office hours: Mon-Fri 09:00-17:30 in Berlin, German holidays."""

import pytest

from ledger.events.models import Event
from tests.conftest import berlin
from tests.tickets.worlds import now_of, opened
from tickets.conversations.models import Ticket
from tickets.conversations.operations import resolve_ticket, wait_for_customer
from tickets.queues.models import Queue
from tickets.replies.operations import send_reply
from tickets.sla.defaults import ensure_defaults
from tickets.sla.models import Clock, SlaPolicy
from tickets.sla.operations import escalate_overdue, promise_time, settle_clocks

pytestmark = pytest.mark.usefixtures("desk")


def live(ticket, kind):
    return Clock.objects.get(ticket=ticket, kind=kind, stopped_at=None)


def test_a_mail_on_the_thursday_before_easter_is_promised_an_answer_on_tuesday(ana):
    ticket = opened(at=berlin(2026, 4, 2, 17, 0))

    # Half an hour on Thursday; Friday and Monday are holidays; three and a half hours from Tuesday 09:00.
    assert promise_time(ticket) == berlin(2026, 4, 7, 12, 30)
    assert ticket.sort_at == berlin(2026, 4, 7, 12, 30)


def test_an_answer_meets_the_first_response_and_lets_the_resolution_rest(ana, mia):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    send_reply(ticket.pk, text="Done", by=mia, at=berlin(2026, 3, 2, 11, 0))

    first = Clock.objects.get(ticket=ticket, kind="first_response")
    resolution = live(ticket, "resolution")
    assert (first.state, first.stopped_at, first.breached_at) == ("stopped", berlin(2026, 3, 2, 11, 0), None)
    # Three days of 510 minutes, one hour used: 1,470 minutes left.
    assert (resolution.state, resolution.remaining_s, resolution.due_at) == ("paused", 1470 * 60, None)


def test_the_customers_next_message_is_promised_an_answer_and_more_messages_do_not_move_it(ana, mia):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))
    send_reply(ticket.pk, text="Which one?", by=mia, at=berlin(2026, 3, 2, 11, 0))

    opened(text="This", message_id="<b@x>", In_Reply_To="<first@example.com>", at=berlin(2026, 3, 2, 12, 0))
    opened(text="And that", message_id="<c@x>", In_Reply_To="<first@example.com>", at=berlin(2026, 3, 2, 15, 0))

    assert live(ticket, "next_response").due_at == berlin(2026, 3, 2, 16, 0)
    # 1,470 minutes from Monday 12:00: 330 on Monday, 510 on Tuesday, 510 on Wednesday, 120 on Thursday.
    assert live(ticket, "resolution").due_at == berlin(2026, 3, 5, 11, 0)


def test_a_reopened_tickets_resolution_goes_on_where_it_stood(ana, mia):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))
    send_reply(ticket.pk, text="Solved", resolve=True, by=mia, at=berlin(2026, 3, 2, 11, 0))

    opened(text="No", message_id="<b@x>", In_Reply_To="<first@example.com>", at=berlin(2026, 3, 3, 9, 0))

    # 1,470 minutes from Tuesday 09:00: 510 on Tuesday and Wednesday each, 450 on Thursday.
    assert live(ticket, "resolution").due_at == berlin(2026, 3, 5, 16, 30)


@pytest.mark.parametrize(("minute", "told"), [(0, 0), (1, 1)])
def test_a_promise_is_missed_one_minute_after_its_time_and_not_at_it(ana, minute, told):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    assert escalate_overdue(at=berlin(2026, 3, 2, 14, minute)) == told

    assert Event.objects.filter(kind="clock.breached", subject=f"ticket:{ticket.pk}").count() == told


def test_a_missed_promise_is_told_once_and_makes_the_case_urgent(ana):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    assert [escalate_overdue(at=berlin(2026, 3, 2, 15, minute)) for minute in range(3)] == [1, 0, 0]

    assert now_of(ticket).priority == 1
    assert ticket.messages.filter(kind="event", text__contains="first answer").count() == 1


def test_an_answer_that_comes_late_is_a_miss_even_when_nobody_looked_before(ana, mia):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    send_reply(ticket.pk, text="Sorry", by=mia, at=berlin(2026, 3, 2, 16, 0))

    assert Event.objects.filter(kind="clock.breached").count() == 1
    assert Clock.objects.get(ticket=ticket, kind="first_response").breached_at == berlin(2026, 3, 2, 16, 0)
    assert escalate_overdue(at=berlin(2026, 3, 2, 16, 1)) == 0


def test_clocks_of_a_resolved_case_stop_as_soon_as_the_reaction_runs(ana, mia, run_reactions):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    resolve_ticket(ticket.pk, by=mia, at=berlin(2026, 3, 2, 10, 30))
    settle_clocks(now_of(ticket), at=berlin(2026, 3, 2, 10, 30))

    assert not Clock.objects.filter(ticket=ticket).exclude(state="stopped").exists()


def test_settling_twice_changes_nothing(ana, mia):
    ticket = opened(at=berlin(2026, 3, 2, 10, 0))
    wait_for_customer(ticket.pk, by=mia, at=berlin(2026, 3, 2, 11, 0))

    for minute in (0, 30):
        settle_clocks(now_of(ticket), at=berlin(2026, 3, 2, 11, minute))

    assert live(ticket, "resolution").remaining_s == 1470 * 60


def test_a_queue_with_a_policy_of_its_own_is_promised_by_that(ana):
    standard = SlaPolicy.objects.get(is_default=True)
    quick = SlaPolicy.objects.create(name="Quick", hours=standard.hours, first_response_minutes=30)
    Queue.objects.filter(slug="disputes").update(sla_policy=quick)

    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    assert promise_time(ticket) == berlin(2026, 3, 2, 10, 30)
    assert not Clock.objects.filter(ticket=ticket, kind="resolution").exists()


def test_without_any_policy_a_case_has_no_clocks_and_is_accepted(ana):
    SlaPolicy.objects.all().update(is_default=False)

    ticket = opened(at=berlin(2026, 3, 2, 10, 0))

    assert promise_time(ticket) is None
    assert ticket.sort_at == berlin(2026, 3, 2, 10, 0)


def test_the_defaults_are_made_once_and_keep_what_was_changed(ana):
    Queue.objects.filter(slug="billing").update(name="Money matters")

    ensure_defaults()

    assert Queue.objects.get(slug="billing").name == "Money matters"
    assert Queue.objects.count() == 4
    assert Ticket.objects.count() == 0
