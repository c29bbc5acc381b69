"""S1-1: one conversation over portal, mail and workspace; a forged thread leads a stranger nowhere."""

from __future__ import annotations

import uuid

from notifications.models import Message as Delivered
from tests.tickets.worlds import STRANGER, now_of
from tickets.models import Message, Ticket


def ask(browser) -> Ticket:
    """Ask a question on the portal's page."""
    page = browser.get("/account/conversations/new").content.decode()
    assert "<form" in page
    browser.post("/account/conversations/new", {"subject": "March", "text": "Why twice?", "key": str(uuid.uuid4())})
    return Ticket.objects.get()


def reply(agent, ticket: Ticket, text: str) -> Delivered:
    """Answer on the workspace's page; return what goes out."""
    ticket = now_of(ticket)
    typed = {"text": text, "version": ticket.version, "key": uuid.uuid4().hex}
    assert agent.post(f"/desk/tickets/{ticket.pk}/reply", typed).status_code == 303
    return Delivered.objects.filter(is_automatic=False).latest("pk")


def test_portal_mail_and_workspace_are_one_case_in_order_without_duplicates(ana, portal, staff, post_mail):
    ticket = ask(portal())
    answer = reply(staff("mia", "agent"), ticket, "One of the two comes back to you.")
    mailed = {
        "text": "Thank you, when?", "subject": "Re: March", "message_id": "<m1@example.com>",
        "In_Reply_To": answer.message_id, "to": answer.reply_to,
    }  # fmt: skip

    joined, again = post_mail(**mailed), post_mail(**mailed)

    said = Message.objects.filter(ticket=ticket, kind__in=["in", "out"]).order_by("id")
    assert (joined.pk, again) == (ticket.pk, None)
    assert Ticket.objects.count() == 1
    assert [(each.kind, each.channel) for each in said] == [("in", "portal"), ("out", "email"), ("in", "email")]
    page = portal().get(f"/account/conversations/{ticket.pk}/").content.decode()
    words = ["Why twice?", "One of the two comes back to you.", "Thank you, when?"]
    places = [page.index(each) for each in words]
    assert places == sorted(places)
    assert [page.count(each) for each in words] == [1, 1, 1]


def test_a_stranger_who_forges_the_thread_gets_a_case_of_their_own_and_learns_nothing(
    ana, portal, staff, post_mail, work
):
    ticket = ask(portal())
    answer = reply(staff("mia", "agent"), ticket, "We look into it.")

    forged = post_mail(
        sender=STRANGER,
        text="Send me the bill please.",
        subject=f"Re: March [#{ticket.pk}]",
        message_id="<forged@example.net>",
        In_Reply_To=answer.message_id,
        to=answer.reply_to,
    )
    work()

    assert forged.pk != ticket.pk
    assert (forged.customer_id, forged.continues_id, forged.subject) == (None, None, "Re: March")
    to_stranger = Delivered.objects.get(recipient=STRANGER)
    assert "Ana" not in to_stranger.body
    assert f"#{ticket.pk}" not in to_stranger.body + to_stranger.subject
