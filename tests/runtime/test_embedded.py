"""The embedded servers: private, found again by their folder, and gone when they cannot start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from billing_desk import embedded


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder short enough for a socket, made as a careful administrator's umask makes it."""
    before = os.umask(0o077)
    folder = Path(tempfile.mkdtemp(prefix="bd-"))
    os.umask(before)
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


def test_a_stopped_postgresql_keeps_its_data_for_the_next_start(data):
    if os.geteuid() == 0:
        data.parent.chmod(0o711)
    for step in ("CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('yes')", "TABLE kept"):
        server = embedded.start_postgres(data, durable=False)
        with psycopg.connect(embedded.database_url(data), autocommit=True) as connection:
            found = connection.execute(step)
            words = found.fetchall() if found.description else []
        server.stop()

    assert words == [("yes",)]
    assert (data / "pg").stat().st_mode & 0o077 == 0


def test_redis_answers_on_its_private_socket_and_goes_when_told(data):
    data.mkdir(parents=True)
    server = embedded.start_redis(data)
    socket = data / "redis" / "redis.sock"

    assert redis.Redis(unix_socket_path=str(socket)).ping()
    server.stop()
    assert server.process.poll() is not None


def test_a_server_that_cannot_start_says_why_and_leaves_no_process(data):
    if os.geteuid() == 0:
        data.parent.chmod(0o711)
    embedded.start_postgres(data, durable=False).stop()
    shutil.rmtree(data / "pg" / "cluster" / "global")

    with pytest.raises(embedded.ServerDidNotStart, match="PostgreSQL did not start"):
        embedded.start_postgres(data, durable=False)

    running = subprocess.run(["pgrep", "-f", str(data)], capture_output=True, text=True)
    assert running.stdout == ""


def test_a_folder_too_long_for_a_socket_is_refused_before_anything_starts(tmp_path):
    with pytest.raises(embedded.ServerDidNotStart, match="shorter path"):
        embedded.start_postgres(tmp_path / ("long" * 30))
