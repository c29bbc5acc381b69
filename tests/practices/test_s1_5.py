"""S1-5: a message is accepted at any hour; with the broker and the worker down it is stored and acknowledged later."""

from __future__ import annotations

from datetime import timedelta

from celery import current_app

from tests.conftest import berlin
from tests.practices.conftest import told
from tickets.models import Ticket


def test_with_broker_and_worker_down_the_mail_is_stored_and_acknowledged_once_after_recovery(
    ana, post_mail, work, clock, monkeypatch, mailoutbox, django_capture_on_commit_callbacks
):
    at = berlin(2026, 4, 2, 17, 0)
    clock.move_to(at)
    tried = []

    def no_broker(*names, **options):
        tried.append(names)
        raise ConnectionRefusedError("the broker is down")

    monkeypatch.setattr(current_app, "send_task", no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        ticket = post_mail()
    assert tried
    assert (Ticket.objects.count(), told("ticket_acknowledged")) == (1, [])

    clock.move_to(at + timedelta(minutes=10))
    work()
    work()

    (acknowledged,) = told("ticket_acknowledged")
    assert f"case {ticket.pk}" in acknowledged.body
    assert "Tuesday 7 April 2026, 12:30" in acknowledged.body
    assert len(mailoutbox) == 1
