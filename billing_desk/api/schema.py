"""The OpenAPI document, and a page that shows it without any foreign host."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings

from billing_desk.api.errors import answer
from billing_desk.keys import SCOPES

METHODS = ("get", "post", "put", "patch", "delete")


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the schema names our authentication."""

    target_class = "billing_desk.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: Authorization: Bearer bd_…"}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the OpenAPI document of v1; it changes only with the code."""
    return generate()


def generate() -> dict[str, Any]:
    """Return the OpenAPI document, built anew; choices stand where they are used, without names of their own."""
    from billing_desk.api.urls import api_urlpatterns

    with patched_settings({"POSTPROCESSING_HOOKS": []}):
        return dict(SchemaGenerator(patterns=api_urlpatterns).get_schema(request=None, public=True))


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document as JSON."""
    return answer(200, document())


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation of the API on one page."""
    spec = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _shown(path, method, item[method], spec)
                groups.setdefault(path.split("/")[3].replace("_", " "), []).append(operation)
    context = {"spec": spec["info"], "groups": groups, "scopes": SCOPES, "server": settings.PUBLIC_URL}
    return render(request, "api/docs.html", context)


def _shown(path: str, method: str, operation: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "fields": _fields(body, spec),
        "answers": [(status, found.get("description", "")) for status, found in operation["responses"].items()],
    }


def _fields(body: dict[str, Any], spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a request body, with their names, types and rules."""
    schema = _resolved(body, spec)
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "type": _type_name(field, spec),
            "required": name in needed,
            "help": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in schema:
        schema = schema["allOf"][0]
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(spec["components"]["schemas"][name]) if name else schema


def _type_name(field: dict[str, Any], spec: dict[str, Any]) -> str:
    whole = _resolved(field, spec)
    if choices := whole.get("enum"):
        return " | ".join(str(choice) for choice in choices)
    return str(whole.get("format") or whole.get("type") or "object")
