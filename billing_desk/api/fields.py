"""What a request body may hold: nothing unknown, nothing silently converted, amounts as whole minor units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.request import Request

from ledger.errors import DomainError
from ledger.money import Money

#: More than any rule says; a book is not kept in a field.
LONGEST_JSON = 20_000


class Body(serializers.Serializer[Any]):
    """A JSON object; a field that is not listed is refused, because a misspelt one must not be lost."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(str(name) for name in data if name not in writable):
                raise serializers.ValidationError({name: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Return the fields of a request's body, checked.

        :raises rest_framework.exceptions.ValidationError: naming every field that breaks a rule
        """
        reader = cls(data=request.data)
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)


class Nothing(Body):
    """An empty object."""


class Text(serializers.CharField):
    """A text; a number or true is not one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This is not a text.")
        return str(super().to_internal_value(data))


class WholeNumber(serializers.IntegerField):
    """A whole number, written as one: not "5", not 5.0, not true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise serializers.ValidationError("This is not a whole number: give an integer, without quotes or point.")
        return data


class YesNo(serializers.BooleanField):
    """True or false, written as such."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("This is neither true nor false.")
        return data


class Exact(serializers.DecimalField):
    """An exact number as text or a whole number; a float has no exact value."""

    #: What is said where it is written otherwise.
    how = 'Give the number as text, such as "12.5".'

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool | float) or not isinstance(data, str | int):
            raise serializers.ValidationError(self.how)
        return super().to_internal_value(data)


class Rate(Exact):
    """A percentage as text ("19" or "8.25") or a whole number."""

    how = 'Give the rate as text, such as "19" or "8.25".'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=6, decimal_places=3, min_value=Decimal(0), max_value=Decimal("99.999"), **kwargs)


class Json(serializers.JSONField):
    """Something in JSON that the database can keep as it is: no NUL, no half characters, not without end."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            text = orjson.dumps(data)
        except (TypeError, ValueError) as problem:
            raise serializers.ValidationError("This cannot be kept as it is.") from problem
        if b"\\u0000" in text:
            raise serializers.ValidationError("A NUL character cannot be kept.")
        if len(text) > LONGEST_JSON:
            raise serializers.ValidationError(f"This is longer than {LONGEST_JSON} bytes.")
        return super().to_internal_value(data)


class Amount(Body):
    """Money: whole minor units (cents, yen) and an ISO 4217 currency."""

    amount_minor = WholeNumber(help_text="In minor units: 1250 is 12.50 EUR", min_value=-(10**17), max_value=10**17)
    currency = Text(help_text="ISO 4217 code", min_length=3, max_length=3)

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError('An amount is written {"amount_minor": 1250, "currency": "EUR"}.')
        found = super().to_internal_value(data)
        try:
            return Money(found["amount_minor"], found["currency"])
        except DomainError as refusal:
            raise serializers.ValidationError({"currency": [str(refusal)]}) from refusal


class Id(WholeNumber):
    """The id of an object."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


def amount(row: dict[str, Any], minor: str = "amount_minor", into: str = "amount") -> None:
    """Fold a column of minor units of a row into `{"amount_minor", "currency"}`, in place."""
    row[into] = {"amount_minor": row.pop(minor), "currency": row["currency"]}
