"""Reads the JSON body of a hook by the same strict rules as the API's."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from billing_desk.api.fields import Body
from ledger.errors import InvalidInput


def read_json(request: HttpRequest, body: type[Body]) -> dict[str, Any]:
    """Return the checked fields of a JSON body.

    :raises InvalidInput: if it is not JSON
    :raises rest_framework.exceptions.ValidationError: naming every field that breaks a rule
    """
    try:
        data = json.loads(request.body)
    except ValueError as problem:
        raise InvalidInput("The body is not JSON.") from problem
    reader = body(data=data)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)
