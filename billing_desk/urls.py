"""Addresses: `/desk/` `/account/` `/api/v1/` `/hooks/` `/admin/`."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from billing_desk.api.urls import api_urlpatterns, hook_urlpatterns
from billing_desk.health import healthz
from billing_desk.portal.contact import contact_js, contact_json

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/desk/"), name="root"),
    path("healthz", healthz, name="healthz"),
    path("contact.json", contact_json, name="contact-json"),
    path("contact.js", contact_js, name="contact-js"),
    path("desk/", include("billing_desk.workspace.urls")),
    path("account/", include("billing_desk.portal.urls")),
    path("admin/", admin.site.urls),
    *api_urlpatterns,
    *hook_urlpatterns,
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("billing_desk.demo.urls")))
