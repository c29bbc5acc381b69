"""How a customer said yes to words that were shown to them: what is kept of it, and whose yes counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from ledger.customers.models import ContactPoint
from ledger.customers.proof import IdentityProof, ProofMissing
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor, ActorKind

#: How well somebody must be known whose yes is taken down for them: a one-time code, or the portal.
PROOF_LEVEL = 2


class WordingDiffers(DomainError):
    """What was accepted is not the text that was offered."""


class Channel(models.TextChoices):
    """By which way a yes came."""

    PORTAL = "portal"
    EMAIL = "email", "e-mail"
    PHONE = "phone"
    LETTER = "letter"


class AcceptedWords(models.Model):
    """Who accepted which words, when and how; append-only. The models that inherit it say of what."""

    accepted_by = models.CharField(max_length=200, help_text="The person, as they are known")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    wording_hash = models.CharField(max_length=64)
    proof_reference = models.CharField(max_length=60, blank=True, default="", help_text="How they were known, check:7")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    accepted_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How the customer said yes: to which words (their hash), by which way, from which address on file.

    `said_at` is when they did, where it was taken down later: the day of a letter.
    """

    wording_hash: str
    channel: str = Channel.PORTAL.value
    accepted_by: str = ""
    contact_point_id: int | None = None
    ip_address: str | None = None
    user_agent: str = ""
    said_at: datetime | None = None

    def check(
        self,
        proof: IdentityProof | None,
        *,
        customer_id: int,
        shown_at: datetime | None = None,
        by: Actor,
        at: datetime,
    ) -> None:
        """Refuse a yes that may not be the customer's. In the portal customers accept for themselves; whoever takes it
        down for them needs a proof of who they are.

        :raises ProofMissing: if nobody knows that it was the customer
        :raises InvalidInput: if the way, the address or the moment cannot be
        """
        self._check_circumstances(customer_id, shown_at, at)
        if by.kind == ActorKind.CUSTOMER:
            if self.channel != Channel.PORTAL or self.said_at is not None:
                raise InvalidInput("Customers accept for themselves in the portal, when they do so.")
            return
        if self.channel == Channel.PORTAL:
            raise InvalidInput("Only customers themselves accept in the portal.")
        if proof is None:
            raise ProofMissing("Please verify the customer first: their yes needs a proof of who they are.")
        proof.check(customer_id=customer_id, level=PROOF_LEVEL, at=at)

    def _check_circumstances(self, customer_id: int, shown_at: datetime | None, at: datetime) -> None:
        if self.channel not in Channel.values:
            raise InvalidInput("Words are accepted in the portal, by e-mail, by phone or by letter.")
        point = self.contact_point_id
        if point and not ContactPoint.objects.filter(pk=point, customer_id=customer_id).exists():
            raise InvalidInput("This address is not one of the customer's.")
        if self.said_at is not None and not (shown_at or self.said_at) <= self.said_at <= at:
            raise InvalidInput("They can have accepted only after it was offered to them, and not in the future.")

    def check_wording(self, wording_hash: str) -> None:
        """Refuse a yes to other words.

        :raises WordingDiffers: if the text accepted is not the one with this hash
        """
        if self.wording_hash != wording_hash:
            raise WordingDiffers("The text that was accepted is not the text that was offered; please show it again.")

    def columns(self, proof: IdentityProof | None, *, person: str, by: Actor, at: datetime) -> dict[str, Any]:
        """Return what is kept of it in the columns of `AcceptedWords`; `person` is who it is when nobody is named."""
        return {
            "accepted_by": (self.accepted_by or by.name or person)[:200],
            "channel": self.channel,
            "wording_hash": self.wording_hash,
            "proof_reference": proof.reference if proof else "",
            "ip_address": self.ip_address,
            "user_agent": self.user_agent[:300],
            "accepted_at": self.said_at or at,
            "recorded_by": str(by),
        }
