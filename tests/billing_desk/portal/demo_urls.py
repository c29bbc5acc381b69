"""All addresses as in the demo: the test run itself is none, so the product leaves the demo's pages out."""

from django.urls import include, path

from billing_desk import urls

urlpatterns = [*urls.urlpatterns, path("demo/", include("billing_desk.demo.urls"))]
