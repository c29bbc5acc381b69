"""Mail that nobody has to answer is not lost: supervisors read it, with the reason, and change nothing."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.urls import reverse

from tickets.models import ParkedMail, Ticket


def test_supervisors_read_parked_mail_with_its_reason_and_change_nothing(ana, post_mail, staff):
    assert post_mail(sender="billing@nordlicht.example", subject="Loop", text="card 4111 1111 1111 1111") is None
    parked = ParkedMail.objects.get()
    supervisor = staff("pia", "supervisor")
    get_user_model().objects.filter(username="pia").update(is_staff=True)

    listed = supervisor.get(reverse("admin:tickets_parkedmail_changelist")).content.decode()
    page = supervisor.get(reverse("admin:tickets_parkedmail_change", args=[parked.pk])).content.decode()
    changed = supervisor.post(reverse("admin:tickets_parkedmail_change", args=[parked.pk]), {"subject": "x"})

    assert Ticket.objects.count() == 0
    assert "Loop" in listed
    assert "This mail is our own; it came back to us." in page
    assert "4111 1111 1111 1111" not in page
    assert changed.status_code == 403
    assert ParkedMail.objects.get().subject == "Loop"
