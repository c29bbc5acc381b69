"""Queues: routing, the next ticket, assignment, handing over, and the page an agent works from."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.customers.operations import OwnAccount
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from tests.tickets.worlds import ANA, BEN, STRANGER, now_of, opened
from tickets.conversations.models import Ticket
from tickets.queues.models import Membership, Queue
from tickets.queues.operations import (
    NoSuchQueue,
    NotAMember,
    ReasonMissing,
    assign_ticket,
    hand_over_ticket,
    release_ticket,
    take_next_ticket,
)
from tickets.queues.queries import queue_counts, queue_page
from tickets.queues.routing import Rule, choose_queue

RULES = [
    Rule(20, 2, topics=("refund_request",), priority=1),
    Rule(10, 1, topics=("refund_request",), only_business_customers=True),
    Rule(30, 3, languages=("de",)),
    Rule(100, 4),
]


@pytest.mark.parametrize(
    ("topic", "language", "is_business", "chosen"),
    [
        ("refund_request", "en", True, (1, 2)),
        ("refund_request", "en", False, (2, 1)),
        ("general", "de-AT", False, (3, 2)),
        ("general", "en", False, (4, 2)),
    ],
)
def test_the_first_rule_by_position_whose_conditions_hold_decides(topic, language, is_business, chosen):
    assert choose_queue(RULES, topic, language, is_business) == chosen


def test_no_rule_decides_nothing():
    assert choose_queue([], "general", "en", False) is None


def several(count, *, at, sender=ANA):
    return [
        opened(
            sender=sender,
            message_id=f"<{sender}-{number}@x>",
            text=f"Question {number}",
            subject="A question",
            at=at + timedelta(minutes=number),
        )
        for number in range(count)
    ]


def test_the_next_ticket_is_the_most_urgent_then_the_soonest_promised(ana, mia, now):
    first, second, urgent = several(3, at=now)
    Ticket.objects.filter(pk=urgent.pk).update(priority=1)

    taken = [take_next_ticket(by=mia, at=now) for _ in range(4)]

    assert [ticket.pk if ticket else None for ticket in taken] == [urgent.pk, first.pk, second.pk, None]
    assert now_of(first).assignee_id == 1
    assert Event.objects.filter(kind="ticket.assigned").count() == 3


def test_an_agent_is_never_given_a_ticket_of_their_own_account(ana, ben, now):
    own, other = several(1, at=now)[0], several(1, at=now, sender=BEN)[0]
    agent = Actor.agent(7, customer_id=ana.pk)

    taken = take_next_ticket(by=agent, at=now)

    assert taken is not None
    assert taken.pk == other.pk
    assert take_next_ticket(by=agent, at=now) is None
    with pytest.raises(OwnAccount):
        assign_ticket(own.pk, to=agent, by=Actor.agent(8), at=now)


def test_an_agent_gets_tickets_of_their_queues_and_topics_only(ana, mia, now):
    billing, disputes = Queue.objects.get(slug="billing"), Queue.objects.get(slug="disputes")
    several(1, at=now)
    contested = opened(message_id="<d@x>", at=now)
    Membership.objects.create(queue=disputes, user_id=1, excluded_topics=["duplicate_charge"])

    assert contested.queue_id == disputes.pk
    assert take_next_ticket(by=mia, at=now) is None
    assert take_next_ticket(by=mia, at=now, queue_ids=[billing.pk]) is not None


def test_only_staff_take_tickets(ana, now):
    with pytest.raises(NotAMember):
        take_next_ticket(by=Actor.customer(1), at=now)


def test_a_ticket_is_handed_over_with_its_reason_and_without_its_agent(ana, mia, now):
    ticket = several(1, at=now)[0]
    assign_ticket(ticket.pk, to=mia, by=mia, at=now)

    moved = hand_over_ticket(ticket.pk, to_queue="finance", reason="Needs the bank statement.", by=mia, at=now)

    assert (moved.queue.slug, moved.assignee_id) == ("finance", None)
    assert "Needs the bank statement." in ticket.messages.get(kind="note").text
    event = Event.objects.get(kind="ticket.handed_over")
    assert (event.data["from_queue"], event.data["to_queue"]) == ("Billing", "Finance")


def test_handing_over_needs_a_reason_and_a_queue(ana, mia, now):
    ticket = several(1, at=now)[0]

    with pytest.raises(ReasonMissing):
        hand_over_ticket(ticket.pk, to_queue="finance", reason="  ", by=mia, at=now)
    with pytest.raises(NoSuchQueue):
        hand_over_ticket(ticket.pk, to_queue="nowhere", reason="x", by=mia, at=now)


def test_a_released_ticket_can_be_taken_by_somebody_else(ana, mia, noe, now):
    ticket = several(1, at=now)[0]
    take_next_ticket(by=mia, at=now)

    release_ticket(ticket.pk, by=mia, at=now)

    taken = take_next_ticket(by=noe, at=now)
    assert taken is not None
    assert (taken.pk, taken.assignee_id) == (ticket.pk, 2)


def test_a_page_shows_the_soonest_promise_first_and_the_next_page_goes_on(ana, now):
    tickets = several(5, at=now)

    first = queue_page(1, filter="team", limit=3)
    second = queue_page(1, filter="team", limit=3, after=first.next_key)

    assert [row["id"] for row in first.rows + second.rows] == [ticket.pk for ticket in tickets]
    assert first.rows[0]["customer_name"] == "Ana Berg"
    assert second.next_key is None
    assert first.counts["team"] == 5


def test_each_tab_shows_what_it_says(ana, mia, now):
    mine, waiting, late = several(3, at=now)
    assign_ticket(mine.pk, to=mia, by=mia, at=now)
    Ticket.objects.filter(pk=waiting.pk).update(state="waiting")
    soon = late.sort_at - timedelta(minutes=30)
    Ticket.objects.filter(pk=mine.pk).update(sort_at=late.sort_at + timedelta(days=1))

    shown = {name: [row["id"] for row in queue_page(1, filter=name, at=soon).rows] for name in queue_counts(1)}

    assert shown == {"mine": [mine.pk], "team": [late.pk, mine.pk], "breaching": [late.pk], "waiting": [waiting.pk]}
    assert queue_counts(1, at=soon) == {"mine": 1, "team": 2, "breaching": 1, "waiting": 1}


def test_a_tab_that_does_not_exist_is_refused(ana):
    with pytest.raises(InvalidInput):
        queue_page(1, filter="everything")


def test_a_page_takes_the_same_number_of_queries_for_one_ticket_and_for_twenty(ana, now):
    several(1, at=now)
    with CaptureQueriesContext(
        connection,
    ) as one:
        queue_page(1)
    several(20, at=now, sender=STRANGER)
    with CaptureQueriesContext(connection) as twenty:
        queue_page(1)

    assert len(one) == len(twenty) <= 7
