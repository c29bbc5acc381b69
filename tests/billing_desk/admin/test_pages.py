"""The admin's pages: every one opens, facts cannot be written, configuration leaves its trail, the door is shut."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from billing_desk.models import User
from ledger.models import AuthorityLimit, Customer, Event
from notifications.models import MessageTemplate
from tickets.models import BusinessHours, Queue

CONFIGURED = {
    "accesspolicy", "ladder", "adjustmentreason", "approvalrule", "teambudget", "networkrule", "retryschedule",
    "authoritylimit", "plan", "addon", "oneoffitem", "leadtime", "messagetemplate", "queue", "routingrule",
    "boundarytext", "blockedphrase", "saveoffer",
    "businesshours", "slapolicy", "mailbox", "phoneline",
    "replytemplate", "user", "webhookendpoint",
}  # fmt: skip
#: Facts that are added on their own page, by an operation.
ADDED_HERE = {"apikey", "jurisdictionrule", "exchangerate", "exchange", "importrun"}
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def pia(sign_in):
    """A supervisor's browser."""
    return sign_in("pia", "supervisor")


def address_of(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def newest(model):
    return model._default_manager.order_by("-pk").first()


def test_every_list_opens_for_a_supervisor_and_has_a_main_landmark(pia, ana, payment, dispute):
    for model in PAGES:
        page = pia.get(address_of(model, "changelist"))

        assert page.status_code == 200, model
        assert b"<main" in page.content, model


def test_every_object_shows_its_timeline(pia, ana, payment, dispute):
    for model in PAGES:
        if row := newest(model):
            page = pia.get(address_of(model, "change", row.pk))

            assert page.status_code == 200, model
            assert b'id="timeline-title"' in page.content, model


def test_a_fact_can_be_neither_added_nor_changed_nor_deleted(pia, ana, payment, dispute):
    for model in PAGES:
        if model._meta.model_name in CONFIGURED:
            continue
        if model._meta.model_name not in ADDED_HERE:
            assert pia.get(address_of(model, "add")).status_code == 403, model
        if row := newest(model):
            assert pia.post(address_of(model, "change", row.pk), {"name": "changed"}).status_code == 403, model
            assert pia.post(address_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model
            assert model._default_manager.filter(pk=row.pk).exists()


def test_nothing_but_our_own_models_is_shown(db):
    ours = {"ledger", "notifications", "verification", "tickets", "billing_desk"}

    assert {model._meta.app_label for model in PAGES} == ours


def test_a_changed_limit_leaves_an_event_with_both_sides_and_who(pia):
    limit = AuthorityLimit.objects.get(role="agent", act="refund", currency="EUR")
    form = {"role": "agent", "act": "refund", "currency": "eur", "amount_minor": 3000, "window_hours": 24}

    pia.post(reverse("admin:ledger_authoritylimit_change", args=[limit.pk]), form)

    event = Event.objects.get(kind="authority_limit.changed")
    assert event.subject == f"authoritylimit:{limit.pk}"
    assert event.data["before"] == {"amount_minor": 2500}
    assert event.data["after"] == {"amount_minor": 3000}
    assert event.actor == f"agent:{User.objects.get(username='pia').pk}"


def test_saving_without_a_change_leaves_no_event(pia):
    limit = AuthorityLimit.objects.get(role="agent", act="refund", currency="EUR")
    form = {"role": "agent", "act": "refund", "currency": "EUR", "amount_minor": 2500, "window_hours": 24}

    pia.post(reverse("admin:ledger_authoritylimit_change", args=[limit.pk]), form)

    assert not Event.objects.filter(kind="authority_limit.changed").exists()


def test_a_limit_in_a_currency_that_does_not_exist_is_refused(pia):
    form = {"role": "agent", "act": "refund", "currency": "ZZZ", "amount_minor": 1, "window_hours": 24}

    page = pia.post(reverse("admin:ledger_authoritylimit_add"), form)

    assert "is not a currency we know" in page.content.decode()


def test_a_new_queue_and_who_works_it_leave_events(pia, staff):
    mia = staff("mia", "agent")
    inline = "memberships"
    form = {
        "name": "Chargebacks", "slug": "chargebacks", "purpose": "", "sla_policy": "",
        f"{inline}-TOTAL_FORMS": 1, f"{inline}-INITIAL_FORMS": 0, f"{inline}-0-user_id": mia.pk,
    }  # fmt: skip

    pia.post(reverse("admin:tickets_queue_add"), form)

    queue = Queue.objects.get(slug="chargebacks")
    assert queue.memberships.get().user_id == mia.pk
    changes = Event.objects.filter(kind="configuration.changed", subject=f"queue:{queue.pk}")
    assert changes.count() == 2


def test_hours_that_cannot_be_are_refused_in_words(pia):
    hours = BusinessHours.objects.first()
    inline = {"holidays-TOTAL_FORMS": 0, "holidays-INITIAL_FORMS": 0}
    form = {"name": hours.name, "time_zone": "Europe/Berlin", "holiday_country": "", "holiday_region": "", **inline}
    address = reverse("admin:tickets_businesshours_change", args=[hours.pk])

    assert "Invalid open time" in pia.post(address, {**form, "weekly": '{"1": [["25:00", "26:00"]]}'}).content.decode()
    assert "Write it like this" in pia.post(address, {**form, "weekly": '{"8": []}'}).content.decode()
    assert "no time zone" in pia.post(address, {**form, "weekly": "{}", "time_zone": "Mars/Olympus"}).content.decode()


def test_wording_is_previewed_and_saved_as_a_new_version(pia):
    words = {"key": "refund_paid", "language": "en", "subject": "Your refund {{refund}}"}
    words["body"] = "We paid {{amount}} back. Reference {{reference}}, card {{card}}."

    shown = pia.post(reverse("admin:notifications_messagetemplate_preview"), words).content.decode()
    assert "{{" not in shown
    assert not MessageTemplate.objects.exists()

    pia.post(reverse("admin:notifications_messagetemplate_add"), words)
    pia.post(reverse("admin:notifications_messagetemplate_add"), {**words, "subject": "Refund {{refund}} is paid"})

    versions = MessageTemplate.objects.filter(key="refund_paid").order_by("version")
    assert [(one.version, one.is_in_use) for one in versions] == [(1, False), (2, True)]
    assert Event.objects.filter(kind="configuration.changed").count() == 2


def test_wording_with_an_unknown_placeholder_is_refused_by_name(pia):
    words = {"key": "refund_paid", "language": "en", "subject": "Hello", "body": "{{nobody}}"}

    page = pia.post(reverse("admin:notifications_messagetemplate_add"), words)

    assert "nobody" in page.content.decode()
    assert not MessageTemplate.objects.exists()


def test_an_agent_has_no_admin_and_the_attempt_is_kept(sign_in, ana):
    mia = sign_in("mia", "agent", is_staff=True)

    assert mia.get("/admin/").status_code == 403
    assert mia.get(reverse("admin:ledger_customer_change", args=[ana.pk])).status_code == 403
    assert Event.objects.filter(kind="access.refused", subject="address:/admin/").count() == 1


def test_finance_reads_the_books_and_edits_no_configuration(sign_in):
    olg = sign_in("olg", "finance")
    limit = AuthorityLimit.objects.first()

    assert olg.get(reverse("admin:ledger_journalentry_changelist")).status_code == 200
    assert olg.get(reverse("admin:tickets_queue_changelist")).status_code == 403
    change = olg.post(reverse("admin:ledger_authoritylimit_change", args=[limit.pk]), {"amount_minor": 1})
    assert change.status_code == 403


def test_somebody_not_signed_in_is_sent_to_the_desks_own_sign_in(client, db):
    first = client.get("/admin/")
    assert first.headers["location"] == "/admin/login/?next=/admin/"

    second = client.get(first.headers["location"])
    assert second.headers["location"] == "/desk/sign-in?next=/admin/"
    assert client.post("/admin/login/", {"username": "pia", "password": "x"}).status_code == 302


def test_the_number_of_queries_of_a_list_does_not_grow_with_its_rows(pia, django_assert_max_num_queries):
    for n in range(30):
        Customer.objects.create(
            number=f"C-9{n}", name=f"Customer {n}", country="DE", currency="EUR", opened_at="2026-03-02T09:00:00Z"
        )

    with django_assert_max_num_queries(12):
        pia.get(reverse("admin:ledger_customer_changelist"))
