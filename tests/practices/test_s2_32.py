"""S2-32, the boundary of advice: agents refer instead of advising; nothing near advice goes without a disclaimer."""

from __future__ import annotations

import pytest

from ledger.events.actor import Actor
from ledger.events.models import Event
from notifications.models import BoundaryText, MessageTemplate
from notifications.wording.boundary import DisclaimerMissing, find_boundary
from notifications.wording.operations import write_wording
from notifications.wording.render import find_text
from tests.conftest import NOW
from tickets.models import BlockedPhrase, Message, ReplyTemplate
from tickets.replies.advice import Phrase, find_advice, leave_out
from tickets.replies.boundary import phrases_in_use
from tickets.replies.drafts import fill

TAX = "We are sorry. You can deduct this bill from your tax. Kind regards, Mia"
PIA = Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))


@pytest.mark.parametrize(
    "text",
    [
        "You must sue them.",
        "you   MUST\nsue",
        "You **must** sue",
        "You must s\u00adue",
        "Take them both to court!",
        "Das können Sie von der Steuer absetzen.",
        "Sie sollten uns verklagen",
    ],
)
@pytest.mark.django_db
def test_advice_is_found_however_it_is_typed(text):
    assert find_advice(text, phrases_in_use())


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["Your tax is 19 %.", "We must suede-clean it", "The court of appeal is a street", ""])
def test_ordinary_words_are_left_alone(text):
    assert find_advice(text, phrases_in_use()) == []


def test_only_the_sentence_that_advises_gives_way_to_the_referral():
    text = leave_out(TAX, [Phrase("deduct * tax", "That is tax advice.")], instead="Please ask a tax adviser.")

    assert text == "We are sorry. Please ask a tax adviser. Kind regards, Mia"


def sent() -> int:
    return Message.objects.filter(kind="out", author_name__in=["Mia", "Pia"]).count()


def test_tax_advice_is_not_sent_and_the_composer_offers_the_referral(ana, post_mail, staff):
    ticket, mia = post_mail(), staff("mia", "agent")

    refused = mia.post(f"/desk/tickets/{ticket.pk}/reply", {"text": TAX}, headers={"HX-Request": "true"})
    page = refused.content.decode()
    assert (refused.status_code, sent()) == (422, 0)
    assert "That is tax advice." in page
    assert "Use the referral text" in page
    assert "advice-reason" not in page
    offered = mia.post(f"/desk/tickets/{ticket.pk}/refer", {"text": TAX}, headers={"HX-Request": "true"})
    assert "deduct" not in offered.content.decode()
    assert "a tax adviser" in offered.content.decode()

    mia.post(f"/desk/tickets/{ticket.pk}/reply", {"text": find_boundary("en").referral})
    assert sent() == 1


def test_a_supervisor_may_send_it_with_a_reason_that_is_kept_and_an_agent_may_not(ana, post_mail, staff):
    ticket = post_mail()
    words = {"text": TAX, "advice_reason": "Quoted from the tax office's own letter"}

    agents = staff("mia", "agent").post(f"/desk/tickets/{ticket.pk}/reply", words)
    assert (agents.status_code, sent()) == (422, 0)
    staff("pia", "supervisor").post(f"/desk/tickets/{ticket.pk}/reply", words)

    assert sent() == 1
    kept = Event.objects.filter(kind="ticket.reply_sent").latest("pk").data
    assert (kept["advice"], kept["advice_reason"]) == (
        ["deduct this bill from your tax"],
        "Quoted from the tax office's own letter",
    )


@pytest.mark.django_db
def test_a_supervisor_decides_which_phrases_are_left_to_advisers():
    BlockedPhrase.objects.create(language="en", words="sell your shares", why="That is investment advice.")

    assert [found.why for found in find_advice("Sell your shares.", phrases_in_use())] == ["That is investment advice."]


@pytest.mark.django_db
def test_a_text_near_advice_is_not_published_in_a_language_without_a_disclaimer():
    text = find_text("hardship_started", "en")

    with pytest.raises(DisclaimerMissing, match="no disclaimer in fr"):
        write_wording("hardship_started", "fr", text.subject, text.body, by=PIA, at=NOW)
    assert MessageTemplate.objects.count() == 0
    BoundaryText.objects.create(language="fr", disclaimer="Ceci n'est pas un conseil.", referral="Demandez conseil.")

    assert write_wording("hardship_started", "fr", text.subject, text.body, by=PIA, at=NOW).version == 1


@pytest.mark.django_db
def test_information_needs_no_disclaimer():
    text = find_text("payment_received", "en")

    assert write_wording("payment_received", "fr", text.subject, text.body, by=PIA, at=NOW).language == "fr"


def test_a_reply_template_near_advice_carries_disclaimer_and_referral_or_is_not_used(ana, post_mail):
    ticket = post_mail()
    template = ReplyTemplate(name="Debts", shortcut="debts", language="de", tag="advice", body="Guten Tag")

    filled = fill(template, ticket)
    assert all(
        part in filled for part in ("keine Rechts-, Steuer- oder Finanzberatung", "kostenlose Schuldnerberatung")
    )
    template.language = "fr"
    with pytest.raises(DisclaimerMissing):
        fill(template, ticket)
