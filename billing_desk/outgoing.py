"""Posts to an address somebody typed in: only http(s), only public hosts, no redirects, ten seconds.

The name is resolved once, every address it stands for is checked, and the connection goes to the address that was
checked: a name that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from ledger.errors import InvalidInput

TIMEOUT_S = 10
PORTS = {"http": 80, "https": 443}


class UnsafeAddress(InvalidInput):
    """The address is not one that we post to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, or why there is none."""

    status: int
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it (2xx)."""
        return 200 <= self.status < 300


def post(url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
    """Post a body; whatever goes wrong on the way is an answer with status 0, because it is to be tried again."""
    try:
        parts, address = check_address(url)
        connection = _connect(parts, address)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body=body, headers=dict(headers))
            response = connection.getresponse()
            response.read(1000)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UnsafeAddress, ValueError) as problem:
        return Answer(0, f"{type(problem).__name__}: {problem}"[:300])
    return Answer(response.status, f"{response.status} {response.reason}"[:300])


def check_address(url: str) -> tuple[SplitResult, str]:
    """Return an address in parts and the one IP address to connect to.

    :raises UnsafeAddress: if it is not http(s), carries a password, or leads to a host of our own network
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as problem:
        raise UnsafeAddress(f"{url!r} is not an address.") from problem
    if parts.scheme not in PORTS or not parts.hostname:
        raise UnsafeAddress("A webhook goes to an http:// or https:// address.")
    if parts.username or parts.password:
        raise UnsafeAddress("A webhook address carries no user name or password.")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise UnsafeAddress(f"The host {parts.hostname!r} cannot be found.") from problem
    addresses = [str(entry[4][0]) for entry in found]
    if not (settings.DEMO or settings.DEBUG) and not all(is_public(address) for address in addresses):
        raise UnsafeAddress("A webhook does not go to a host of our own network.")
    return parts, addresses[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet; an IPv4 address inside IPv6 counts as itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def _connect(parts: SplitResult, address: str) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    plain = socket.create_connection((address, port), timeout=TIMEOUT_S)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        connection = http.client.HTTPSConnection(host, port)
    else:
        connection = http.client.HTTPConnection(host, port)
    connection.sock = plain
    return connection
