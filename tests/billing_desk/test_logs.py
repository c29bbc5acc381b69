"""The secret of a link never reaches a log."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from billing_desk import asgi

SECRET = "Tk-9f3kQ2vLhZ0wPq8rX1uY6bN4mA7cD"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["pay", "sign-in", "verify"])
def test_the_line_of_a_request_names_the_page_and_hides_the_secret(page, caplog):
    with caplog.at_level(logging.INFO):
        Client().get(f"/account/{page}/{SECRET}?from=mail")

    lines = [record.getMessage() for record in caplog.records]
    assert any(f"/account/{page}/[hidden]" in line for line in lines)
    assert not any(SECRET in line for line in lines)


def test_the_web_servers_own_line_hides_it_too(caplog):
    logger = logging.getLogger("uvicorn.access")
    assert asgi.application
    logger.propagate = True
    try:
        with caplog.at_level(logging.INFO, logger="uvicorn.access"):
            logger.info('%s - "%s %s HTTP/%s" %d', "::1", "GET", f"/account/pay/{SECRET}", "1.1", 200)
    finally:
        logger.propagate = False

    assert caplog.records[-1].getMessage() == '::1 - "GET /account/pay/[hidden] HTTP/1.1" 200'
