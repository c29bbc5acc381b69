"""Flow 1 through real pages: from the raw mail to the customer's "refund paid" mail, the books and the trail green."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from billing_desk.models import User, WebhookEndpoint
from ledger.events.models import Reaction
from notifications.delivery.models import Message as Sent
from tests import plugin
from tests.browser import press
from tests.flows import story
from tests.flows.processes import MailSink, Receiver, eventually, text_of, worker
from tests.killable import ROOT

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PASSWORD = "a-long-password-1"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff(db) -> None:
    for name, role in (("mia", "agent"), ("noe", "senior_agent"), ("pia", "supervisor")):
        user = User.objects.create_user(name, password=PASSWORD, first_name=name.capitalize())
        user.groups.add(Group.objects.get(name=role))


def sign_in(browser: Browser, url: str, name: str) -> Page:
    page = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900}).new_page()
    page.goto("/desk/sign-in")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/**")
    return page


def receive_by_command() -> None:
    """Pipe the .eml into `manage.py receive_email`, as a mail server would."""
    done = subprocess.run(
        [sys.executable, "manage.py", "receive_email"],
        cwd=ROOT,
        input=story.CHARGED_TWICE,
        env={**os.environ, "DATABASE_URL": plugin.database_url(), "LOG_LEVEL": "ERROR"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()


def mails_about(inbox: MailSink, key: str) -> list[str]:
    sent = {message.message_id: message.template for message in Sent.objects.all()}
    return [text_of(mail) for mail in inbox.mails if sent[mail["Message-ID"]].startswith(key)]


@pytest.mark.slow
def test_from_the_mail_to_the_refund_through_real_pages(chromium, live_server, staff, settings):
    settings.PUBLIC_URL = live_server.url
    story.open_account(at=timezone.now())
    settings = {"BILLING_DESK_PUBLIC_URL": live_server.url, "BILLING_DESK_DEMO": "1"}
    with MailSink() as inbox, Receiver() as receiver, worker(inbox.port, **settings):
        eventually(lambda: not Reaction.objects.filter(done_at=None).exists())
        WebhookEndpoint.objects.create(
            name="Shop", url=receiver.url, secret=SECRET, kinds=["refund.paid"], created_at=timezone.now()
        )
        receive_by_command()
        eventually(lambda: mails_about(inbox, "ticket_acknowledged"))

        agent = sign_in(chromium, live_server.url, "mia")
        _take_and_verify(agent, chromium, live_server.url, inbox)
        _dispute_and_ask(agent)
        supervisor = sign_in(chromium, live_server.url, "pia")
        supervisor.goto("/desk/approvals/")
        supervisor.get_by_role("button", name=re.compile("Approve")).click()

        eventually(lambda: mails_about(inbox, "refund_paid"))
        eventually(lambda: receiver.calls)
        _see_the_whole_story(agent)
    assert "29.75" in mails_about(inbox, "refund_paid")[0]
    headers, body = receiver.calls[0]
    assert Webhook(SECRET).verify(body, headers)["type"] == "refund.paid"
    assert len(receiver.calls) == 1
    call_command("check_books", stdout=io.StringIO())
    call_command("verify_audit", stdout=io.StringIO())


def _take_and_verify(agent: Page, browser: Browser, url: str, inbox: MailSink) -> None:
    press(agent, "n")
    expect(agent.get_by_role("heading", name="I was charged twice")).to_be_visible()
    expect(agent.get_by_text("same amount, same wording").or_(agent.get_by_text("apart")).first).to_be_visible()
    assert "4242 4242 4242" not in agent.content()
    press(agent, "v")
    agent.get_by_role("button", name="Send code").click()
    expect(agent.get_by_text("Code sent, not entered yet")).to_be_visible()
    eventually(lambda: mails_about(inbox, "one_time_code"))
    mail = mails_about(inbox, "one_time_code")[0]
    link = re.search(r"https?://\S+/account/verify/\S+", mail)
    assert link
    customer = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    customer.goto(link.group(0))
    customer.get_by_role("textbox").first.fill(story.code_in(mail.replace(link.group(0), "")))
    customer.get_by_role("textbox").first.press("Enter")
    expect(customer.get_by_text(re.compile("thank|confirmed|verified", re.IGNORECASE)).first).to_be_visible()


def _dispute_and_ask(agent: Page) -> None:
    agent.reload()
    press(agent, "d")
    expect(agent.get_by_label("Amount in dispute, tax included (EUR)")).to_have_value("29.75")
    agent.get_by_role("button", name="Open dispute").click()
    expect(agent.get_by_text("Only 29.75 EUR is on hold").first).to_be_visible()
    agent.get_by_role("link", name=re.compile("Uphold")).or_(
        agent.get_by_role("button", name=re.compile("Uphold"))
    ).first.click()
    agent.get_by_label("What the customer is told").fill("March was charged twice by mistake.")
    agent.locator("#panel form button.primary").click()
    expect(agent.get_by_text(re.compile("upheld", re.IGNORECASE)).first).to_be_visible()
    press(agent, "p")
    expect(agent.get_by_label("Amount (EUR)")).to_have_value("29.75")
    agent.locator("#panel form button.primary").click()
    expect(agent.get_by_text("waits for approval").first).to_be_visible()


def _see_the_whole_story(agent: Page) -> None:
    agent.reload()
    flow = agent.locator("#flow")
    for words in ("D-", "R-", "paid"):
        expect(flow).to_contain_text(words)
