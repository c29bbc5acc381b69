"""Buttons on objects: they call operations, are greyed with the reason, and refuse in the operation's own words."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing_desk.keys import issue_key
from billing_desk.models import ApiKey, User
from ledger.events.actor import Actor
from ledger.models import Dispute, Event, Reaction, Refund
from notifications.models import Message


def act(browser: Client, model: str, pk: int, name: str, **words: str):
    return browser.post(reverse(f"admin:{model}_act", args=[pk, name]), words, follow=True)


def test_a_supervisor_approves_what_an_agent_asked_for(sign_in, staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    pia = sign_in("pia", "supervisor")

    page = act(pia, "ledger_refund", refund.pk, "approve")

    refund = Refund.objects.get(pk=refund.pk)
    assert refund.state == Refund.State.APPROVED
    assert refund.approved_by == f"agent:{User.objects.get(username='pia').pk}"
    assert "Approved: the refund is paid soon." in page.content.decode()
    assert Event.objects.filter(kind="refund.approved", subject=f"refund:{refund.pk}").exists()


def test_who_asked_finds_the_button_greyed_and_is_refused_when_posting_all_the_same(staff, ask_refund):
    pia_user = staff("pia", "supervisor")
    refund = ask_refund(pia_user, "agent")
    pia = Client()
    pia.force_login(pia_user, backend="django.contrib.auth.backends.ModelBackend")

    page = pia.get(reverse("admin:ledger_refund_change", args=[refund.pk])).content.decode()
    assert "Somebody else has to approve this: you asked for it." in page
    assert f'action="{reverse("admin:ledger_refund_act", args=[refund.pk, "approve"])}"' not in page

    answer = act(pia, "ledger_refund", refund.pk, "approve").content.decode()
    assert "Somebody else has to approve this: you asked for it." in answer
    refund = Refund.objects.get(pk=refund.pk)
    assert refund.state == Refund.State.REQUESTED


def test_nobody_approves_a_refund_to_their_own_account(sign_in, staff, ask_refund, ana):
    refund = ask_refund(staff("mia", "agent"), "agent")
    pia = sign_in("pia", "supervisor", customer_id=ana.pk)

    page = pia.get(reverse("admin:ledger_refund_change", args=[refund.pk])).content.decode()
    answer = act(pia, "ledger_refund", refund.pk, "approve").content.decode()

    assert "This is your own account; a colleague has to work on it." in page
    assert "This is your own account; a colleague has to work on it." in answer
    refund = Refund.objects.get(pk=refund.pk)
    assert refund.state == Refund.State.REQUESTED


def test_a_decline_needs_a_reason_and_takes_it(sign_in, staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    olg = sign_in("olg", "finance")

    assert "Say why the refund is declined" in act(olg, "ledger_refund", refund.pk, "decline").content.decode()
    act(olg, "ledger_refund", refund.pk, "decline", words="The payment was never made twice.")

    refund = Refund.objects.get(pk=refund.pk)
    assert (refund.state, refund.decline_reason) == ("declined", "The payment was never made twice.")


def test_a_dispute_is_upheld_with_an_explanation(sign_in, dispute):
    pia = sign_in("pia", "supervisor")

    act(pia, "ledger_dispute", dispute.pk, "uphold", words="You were right: it was billed twice.")

    dispute = Dispute.objects.get(pk=dispute.pk)
    assert (dispute.state, dispute.explanation) == ("upheld", "You were right: it was billed twice.")


def test_a_button_never_acts_on_a_plain_get(sign_in, staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    pia = sign_in("pia", "supervisor")

    answer = pia.get(reverse("admin:ledger_refund_act", args=[refund.pk, "approve"]))

    assert answer.status_code == 405
    refund = Refund.objects.get(pk=refund.pk)
    assert refund.state == Refund.State.REQUESTED


def test_a_button_without_the_csrf_token_is_refused(staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff("pia", "supervisor"), backend="django.contrib.auth.backends.ModelBackend")

    answer = strict.post(reverse("admin:ledger_refund_act", args=[refund.pk, "approve"]))

    assert answer.status_code == 403
    refund = Refund.objects.get(pk=refund.pk)
    assert refund.state == Refund.State.REQUESTED


def test_a_button_one_has_no_right_to_is_neither_shown_nor_obeyed(sign_in, dispute):
    olg = sign_in("olg", "finance")
    reaction = Reaction.objects.first() or Reaction.objects.create(
        event=Event.objects.first(), handler="none", stream="s", due_at=timezone.now()
    )

    answer = olg.post(reverse("admin:ledger_reaction_act", args=[reaction.pk, "retry"]))

    assert answer.status_code == 403
    assert Event.objects.filter(kind="access.refused").exists()


def test_a_failed_reaction_is_tried_again(sign_in, dispute):
    event = Event.objects.order_by("-pk").first()
    later = timezone.now() + timedelta(hours=1)
    reaction = Reaction.objects.create(
        event=event, handler="some.handler", stream="s", due_at=later, attempts=3, last_error="ValueError: no"
    )
    pia = sign_in("pia", "supervisor")

    act(pia, "ledger_reaction", reaction.pk, "retry")

    reaction.refresh_from_db()
    assert reaction.due_at < later


def test_a_message_that_was_given_up_is_queued_again(sign_in, ana):
    message = Message.objects.create(
        key="event:1", customer=ana, channel="email", recipient="ana@example.org", template="refund_paid.en.0",
        language="en", body="…", message_id="<1@x>", reply_to="r@x", state="failed", queued_at=timezone.now(),
        due_at=timezone.now(),
    )  # fmt: skip
    pia = sign_in("pia", "supervisor")

    act(pia, "notifications_message", message.pk, "retry")

    assert Message.objects.get(pk=message.pk).state == "queued"


def test_a_key_is_shown_once_and_its_hash_never(sign_in):
    pia = sign_in("pia", "supervisor")

    page = pia.post(
        reverse("admin:billing_desk_apikey_add"), {"name": "shop", "scopes": ["charges:write"], "customer_id": ""}
    )

    key = ApiKey.objects.get()
    assert "no-store" in page.headers["cache-control"]
    assert f'value="{key.prefix}' in page.content.decode()
    later = pia.get(reverse("admin:billing_desk_apikey_change", args=[key.pk])).content.decode()
    assert key.hash not in later
    assert Event.objects.filter(subject=f"apikey:{key.pk}", kind="configuration.changed").count() == 1


def test_a_revoked_key_opens_nothing_and_cannot_be_revoked_twice(sign_in, client):
    key, secret = issue_key(name="shop", scopes=["charges:read"], by=Actor.system("setup"), at=timezone.now())
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/charges", headers=headers).status_code == 200
    pia = sign_in("pia", "supervisor")

    act(pia, "billing_desk_apikey", key.pk, "revoke")
    again = act(pia, "billing_desk_apikey", key.pk, "revoke").content.decode()

    assert client.get("/api/v1/charges", headers=headers).status_code == 401
    assert "This key was revoked before." in again


def test_nobody_gives_themselves_a_role(sign_in):
    pia = sign_in("pia", "supervisor")
    me = User.objects.get(username="pia")
    form = {"username": "pia", "first_name": "Pia", "language": "en", "is_active": "on", "groups": []}

    pia.post(reverse("admin:billing_desk_user_change", args=[me.pk]), form)

    me.refresh_from_db()
    assert me.first_name == "Pia"
    assert [group.name for group in me.groups.all()] == ["supervisor"]


def test_a_change_of_somebodys_roles_is_kept_with_both_sides(sign_in, staff):
    mia = staff("mia", "agent")
    pia = sign_in("pia", "supervisor")
    senior = mia.groups.model.objects.get(name="senior_agent")
    form = {"username": "mia", "language": "en", "is_active": "on", "groups": [senior.pk]}

    pia.post(reverse("admin:billing_desk_user_change", args=[mia.pk]), form)

    event = Event.objects.get(kind="configuration.changed", subject=f"user:{mia.pk}")
    assert event.data["before"] == {"roles": ["agent"]}
    assert event.data["after"] == {"roles": ["senior_agent"]}


def test_a_webhook_to_our_own_network_is_refused(sign_in, settings):
    settings.DEMO = settings.DEBUG = False
    pia = sign_in("pia", "supervisor")
    form = {"name": "inside", "url": "http://127.0.0.1:6379/", "kinds": "", "is_active": "on"}

    page = pia.post(reverse("admin:billing_desk_webhookendpoint_add"), form)

    assert "A webhook does not go to a host of our own network." in page.content.decode()
