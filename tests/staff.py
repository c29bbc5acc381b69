"""The browsers of staff."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client

from billing_desk.models import User


def browser(role: str) -> Client:
    """Return the browser of somebody with this role, signed in."""
    user = User.objects.create_user(role, password="long-enough-word", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
