"""The product's addresses and two more for the benchmark: a bare list, and one through a ModelSerializer."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from billing_desk.api.v1.charges import ShownCharge
from billing_desk.urls import urlpatterns as product
from ledger.models import Charge

ROWS = 50


def bare(request: HttpRequest) -> HttpResponse:
    """Send the newest rows as they are, without looking who asks."""
    rows = list(Charge.objects.order_by("-pk").values(*ShownCharge.columns)[:ROWS])
    return HttpResponse(orjson.dumps({"data": rows}, default=str), content_type="application/json")


class ChargeSerializer(serializers.ModelSerializer[Charge]):
    """A charge with the same fields, as Django REST framework is mostly used."""

    class Meta:
        model = Charge
        fields = ShownCharge.columns


class Serialized(ListAPIView[Any]):
    """The same rows through the serializer; it does not look who asks either."""

    authentication_classes = ()
    permission_classes = ()
    serializer_class = ChargeSerializer

    def get_queryset(self) -> Any:
        return Charge.objects.order_by("-pk")[:ROWS]


urlpatterns = [*product, path("bench/bare", bare), path("bench/serializer", Serialized.as_view())]
