"""S0-13: wrong answers lock the check in neutral words, and supervisors are alerted."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from notifications.models import Message as Delivered
from tests.conftest import NOW
from tests.tickets.worlds import now_of
from verification.models import Challenge


def lock(ticket, agent) -> Client:
    """Start a check from the case and enter three wrong codes on the customer's page."""
    contact = ticket.customer.contact_points.get(kind="email")
    agent.post(f"/desk/tickets/{ticket.pk}/verify", {"contact_point": contact.pk, "purpose": "request_refund"})
    challenge = Challenge.objects.latest("pk")
    code = next(word for word in Delivered.objects.latest("pk").body.split() if word.strip(".").isdigit())
    wrong = "000000" if code != "000000" else "111111"
    page = Client()
    for _ in range(3):
        answer = page.post(f"/account/verify/{challenge.token}", {"answer": wrong})
        assert "guess" not in answer.content.decode().lower()
    return page


def test_a_lock_makes_the_case_urgent_and_stands_before_the_supervisors(ana, post_mail, staff, work):
    ticket = post_mail()
    agent, supervisor = staff("mia", "agent"), staff("pia", "supervisor")
    assert "locked by wrong answers" not in supervisor.get("/desk/approvals/").content.decode()

    lock(ticket, agent)
    work()

    ticket = now_of(ticket)
    alert = supervisor.get("/desk/approvals/").content.decode()
    case = agent.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert ticket.priority == 1
    assert "Identity checks locked by wrong answers" in alert
    assert f'href="/desk/tickets/{ticket.pk}/"' in alert
    assert "Ana Berg" in alert
    assert "Verification locked after too many wrong answers." in case
    assert "Check locked" in case


def test_an_agent_does_not_see_the_alert_and_it_is_gone_after_a_day(ana, post_mail, staff, work, clock):
    ticket = post_mail()
    lock(ticket, staff("mia", "agent"))
    work()

    assert "locked by wrong answers" not in staff("mia").get("/desk/approvals/").content.decode()
    clock.move_to(NOW + timedelta(hours=25))
    assert "locked by wrong answers" not in staff("pia", "supervisor").get("/desk/approvals/").content.decode()


def test_while_it_is_locked_nobody_gets_another_code(ana, post_mail, staff, work):
    ticket = post_mail()
    agent = staff("mia", "agent")
    lock(ticket, agent)
    sent = Delivered.objects.filter(is_secret=True).count()
    contact = ana.contact_points.get(kind="email")

    again = agent.post(f"/desk/tickets/{ticket.pk}/verify", {"contact_point": contact.pk, "purpose": "request_refund"})

    assert again.status_code == 422
    assert "Please try again in a quarter of an hour." in again.content.decode()
    assert Delivered.objects.filter(is_secret=True).count() == sent
