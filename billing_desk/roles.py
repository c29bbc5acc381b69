"""Who may do what: every role, its own permissions and its part of the admin, in one table.

`manage.py sync_roles` writes the table into Groups. A person may hold several roles: permissions are the union; duties
that must stay apart (nobody approves what they asked for) are refused by the operations, whatever the roles say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

AGENT, SENIOR_AGENT, SUPERVISOR, FINANCE, INTEGRATION = "agent", "senior_agent", "supervisor", "finance", "integration"

#: The product's own permissions. `refund.request` is the right to ask; how much is decided by the authority limits.
PERMISSIONS: dict[str, str] = {
    "desk.open": "Open the workspace",
    "ticket.view": "Read cases",
    "ticket.work": "Take, answer, hand over and resolve cases",
    "customer.view": "See accounts and their timeline",
    "customer.edit": "Change contact points",
    "verification.start": "Start an identity check",
    "verification.record": "Record a check made by other means",
    "dispute.open": "Open a dispute",
    "dispute.decide": "Uphold or reject a dispute",
    "dispute.export": "Take the dossier of a dispute out for a bank or a regulator",
    "case.export": "Take the whole file of a case out",
    "chargeback.answer": "Answer chargebacks or accept them",
    "refund.request": "Ask for a refund",
    "refund.approve": "Approve or decline what somebody else asked for",
    "payment.see_decline": "See why a bank declined, where the customer must not be told too",
    "refund.freeze": "Freeze all refunds and let them go on",
    "control.work": "Work the control room: pause queues, change who may give how much",
    "adjustment.give": "Give credits, waive fees and give discounts for a reason",
    "correction.ask": "List what our mistakes charged too much and ask to correct it",
    "discount.grant": "Give discounts and end them",
    "collections.view": "See who is overdue, and what comes next",
    "collections.work": "Take promises to pay, waive fees for late payment",
    "subscription.change": "Change, pause and cancel subscriptions, propose agreements",
    "bill.correct": "Void bills, write credit notes and drafts",
    "bill.give_up": "Ask to give bills up",
    "payment.link": "Send customers links to pay a bill, and end them",
    "tax.keep": "Keep the rules of countries, exchange rates and checks of VAT ids",
    "books.view": "Read the books",
    "books.close": "Prepare and close months, take the journal out",
    "billing.run": "Start and stop billing runs, close their exceptions",
    "import.run": "Try and import files of another system",
    "audit.view": "Read the audit trail",
    "reaction.retry": "Try failed background work again",
    "admin.open": "Open the admin",
    "config.edit": "Change the configuration",
    "staff.edit": "Change staff and their roles",
    "key.edit": "Issue and revoke API keys, edit webhooks",
}

#: Everybody on the staff, trainees without a role included, may read.
EVERYBODY = frozenset({"desk.open", "ticket.view", "customer.view"})

_AGENT = EVERYBODY | {
    "ticket.work", "customer.edit", "verification.start", "verification.record", "dispute.open", "dispute.decide",
    "refund.request", "adjustment.give", "discount.grant", "subscription.change", "bill.correct", "bill.give_up",
    "payment.link",
    "collections.view", "collections.work",
}  # fmt: skip
_APPROVER = frozenset({
    "dispute.export", "case.export", "chargeback.answer",
    "refund.approve", "payment.see_decline", "refund.freeze", "correction.ask", "admin.open", "audit.view",
    "books.view", "billing.run",
})  # fmt: skip
_SUPERVISOR = frozenset({
    "control.work", "config.edit", "staff.edit", "key.edit", "reaction.retry", "tax.keep", "import.run",
})  # fmt: skip
_FINANCE = EVERYBODY | _APPROVER | {
    "refund.request", "dispute.decide", "tax.keep", "books.close", "import.run", "bill.correct",
    "bill.give_up", "payment.link", "collections.view", "collections.work",
}  # fmt: skip

#: What the admin may edit; every other model registered there is read-only, for everybody.
CONFIGURATION = (
    "ledger.accesspolicy", "ledger.addon", "ledger.adjustmentreason", "ledger.approvalrule", "ledger.authoritylimit",
    "ledger.ladder", "ledger.rung", "ledger.networkrule", "ledger.retryschedule",
    "ledger.oneoffitem", "ledger.plan", "ledger.price", "ledger.saveoffer",
    "notifications.boundarytext", "ledger.teambudget", "notifications.leadtime", "notifications.messagetemplate",
    "tickets.blockedphrase", "tickets.businesshours", "tickets.holiday", "tickets.mailbox", "tickets.membership",
    "tickets.phoneline",
    "tickets.queue", "tickets.replytemplate", "tickets.routingrule", "tickets.slapolicy",
)  # fmt: skip
STAFF = ("billing_desk.user",)
KEYS = ("billing_desk.apikey", "billing_desk.webhookendpoint")

#: What finance reads: the books and the claims behind them.
BOOKS = (
    "ledger.adjustment", "ledger.adjustmentreason", "ledger.approvalrule", "ledger.approvalvote",
    "ledger.correctionbatch", "ledger.correctionitem", "ledger.freeze", "ledger.limitchange", "ledger.teambudget",
    "ledger.access", "ledger.accessoverride", "ledger.accesspolicy", "ledger.dunningstep", "ledger.ladder",
    "ledger.latefee", "ledger.paymentpromise", "ledger.rung",
    "ledger.account", "ledger.addon", "ledger.agreement", "ledger.approval", "ledger.authoritylimit", "ledger.balance",
    "ledger.billingexception", "ledger.billingrun", "ledger.billingstep", "ledger.charge",
    "ledger.chargeback", "ledger.chargebackanswer", "ledger.chargebackpack", "ledger.chargebackstep",
    "ledger.disputedraft", "ledger.evidenceitem", "ledger.provisionalcredit",
    "ledger.creditnote", "ledger.customer", "ledger.dayclose", "ledger.discountgrant",
    "ledger.discountuse", "ledger.dispute", "ledger.document", "ledger.event",
    "ledger.evidencebundle", "ledger.givenexplanation",
    "ledger.invoice", "ledger.invoiceline", "ledger.journalentry", "ledger.oneoffitem",
    "ledger.hardshipcase", "ledger.instalment", "ledger.paymentplan", "ledger.planacceptance",
    "ledger.payment", "ledger.attempt", "ledger.gatewaycircuit", "ledger.gatewayreport",
    "ledger.mandate", "ledger.parkedreport", "ledger.paymentlink",
    "ledger.paymentallocation", "ledger.paymentmethod", "ledger.period", "ledger.plan", "ledger.posting",
    "ledger.break", "ledger.networkrule", "ledger.retry", "ledger.retryschedule", "ledger.settlementfile",
    "ledger.settlementline",
    "ledger.deliverychoice", "ledger.letter", "ledger.methodchoice", "ledger.printbatch", "ledger.saveoffer",
    "ledger.shownoffer",
    "ledger.price", "ledger.refund", "ledger.seal", "ledger.subscription", "ledger.usageevent",
    "ledger.exchange", "ledger.exchangerate", "ledger.positionstep", "ledger.jurisdictionrule", "ledger.taxidcheck",
    "ledger.monthclose", "ledger.recognition", "ledger.importrun", "ledger.importproblem",
)  # fmt: skip
EVERY_MODEL = "*"


@dataclass(frozen=True, slots=True)
class Role:
    """What holders of one role may do: the product's own permissions, and which models the admin shows or edits."""

    name: str
    label: str
    permissions: frozenset[str]
    sees: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    is_for_staff: bool = True
    #: What they may refund alone, per currency, in minor units.
    refund_limits: dict[str, int] = field(default_factory=dict)


