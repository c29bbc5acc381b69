"""Roles: who may do what, written into Groups by sync_roles."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from billing_desk.models import User
from billing_desk.roles import ROLES, may
from ledger.models import AuthorityLimit


@pytest.fixture
def staff(db):
    """A function that makes a member of staff with some roles."""

    def make(username: str, *roles: str) -> User:
        user = User.objects.create_user(username, password="long-enough-word")
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


def test_sync_roles_left_a_group_for_every_staff_role(db):
    assert set(Group.objects.values_list("name", flat=True)) == {"agent", "senior_agent", "supervisor", "finance"}


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("agent", "refund.request", True),
        ("agent", "refund.approve", False),
        ("agent", "admin.open", False),
        ("senior_agent", "refund.approve", True),
        ("supervisor", "config.edit", True),
        ("finance", "config.edit", False),
        ("finance", "books.view", True),
    ],
)
def test_a_role_may_do_what_its_row_says_and_nothing_else(staff, role, permission, allowed):
    user = staff("somebody", role)

    assert may(user, permission) is allowed
    assert user.has_perm(f"billing_desk.{permission}") is allowed


def test_a_trainee_without_a_role_may_read_and_nothing_more(staff):
    trainee = staff("qui")

    assert may(trainee, "desk.open")
    assert may(trainee, "customer.view")
    assert not may(trainee, "ticket.work")


def test_two_roles_add_up(staff):
    both = staff("both", "agent", "finance")

    assert may(both, "ticket.work")
    assert may(both, "books.view")


def test_somebody_who_left_may_do_nothing(staff):
    gone = staff("gone", "supervisor")
    gone.is_active = False

    assert not may(gone, "desk.open")


def test_finance_sees_the_books_but_changes_no_configuration(staff):
    olg = staff("olg", "finance")

    assert olg.has_perm("ledger.view_journalentry")
    assert not olg.has_perm("ledger.change_authoritylimit")
    assert not olg.has_perm("ledger.change_journalentry")


def test_nobody_is_given_the_hashes_of_codes_and_links(staff):
    pia = staff("pia", "supervisor")

    assert not pia.has_perm("verification.view_challenge")
    assert not pia.has_perm("billing_desk.view_signinlink")


def test_the_shipped_refund_limits_are_those_of_the_table(db):
    limits = AuthorityLimit.objects.filter(act="refund")

    assert {limit.role: limit.amount_minor for limit in limits.filter(currency="EUR")} == {
        "agent": 2_500,
        "senior_agent": 25_000,
        "supervisor": 100_000,
        "finance": 1_000_000,
    }
    assert limits.get(role="agent", currency="JPY").amount_minor == 2_500
    assert not limits.filter(role="integration").exists()


def test_the_application_acts_as_a_role_that_cannot_change_events(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, has_table_privilege('ledger_event', 'UPDATE')")

        assert cursor.fetchone() == ("billing_desk_app", False)


def test_every_role_has_a_label_and_knows_its_name():
    assert all(role.name == name and role.label for name, role in ROLES.items())
