"""Which URLs and addresses of receivers may be called: not those inside our own network."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

_SHARED: Final = ip_network("100.64.0.0/10")
_NAT64: Final = ip_network("64:ff9b::/96")
_LAST_32: Final = 2**32 - 1
_NOT_PUBLIC: Final = tuple(
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10", "3fff::/20")
)
"""What `ipaddress` takes for public, in some releases of Python at least.

168.63.129.16 is where a machine in Azure reaches its own host.
"""


def url_problem(url: str, *, allows_private: bool) -> str | None:
    """Why a receiver cannot have this URL, as the rest of a sentence; None where it can.

    An address in it is looked at; that of a name is, whenever it is called.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    schemes = ("https", "http") if allows_private else ("https",)
    if not host or "\\" in url or not all("!" <= one <= "~" for one in url):
        return "must be a URL such as https://example.com/hook, in ASCII (xn--… for other letters)"
    if parts.scheme not in schemes:
        return f"must begin with {' or '.join(f'{one}://' for one in schemes)}"
    if "@" in parts.netloc or "#" in url or not _has_good_port(parts):
        return "must have no user name, no password, no fragment, and a port from 1 to 65535"
    address = _literal(host)
    why = None if address is None or allows_private else address_problem(address)
    return None if why is None else f"must not be an address that is {why}"


def address_problem(address: Address) -> str | None:
    """What keeps an address from being called, such as `loopback`; None where nothing does."""
    inner = _inner(address)
    if inner is not None:
        return address_problem(inner)
    for kind in ("loopback", "link_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(address, f"is_{kind}"):
            return kind.replace("_", "-")
    if address.version == 4 and address in _SHARED:
        return "shared by a provider's customers"
    is_public = address.is_global and not any(address in network for network in _NOT_PUBLIC)
    return None if is_public else "not public"


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _literal(host: str) -> Address | None:
    """The address that the host is, in any spelling that resolvers take: 127.1, 0x7f000001, …"""
    with suppress(ValueError):
        return ip_address(host.rstrip("."))
    with suppress(OSError):
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    return None


def _inner(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for, in the ways there are."""
    if address.version == 4:
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & _LAST_32)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
