"""Staff users, API keys, idempotency records, outgoing webhooks, and customers' sign-in links."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """A member of staff. Customers are not users: they sign in to the portal by one-time link."""

    customer_id = models.BigIntegerField(
        null=True, blank=True, help_text="Their own customer account, if they have one: they may not work on it"
    )
    language = models.CharField(max_length=5, default="en")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class ApiKey(models.Model):
    """An integration's key. Only its hash is kept; the key is shown once."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True, help_text="The first characters, to recognise it by")
    hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="e.g. charges:write")
    customer_id = models.BigIntegerField(null=True, blank=True, help_text="Set: the key sees this customer only")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ApiCall(models.Model):
    """What one Idempotency-Key did: inserted first, in the same transaction as the effect, answered from afterwards."""

    key = models.ForeignKey(ApiKey, models.PROTECT)
    idempotency_key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    called_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "idempotency_key"], name="one_api_call_per_idempotency_key")
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class WebhookEndpoint(models.Model):
    """Where events are posted, signed after the Standard Webhooks specification."""

    name = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100, help_text="whsec_…; shared with the receiver")
    kinds = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="Empty: every kind")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    event_id = models.BigIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="one_webhook_per_endpoint_and_event")
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="webhook_due", condition=Q(delivered_at=None, given_up_at=None)),
        ]
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.endpoint}"


class SignInLink(models.Model):
    """A one-time link that signs a customer's contact in to the portal; only its hash is kept."""

    contact_point_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for customer {self.customer_id}"
