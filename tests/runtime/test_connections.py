"""Connections to the database: one per process kept, or some shared where every request has a thread of its own."""

from __future__ import annotations

from billing_desk import settings

URL = "postgresql://desk:secret@db.example:5433/billing?sslmode=require"


def test_an_address_becomes_settings_and_the_role_is_taken_with_the_first_statement():
    found = settings.database(URL, "billing_desk_app")

    assert (found["HOST"], found["PORT"], found["NAME"], found["USER"]) == ("db.example", "5433", "billing", "desk")
    assert found["OPTIONS"]["options"] == "-c role=billing_desk_app"
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_web_server_shares_ten_connections_instead_of_opening_one_per_request(monkeypatch):
    monkeypatch.setenv("DATABASE_POOL", "10")

    found = settings.database(URL, "")

    assert found["OPTIONS"]["pool"]["max_size"] == 10
    assert found["CONN_MAX_AGE"] == 0  # Django refuses to keep a pooled connection for itself


def test_a_worker_keeps_its_own_connection(monkeypatch):
    monkeypatch.delenv("DATABASE_POOL", raising=False)

    found = settings.database(URL, "")

    assert "pool" not in found["OPTIONS"]
    assert found["CONN_MAX_AGE"] == 60
