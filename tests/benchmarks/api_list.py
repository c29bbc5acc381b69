"""The API's list of 50 rows with authentication, against a bare view of the same server without it.

Two servers: uvicorn as the product runs it, asked over one kept-alive connection; and Django's WSGI handler called in
the measuring process, where nothing but the view and the middleware is left.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.harness import Act, Contender, Figure, backend_of, crew, owner_connection, rounds_of, share
from tests.benchmarks.options import Options
from tests.benchmarks.server import ROOT, Server

SECRET = "bd_" + "benchmark" * 4
PATHS = {"ours": "/api/v1/charges?limit=50", "bare": "/bench/bare", "ModelSerializer": "/bench/serializer"}
TARGET = 0.50

LOAD = """
SET session_replication_role = replica;
INSERT INTO ledger_customer (id, number, name, kind, language, country, region, time_zone, currency, vat_id, opened_at)
SELECT n, 'B-' || n, 'Customer ' || n, 'consumer', 'en', 'DE', '', 'Europe/Berlin', 'EUR', '', now()
FROM generate_series(1, 1000) n;
INSERT INTO ledger_charge (customer_id, description, amount_minor, currency, tax_rate, charged_on, period_start,
                           period_end, source, external_id, added_by, added_at, reversal_reason)
SELECT 1 + n % 1000, 'Studio plan, month ' || n, 100 + n, 'EUR', 19, '2026-03-01', '2026-03-01', '2026-04-01',
       'subscription:' || n, 'ext-' || n, 'system:bench', now(), ''
FROM generate_series(1, 20000) n;
RESET session_replication_role;
"""


@contextmanager
def web_server(url: str) -> Iterator[tuple[int, int]]:
    """Run the product under uvicorn with the benchmark's addresses; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.api_list:application", "--factory"]
    command += ["--port", str(port), "--log-level", "error", "--no-access-log"]
    # The request log is written, as in the product, but nowhere.
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def application() -> object:
    """Return the ASGI application that uvicorn serves: the product's, with the benchmark's addresses."""
    from django.conf import settings

    from billing_desk.asgi import application as product

    settings.ROOT_URLCONF = "tests.benchmarks.api_urls"
    return product


def callers(port: int, pid: int) -> dict[str, Contender]:
    """Return one asker per address, over the same kept-alive connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def asking(path: str) -> Act:
        def act() -> None:
            connection.request("GET", path, headers={"Authorization": f"Bearer {SECRET}"})
            answer = connection.getresponse()
            _check(answer.status, answer.read())

        return act

    return {name: Contender(asking(path), (pid,)) for name, path in PATHS.items()}


def handlers(url: str) -> dict[str, Contender]:
    """Return one caller of the WSGI handler per address."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection

    settings.ROOT_URLCONF = "tests.benchmarks.api_urls"
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    handler, backends = WSGIHandler(), (backend_of(connection),)

    def asking(path: str) -> Act:
        place, _, query = path.partition("?")
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": place, "QUERY_STRING": query, "SERVER_NAME": "localhost"}
        environ |= {"SERVER_PORT": "80", "HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {SECRET}"}

        def act() -> None:
            said: list[str] = []
            answer = handler({**environ, "wsgi.input": io.BytesIO()}, lambda status, headers: said.append(status))
            _check(int(said[0].split()[0]), b"".join(answer))
            answer.close()

        return act

    return {name: Contender(asking(path), backends) for name, path in PATHS.items()}


def _check(status: int, body: bytes) -> None:
    if status != 200:
        raise RuntimeError(f"{status}: {body[:400]!r}")
    if body.count(b"tax_rate") != 50:
        raise RuntimeError(f"Not 50 rows: {len(json.loads(body))}")


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Ask for the list, in turns with the bare one and the serializer's."""
    from billing_desk.keys import hash_of

    with server.database("api") as url:
        with owner_connection(url) as owner:
            owner.execute(LOAD)
            owner.execute("VACUUM ANALYZE")
            owner.execute(
                "INSERT INTO billing_desk_apikey (name, prefix, hash, scopes, created_at) "
                "VALUES ('bench', 'bd_bench', %s, '{charges:read}', now())",
                [hash_of(SECRET.encode())],
            )
        with web_server(url) as (port, pid), crew(callers, url, port, pid) as asking:
            rounds = rounds_of({name: (asking, name) for name in PATHS}, options.pairs)
        yield share("API list of 50 rows over HTTP (uvicorn)", rounds, "ours", "bare", TARGET)
        yield share("API list over HTTP against a ModelSerializer list", rounds, "ours", "ModelSerializer")
        with crew(handlers, url, url) as asking:
            rounds = rounds_of({name: (asking, name) for name in PATHS}, options.pairs)
        yield share("API list of 50 rows, handler alone", rounds, "ours", "bare", TARGET)
        yield share("API list, handler alone, against a ModelSerializer list", rounds, "ours", "ModelSerializer")
