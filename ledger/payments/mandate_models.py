"""Mandate: what a customer agreed to, so that a card or account is kept and charged without them."""

from django.db import models
from django.db.models import F, Q


class Mandate(models.Model):
    """The words a customer accepted, word for word, with the day; they may take it back at any time.

    For an account it is the SEPA mandate with its reference, for a card the consent to keep it. It waits without a
    method until the gateway has said with what the customer paid. Nothing in it is ever changed but what is still open.
    """

    class Kind(models.TextChoices):
        CARD = "card", "consent to keep a card"
        DIRECT_DEBIT = "direct_debit", "SEPA mandate"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="mandates")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reference = models.CharField(max_length=35, unique=True, help_text="What the customer's bank knows it by")
    gateway_reference = models.CharField(max_length=100, blank=True, default="", help_text="The gateway's own mandate")
    wording = models.TextField(help_text="What was accepted, word for word")
    language = models.CharField(max_length=35)
    accepted_at = models.DateTimeField()
    accepted_on = models.DateField(help_text="The day where the customer lives")
    accepted_by = models.CharField(max_length=80)
    notice_days = models.PositiveSmallIntegerField(
        default=0, help_text="Calendar days between telling the customer of a debit and the debit"
    )
    attempt = models.OneToOneField(
        "ledger.Attempt", models.PROTECT, null=True, related_name="mandate", help_text="The payment it was given with"
    )
    method = models.OneToOneField("ledger.PaymentMethod", models.PROTECT, null=True, related_name="mandate")
    ask_again_at = models.DateTimeField(null=True, help_text="When the gateway is asked what was paid with")
    asked = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["card", "direct_debit"]), name="mandate_kind_is_known"),
            models.CheckConstraint(condition=~Q(wording=""), name="mandate_has_the_words_accepted"),
            models.CheckConstraint(
                condition=Q(reference__regex=r"^[A-Za-z0-9+?/:().,' -]{1,35}$"), name="mandate_reference_is_sepa"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | (Q(revoked_at__gte=F("accepted_at")) & ~Q(revoked_by="")),
                name="mandate_revoked_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["ask_again_at", "id"], name="mandate_without_its_method", condition=Q(method=None)),
            models.Index(fields=["customer", "-id"], name="mandate_by_customer"),
        ]

    def __str__(self) -> str:
        return self.reference
