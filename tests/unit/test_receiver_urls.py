"""Which URLs receivers may have, and which addresses are called."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from contactory.domain.receiver_urls import address_problem, url_problem

NO_URL = "must be a URL such as https://example.com/hook, in ASCII (xn--… for other letters)"
EXTRAS = "must have no user name, no password, no fragment, and a port from 1 to 65535"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "HTTPS://Example.com:8443/hook?a=b&c=%20",
        "https://8.8.8.8/hook",
        "https://[2606:4700:4700::1111]:8443/hook",
        "https://xn--bcher-kva.example/",
        "https://example.com:65535/a@b",
    ],
)
@pytest.mark.parametrize("allows_private", [False, True])
def test_good_urls(url: str, *, allows_private: bool) -> None:
    assert url_problem(url, allows_private=allows_private) is None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", NO_URL),
        ("example.com", NO_URL),
        ("https://", NO_URL),
        ("https:///hook", NO_URL),
        ("https://[::1", NO_URL),
        ("https://example.com/a b", NO_URL),
        ("https://example.com/\x00", NO_URL),
        ("https://example.com/\x7f", NO_URL),
        ("https://example.com\\@127.0.0.1/", NO_URL),
        ("https://bücher.example/", NO_URL),
        ("https://name@example.com/", EXTRAS),
        ("https://name:word@example.com/", EXTRAS),
        ("https://@example.com/", EXTRAS),
        ("https://example.com/#there", EXTRAS),
        ("https://example.com/#", EXTRAS),
        ("https://example.com:0/", EXTRAS),
        ("https://example.com:65536/", EXTRAS),
        ("https://example.com:http/", EXTRAS),
        ("http://example.com/", "must begin with https://"),
        ("ftp://example.com/", "must begin with https://"),
        ("//example.com/", "must begin with https://"),
        ("https://127.0.0.1/", "must not be an address that is loopback"),
        ("https://127.0.0.1./", "must not be an address that is loopback"),
        ("https://127.1/", "must not be an address that is loopback"),
        ("https://2130706433/", "must not be an address that is loopback"),
        ("https://0x7f000001/", "must not be an address that is loopback"),
        ("https://017700000001/", "must not be an address that is loopback"),
        ("https://[::1]/", "must not be an address that is loopback"),
        ("https://[::ffff:7f00:1]/", "must not be an address that is loopback"),
        ("https://[fe80::1%25eth0]/", "must not be an address that is link-local"),
        ("https://192.168.0.1/", "must not be an address that is private"),
    ],
)
def test_bad_urls(url: str, problem: str) -> None:
    assert url_problem(url, allows_private=False) == problem


def test_what_is_private_may_be_allowed() -> None:
    for url in ("http://localhost:3000/", "http://127.0.0.1/", "https://[fd00::1]/"):
        assert url_problem(url, allows_private=True) is None
    assert url_problem("ws://a.b/", allows_private=True) == "must begin with https:// or http://"


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("loopback", "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1"),
        ("loopback", "64:ff9b::7f00:1 2002:7f00:1::1 2001:0:808:808::80ff:fffe"),
        ("link-local", "169.254.0.1 169.254.169.254 fe80::1 febf::1 ::ffff:169.254.169.254"),
        ("link-local", "64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::"),
        ("private", "10.0.0.1 172.16.0.1 172.31.255.255 192.168.255.255 fc00::1 fdff::1"),
        ("private", "0.1.2.3 192.0.2.1 198.18.0.1 203.0.113.1 240.0.0.1 255.255.255.255"),
        ("private", "2001:db8::1 100::1 64:ff9b::a00:1 2002:c0a8:1::"),
        ("unspecified", "0.0.0.0 :: ::ffff:0.0.0.0"),
        ("multicast", "224.0.0.1 239.255.255.255 ff02::1"),
        ("reserved", "::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b:1::7f00:1"),
        ("shared by a provider's customers", "100.64.0.1 100.127.255.255 ::ffff:100.100.100.200"),
        ("not public", "192.0.0.192 192.88.99.1 168.63.129.16 fec0::1 3fff::1"),
    ],
)
def test_addresses_that_are_not_called(kind: str, addresses: str) -> None:
    for one in addresses.split():
        assert address_problem(ip_address(one)) == kind, one


def test_addresses_that_are_called() -> None:
    for one in (
        "8.8.8.8 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 169.253.1.1 11.0.0.1 "
        "192.169.0.1 223.255.255.255 2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 "
        "64:ff9b::808:808 2002:808:808::1"
    ).split():
        assert address_problem(ip_address(one)) is None, one