def _limits(minor: int, yen: int) -> dict[str, int]:
    return {"EUR": minor, "USD": minor, "GBP": minor, "JPY": yen}


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(AGENT, "Agent", _AGENT, refund_limits=_limits(25_00, 2_500)),
        Role(SENIOR_AGENT, "Senior agent", _AGENT | {"refund.approve"}, refund_limits=_limits(250_00, 25_000)),
        Role(
            SUPERVISOR,
            "Supervisor",
            _AGENT | _APPROVER | _SUPERVISOR,
            sees=(EVERY_MODEL,),
            edits=CONFIGURATION + STAFF + KEYS,
            refund_limits=_limits(1_000_00, 100_000),
        ),
        Role(
            FINANCE,
            "Finance",
            _FINANCE,
            sees=BOOKS,
            refund_limits=_limits(10_000_00, 1_000_000),
        ),
        # An integration asks on a customer's proof; it has no limit of its own and approves nothing.
        Role(INTEGRATION, "Integration", frozenset({"refund.request", "dispute.open"}), is_for_staff=False),
    )
}

#: Never shown in the admin: they hold hashes of answers and links.
HIDDEN = ("verification.challenge", "billing_desk.signinlink", "billing_desk.apicall")


def roles_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[str]:
    """Return the names of the roles a user holds, read once per request."""
    held: frozenset[str] | None = getattr(user, "_roles_held", None)
    if held is None:
        names = user.groups.values_list("name", flat=True) if user.is_authenticated else ()
        held = frozenset(name for name in names if name in ROLES)
        user._roles_held = held
    return held


def may(user: AbstractBaseUser | AnonymousUser, permission: str) -> bool:
    """Return whether a user's roles include a permission of `PERMISSIONS`; a superuser's always do.

    :raises KeyError: if there is no such permission
    """
    PERMISSIONS[permission]
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_superuser or permission in EVERYBODY or permission in permissions_of(roles_of(user))


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Return the union of the permissions of several roles; unknown names add nothing."""
    return frozenset().union(*(ROLES[name].permissions for name in roles if name in ROLES))


def model_permissions(role: Role, labels: list[str]) -> Iterator[str]:
    """Give the Django permissions (`ledger.view_refund`) of a role, out of all model labels (`ledger.refund`)."""
    for label in labels:
        app, _, model = label.partition(".")
        if label not in HIDDEN and (label in role.sees or EVERY_MODEL in role.sees or label in role.edits):
            yield f"{app}.view_{model}"
        if label in role.edits:
            yield from (f"{app}.{act}_{model}" for act in ("add", "change", "delete"))
