"""Customer and the contact points on file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ledger.money import CURRENCIES

CURRENCY_CHOICES = [(code, code) for code in sorted(CURRENCIES)]


class Customer(models.Model):
    """The party on the invoice: a consumer or a business, billed in one currency, living in one time zone."""

    class Kind(models.TextChoices):
        CONSUMER = "consumer"
        BUSINESS = "business"

    number = models.CharField(max_length=20, unique=True, help_text="C-000017, printed on every bill")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CONSUMER)
    language = models.CharField(max_length=12, default="en", help_text="IETF tag, e.g. de-DE")
    country = models.CharField(max_length=2, help_text="ISO 3166-1 code, e.g. DE")
    region = models.CharField(max_length=6, blank=True, default="", help_text="ISO 3166-2 code, e.g. US-CA")
    street = models.CharField(max_length=200, blank=True, default="", help_text="Street and number, or post box")
    address_more = models.CharField(max_length=200, blank=True, default="", help_text="Floor, department")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    currency = models.CharField(max_length=3)
    vat_id = models.CharField(max_length=20, blank=True, default="")
    external_id = models.CharField(max_length=100, null=True, unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["consumer", "business"]), name="customer_kind_is_known"),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="customer_country_is_iso"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="customer_currency_is_iso"),
        ]
        indexes = [models.Index(Lower("name"), name="customer_by_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    def local_day(self, at: datetime) -> date:
        """The calendar day it is for the customer."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def first_language(self) -> str:
        """The language without its region: `de` of `de-DE`."""
        return self.language.partition("-")[0].lower()


class ContactPoint(models.Model):
    """An address or number on file, the person behind it, and what they may do for the customer.

    Owners and finance contacts may move money and see it; users may ask and read general answers only.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    class Right(models.TextChoices):
        OWNER = "owner"
        FINANCE = "finance"
        USER = "user"

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_points")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    value = models.CharField(max_length=254, help_text="An e-mail address, or a number in E.164")
    person = models.CharField(max_length=200, blank=True, default="")
    right = models.CharField(max_length=7, choices=Right.choices, default=Right.OWNER)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, help_text="When its owner answered from it")
    failed_at = models.DateTimeField(null=True, help_text="When it refused our mail for good; nothing goes there since")
    failure = models.CharField(max_length=300, blank=True, default="", help_text="What the other server said")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["email", "phone"]), name="contact_point_kind_is_known"),
            models.CheckConstraint(
                condition=Q(right__in=["owner", "finance", "user"]), name="contact_point_right_is_known"
            ),
            models.UniqueConstraint(
                F("customer"),
                F("kind"),
                Lower("value"),
                condition=Q(removed_at=None),
                name="contact_point_once_per_customer",
            ),
        ]
        indexes = [models.Index(Lower("value"), name="contact_point_by_value", condition=Q(removed_at=None))]

    def __str__(self) -> str:
        return f"{self.value} of customer {self.customer_id}"

    @property
    def may_move_money(self) -> bool:
        """Whether the person behind it may ask for money to move, and see it."""
        return self.right in (self.Right.OWNER, self.Right.FINANCE)

    @property
    def masked(self) -> str:
        """The address with its middle hidden: enough to recognise, not enough to learn."""
        if self.kind == self.Kind.PHONE:
            return f"{self.value[:3]} … {self.value[-2:]}"
        name, _, domain = self.value.partition("@")
        return f"{name[:1]}…{name[-1:]}@{domain}"
