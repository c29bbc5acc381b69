"""A guess is counted, then compared; what is wrong with it is never said."""

import re
from datetime import timedelta

import pytest
from django.db import transaction

from ledger.customers.operations import OwnAccount
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from notifications.delivery.models import Message
from tests.conftest import NOW
from verification.models import Challenge, Check
from verification.operations import CheckLocked, CodeNotRight, answer_challenge, expire_checks, start_check
from verification.queries import current_proof, open_challenge


class Asked:
    """A check that was started, and the code its customer got."""

    def __init__(self, customer, by, conversation="ticket:9", at=NOW):
        self.customer = customer
        self.check = start_check(
            customer_id=customer.pk, conversation=conversation, purpose="request_refund", by=by, at=at
        )
        self.token = self.check.challenges.get().token
        self.code = re.search(r"\d{6}", Message.objects.order_by("-pk").first().body)[0]
        self.wrong = f"{(int(self.code) + 1) % 10**6:06d}"

    def answer(self, code, at=NOW):
        return answer_challenge(self.token, answer=code, by=Actor.customer(self.customer.pk), at=at)

    @property
    def state(self):
        return Check.objects.get(pk=self.check.pk).state


@pytest.fixture
def asked(ada, mia) -> Asked:
    return Asked(ada, mia)


def test_the_right_code_proves_level_2_in_this_conversation_for_half_an_hour(ada, asked):
    asked.answer(asked.code)

    proof = current_proof(ada.pk, "ticket:9", at=NOW)
    assert (proof.level, proof.may_move_money, proof.reference) == (2, True, f"check:{asked.check.pk}")
    assert current_proof(ada.pk, "ticket:10", at=NOW) is None
    assert current_proof(ada.pk, "ticket:9", at=NOW + timedelta(minutes=29, seconds=59)) is not None
    assert current_proof(ada.pk, "ticket:9", at=NOW + timedelta(minutes=30)) is None


def test_it_is_recorded_with_the_conversation_for_the_ticket_to_note(ada, asked):
    asked.answer(asked.code)

    event = Event.objects.get(kind="identity.verified")
    assert (event.customer_id, event.data["conversation"], event.data["level"]) == (ada.pk, "ticket:9", 2)
    assert event.actor == f"customer:{ada.pk}"


@pytest.mark.parametrize("spelling", ["{0} {1}", " {0}-{1} ", "{0}\u00a0{1}"])
def test_spaces_and_hyphens_in_a_code_do_not_matter(asked, spelling):
    asked.answer(spelling.format(asked.code[:3], asked.code[3:]))

    assert asked.state == "passed"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_cannot_be_a_code_costs_no_guess(asked, typed):
    with pytest.raises(InvalidInput, match="The code has 6 digits"):
        asked.answer(typed)

    assert Challenge.objects.get().attempts == 0


def test_the_third_guess_may_still_be_right(asked):
    for _ in range(2):
        with pytest.raises(CodeNotRight):
            asked.answer(asked.wrong)

    asked.answer(asked.code)

    assert asked.state == "passed"


def test_three_wrong_guesses_lock_for_a_quarter_of_an_hour(ada, mia, asked):
    for _ in range(3):
        with pytest.raises(CodeNotRight):
            asked.answer(asked.wrong)

    assert asked.state == "locked"
    assert Event.objects.filter(kind="identity.locked", customer_id=ada.pk).count() == 1
    with pytest.raises(CodeNotRight):
        asked.answer(asked.code)
    with pytest.raises(CheckLocked):
        Asked(ada, mia, conversation="ticket:10", at=NOW + timedelta(minutes=14, seconds=59))
    Asked(ada, mia, at=NOW + timedelta(minutes=15))


def test_another_code_gives_no_new_guesses(ada, mia, asked):
    for _ in range(2):
        with pytest.raises(CodeNotRight):
            asked.answer(asked.wrong)

    again = Asked(ada, mia, at=NOW + timedelta(minutes=1))
    with pytest.raises(CodeNotRight):
        again.answer(again.wrong, at=NOW + timedelta(minutes=1))

    assert again.state == "locked"


def test_wrong_used_expired_replaced_and_unknown_sound_the_same(ada, mia, asked):
    said = []

    def hear(asked, code, at=NOW):
        with pytest.raises(CodeNotRight) as refusal:
            asked.answer(code, at=at)
        said.append(str(refusal.value))

    hear(asked, asked.wrong)
    asked.answer(asked.code)
    hear(asked, asked.code)
    late = Asked(ada, mia, conversation="ticket:10")
    hear(late, late.code, at=NOW + timedelta(minutes=10))
    replaced = Asked(ada, mia, conversation="ticket:11")
    Asked(ada, mia, conversation="ticket:11")
    hear(replaced, replaced.code)
    with pytest.raises(CodeNotRight) as unknown:
        answer_challenge("no-such-token", answer="123456", by=mia, at=NOW)
    said.append(str(unknown.value))

    assert set(said) == {"That code is not right or no longer valid."}
    assert len(said) == 5


def test_a_code_is_good_until_its_last_second(asked):
    asked.answer(asked.code, at=NOW + timedelta(minutes=9, seconds=59))

    assert asked.state == "passed"


def test_an_agent_cannot_answer_for_their_own_account(ada, asked):
    with pytest.raises(OwnAccount):
        answer_challenge(asked.token, answer=asked.code, by=Actor.agent(1, customer_id=ada.pk), at=NOW)

    assert asked.state == "open"


@pytest.mark.django_db(transaction=True)
def test_a_guess_cannot_hide_in_a_larger_transaction(asked):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        asked.answer(asked.wrong)


def test_the_page_says_what_for_and_nothing_of_the_code(asked):
    shown = open_challenge(asked.token, at=NOW)

    assert (shown.state, shown.purpose, shown.sent_to) == ("open", "a refund", "a…a@mail.example")
    assert shown.attempts_left == 3
    assert open_challenge(asked.token, at=NOW + timedelta(minutes=10)).state == "closed"
    assert open_challenge("no-such-token", at=NOW) is None
    asked.answer(asked.code)
    assert open_challenge(asked.token, at=NOW).state == "passed"


def test_the_clock_closes_what_nobody_answered_and_proofs_that_are_over(ada, mia, asked):
    answered = Asked(ada, mia, conversation="ticket:10")
    answered.answer(answered.code)

    assert expire_checks(at=NOW + timedelta(minutes=9)) == 0
    assert expire_checks(at=NOW + timedelta(minutes=10)) == 1
    assert expire_checks(at=NOW + timedelta(minutes=30)) == 1

    assert {asked.state, answered.state} == {"expired"}
    assert [event.data["unanswered"] for event in Event.objects.filter(kind="identity.expired").order_by("pk")] == [
        True,
        False,
    ]
