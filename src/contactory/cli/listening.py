"""The socket that a server listens on, and the URL that leads to it."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from contactory.domain.errors import Unavailable

_BACKLOG: Final = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 chooses a free one. Raises Unavailable when it cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(
            f"cannot listen on {host} port {port}: {reason}: choose others with --host and --port"
        ) from error


def url_of(listener: socket.socket, host: str, *, is_tls: bool) -> str:
    """The URL at which somebody on this machine reaches the server."""
    port = listener.getsockname()[1]
    scheme = "https" if is_tls else "http"
    return f"{scheme}://{_reachable(host)}:{port}"


def _reachable(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or "127.0.0.1"
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
