"""How money comes back, read from the code and the configuration that are in force: for agents, and for customers.

Nothing on these pages is written by hand but the sentences a customer reads; a state without one is a fault that
`undescribed` names. Source of the moves: the transitions of the models, which the database guards as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from billing_desk.reading import Words
from ledger.authority.models import ApprovalRule, AuthorityLimit
from ledger.disputes.models import Chargeback, Dispute
from ledger.instalments.models import PaymentPlan
from ledger.money import Money
from ledger.refunds.models import Refund

#: What a customer is told about each state. The order is the order of a usual case.
WORDS: dict[type[Model], dict[str, Words]] = {
    Refund: {
        "requested": _("We have your request. Above a limit a second person has to agree; nobody agrees to their own."),
        "approved": _("It is agreed. From here on we owe you the money."),
        "submitted": _("It is on its way to your bank. We tell you between which days it arrives."),
        "paid": _("We have sent it. The page of the refund shows the days on which your bank books it."),
        "settled": _("It has arrived, or stands as credit on your account and pays your next bill."),
        "failed": _("Your bank sent it back. Nothing is lost: we offer you another way to get it."),
        "declined": _("We do not pay it back, and tell you why. You can answer, or dispute the charge."),
        "cancelled": _("It was called off, and you were told why."),
    },
    Dispute: {
        "opened": _("You told us that a charge is wrong. The amount is held from that moment: nobody asks you for it."),
        "acknowledged": _("We have confirmed in writing that we are looking into it, and by when you hear from us."),
        "in_review": _("Somebody looks at the charge, what you told us and what we have on file."),
        "upheld": _("You were right. What you had not paid is taken off the bill, what you had paid comes back."),
        "partly_upheld": _("You were right about a part. That part comes back, the rest is due again, and we say why."),
        "rejected": _("We think that the charge is right, and explain why. You can appeal once, with something new."),
        "withdrawn": _("You took it back. What was held is due again."),
        "closed": _("It is over, and what was decided stays on file."),
    },
    PaymentPlan: {
        "waiting_approval": _("A supervisor looks at the plan first."),
        "proposed": _("The plan is yours to accept. Nothing counts until you do."),
        "active": _("You pay in parts. Meanwhile there are no reminders, no fees and no restrictions for these bills."),
        "kept": _("All parts are paid. Thank you."),
        "settled_early": _("You paid all that was left at once. The plan is over."),
        "defaulted": _("A part stayed unpaid after the time to make up for it. The bills are due as before."),
        "declined": _("The plan was not agreed to, and you were told why."),
        "cancelled": _("The plan was called off. The bills are due as before."),
    },
}
#: Machines that only staff meet.
INTERNAL: tuple[type[Model], ...] = (Chargeback,)
TITLES: dict[type[Model], Words] = {
    Refund: _("Refunds"), Dispute: _("Disputes"), PaymentPlan: _("Payment plans"), Chargeback: _("Chargebacks"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move of a state machine; `does` is what the transition says it does."""

    source: str
    act: str
    target: str
    does: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """One state machine as a page shows it: its states in order, and every move there is."""

    title: str
    purpose: str
    start: str
    states: tuple[tuple[str, str], ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """What one role may give alone in one act, one amount a currency (None: nothing), as the configuration says now."""

    role: str
    amounts: tuple[Money | None, ...]
    window_hours: int


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may give how much in one act, and how many must agree above which amount."""

    act: str
    currencies: tuple[str, ...]
    limits: tuple[Limit, ...]
    rules: tuple[str, ...]


def workflow(model: type[Model]) -> Workflow:
    """Return a model's state machine with every transition it declares."""
    (state,) = (each for each in model._meta.get_fields() if isinstance(each, FSMField))
    names = {str(value): str(label) for value, label in state.choices}
    order = list(names)
    moves = {
        Move(str(each.source), each.name.replace("_", " "), str(each.target), _first_sentence(each.method.__doc__))
        for each in state.get_all_transitions(model)
    }
    said = WORDS.get(model, {})
    return Workflow(
        title=str(TITLES[model]),
        purpose=_first_sentence(model.__doc__),
        start=str(state.default),
        states=tuple((name, str(said.get(name, ""))) for name in (said or names) if name in names),
        moves=tuple(sorted(moves, key=lambda move: (order.index(move.source), order.index(move.target), move.act))),
    )


def workflows_for_staff() -> list[Workflow]:
    """Return every workflow by which money comes back."""
    return [workflow(model) for model in TITLES]


def workflows_for_customers() -> list[Workflow]:
    """Return the workflows a customer takes part in, with the sentence for each state."""
    return [workflow(model) for model in WORDS]


def undescribed() -> list[str]:
    """Return states that customers meet and nobody wrote a sentence for, and sentences about states there are not."""
    found = []
    for model, said in WORDS.items():
        (state,) = (each for each in model._meta.get_fields() if isinstance(each, FSMField))
        names = {str(value) for value, _ in state.choices}
        found += [f"{model.__name__}.{name}" for name in sorted(names ^ said.keys())]
    return found


def authorities() -> list[Authority]:
    """Return who may give how much, read from the limits and approval rules as they are configured now."""
    limits = AuthorityLimit.objects.order_by("act", "amount_minor", "role")
    by_act = {act: list(rows) for act, rows in groupby(limits, key=lambda row: row.act)}
    rules = ApprovalRule.objects.order_by("act", "currency", "above_minor")
    said = {act: tuple(_said(rule) for rule in rows) for act, rows in groupby(rules, key=lambda row: row.act)}
    return [
        _authority(str(label), by_act.get(act, []), said.get(act, ()))
        for act, label in AuthorityLimit.Act.choices
        if act in by_act or act in said
    ]


def _authority(label: str, rows: list[AuthorityLimit], said: tuple[str, ...]) -> Authority:
    """Put the limits of one act into a table: a row for each role, a column for each currency."""
    currencies = tuple(sorted({row.currency for row in rows}))
    by_role: dict[str, dict[str, AuthorityLimit]] = {}
    for row in rows:
        by_role.setdefault(row.role, {})[row.currency] = row
    limits = tuple(
        Limit(
            role.replace("_", " "),
            tuple(held[currency].amount if currency in held else None for currency in currencies),
            max(row.window_hours for row in held.values()),
        )
        for role, held in by_role.items()
    )
    return Authority(label, currencies, limits, said)


def _said(rule: ApprovalRule) -> str:
    people = "one other person has" if rule.approvers == 1 else f"{rule.approvers} different people have"
    who = f" ({' or '.join(role.replace('_', ' ') for role in rule.roles)})" if rule.roles else ""
    return f"Above {Money(rule.above_minor, rule.currency).display()} {people} to agree{who}."


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
