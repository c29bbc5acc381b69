"""Actor: who did something, as a value that outlives the user row it may have come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.errors import InvalidInput


class ActorKind(StrEnum):
    """Who can act on the books and the cases."""

    AGENT = "agent"
    CUSTOMER = "customer"
    INTEGRATION = "integration"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer of an act: `str(actor)` is the stable reference, `agent:42`.

    `roles` are the names of billing_desk/roles.py that the doer holds now; `customer_id` is set for a customer and for
    a member of staff who is a customer too, so that nobody works on their own account.
    """

    kind: ActorKind
    reference: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    customer_id: int | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.reference}"

    @classmethod
    def agent(
        cls, user_id: int, *, name: str = "", roles: frozenset[str] = frozenset(), customer_id: int | None = None
    ) -> Actor:
        """Return a member of staff."""
        return cls(ActorKind.AGENT, str(user_id), name, roles, customer_id)

    @classmethod
    def customer(cls, customer_id: int, *, name: str = "") -> Actor:
        """Return a customer acting for themselves."""
        return cls(ActorKind.CUSTOMER, str(customer_id), name, frozenset(), customer_id)

    @classmethod
    def integration(cls, key_id: int, *, name: str = "", roles: frozenset[str] = frozenset()) -> Actor:
        """Return an integration, known by its API key."""
        return cls(ActorKind.INTEGRATION, str(key_id), name, roles)

    @classmethod
    def system(cls, job: str) -> Actor:
        """Return the product itself, named by the job that acts."""
        return cls(ActorKind.SYSTEM, job, job)

    @classmethod
    def parse(cls, reference: str) -> Actor:
        """Read back what `str(actor)` wrote; roles and name are not part of it.

        :raises InvalidInput: if the text is not an actor's reference
        """
        kind, colon, rest = reference.partition(":")
        if not colon or kind not in {member.value for member in ActorKind}:
            raise InvalidInput(f"{reference!r} names nobody who can act.")
        return cls(ActorKind(kind), rest, rest)
