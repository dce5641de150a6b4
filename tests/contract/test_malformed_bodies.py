"""Bodies that are no request: each gets a clear 4xx, nothing is stored, and the server goes on."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contactory.wire.schemas import parameter_schema
from tests.contract.wire import CONTACTS, Json, application_error, create, john, violations
from tests.servers import Server

MEGABYTE = 1024 * 1024


def count(server: Server) -> int:
    """How many contacts the store has."""
    return int(server.store.value("SELECT count(*) FROM contacts"))


@pytest.fixture(autouse=True)
def unharmed(server: Server, client: httpx2.Client) -> Iterator[None]:
    """Whatever a test sends, nothing is stored, and the next good request is answered."""
    before = count(server)
    yield
    assert count(server) == before
    assert create(client, john()).status_code == 200


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    return f'{{"info": {opening * levels}{closing * levels}}}'.encode()


def in_name(text: str) -> bytes:
    """A body whose first name is this JSON text."""
    return f'{{"info": {{"name": {{"first": {text}}}}}}}'.encode()


UNREADABLE = {
    "no JSON": (b"John Doe", "not JSON"),
    "half a body": (b'{"info": {"name": {"first": "Jo', "not JSON"),
    "trailing garbage": (b'{"info": {"name": {"first": "J"}}} x', "not JSON"),
    "two documents": (b"{}{}", "not JSON"),
    "single quotes": (b"{'info': {}}", "not JSON"),
    "trailing comma": (b'{"info": {},}', "not JSON"),
    "comment": (b'{"info": {} /* here */}', "not JSON"),
    "blanks only": (b"  \n ", "not JSON"),
    "byte order mark": (b"\xef\xbb\xbf{}", "JSON"),
    "control character in a string": (b'{"info": "a\nb"}', "not JSON"),
    "NUL byte": (b'{"info": {}}\x00', "not JSON"),
    "latin 1": ('{"info": {"name": {"first": "J\u00fcrgen"}}}'.encode("latin-1"), "not UTF-8"),
    "UTF-16": ('{"info": {}}'.encode("utf-16"), "not UTF-8"),
    "encoded surrogate": (b'{"info": {"name": {"first": "\xed\xa0\x80"}}}', "not UTF-8"),
    "overlong slash": (b'{"info": "\xc0\xaf"}', "not UTF-8"),
    "gzip": (gzip.compress(b'{"info": {"name": {"first": "J"}}}'), "not UTF-8"),
    "null": (b"null", "Expected an object"),
    "list": (b"[]", "Expected an object"),
    "text": (b'"info"', "Expected an object"),
    "number": (b"1", "Expected an object"),
    "NaN": (in_name("NaN"), "NaN"),
    "Infinity": (in_name("Infinity"), "Infinity"),
    "minus Infinity": (in_name("-Infinity"), "Infinity"),
    "a name twice": (b'{"info": {"name": {"first": "A", "first": "B"}}}', "twice"),
    "info twice": (b'{"info": {"name": {"first": "A"}}, "info": {}}', "twice"),
    "200 levels of lists": (nested(200), "nested deeper"),
    "200 levels of objects": (nested(200, '{"a":', "}").replace(b"{}", b"{"), "nested deeper"),
    "100,000 levels": (nested(100_000), "nested deeper"),
    "200 levels never closed": (b"[" * 200, "nested deeper"),
    "brackets hidden in text": (b'{"a": "' + b"[" * 99 + b'", "b": ' + b"[" * 99, "nested deeper"),
    "a quote that never ends": (b'{"a": "' + b"[" * 10_000, "JSON"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_is_400_and_says_why(client: httpx2.Client, name: str) -> None:
    body, reason = UNREADABLE[name]
    answer = client.post(CONTACTS, content=body)
    assert answer.status_code == 400, answer.text
    error = application_error(answer)
    assert error["code"] == "MALFORMED_REQUEST"
    assert reason in error["description"]
    assert len(answer.content) < 1000, "an error does not repeat the body"


def test_an_empty_body_is_an_empty_request(client: httpx2.Client) -> None:
    (violation,) = violations(client.post(CONTACTS, content=b""))
    assert violation["field"] == "info"


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_ten_megabytes_are_413(client: httpx2.Client, chunked: bool) -> None:
    chunk = b" " * MEGABYTE
    answer = client.post(CONTACTS, content=(chunk for _ in range(10)) if chunked else chunk * 10)
    assert answer.status_code == 413
    assert application_error(answer)["code"] == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
def test_a_compressed_body_is_refused(client: httpx2.Client, encoding: str) -> None:
    # Readable without decoding, so that only the header can tell.
    body = json.dumps({"info": john()})
    answer = client.post(CONTACTS, content=body, headers={"content-encoding": encoding})
    assert answer.status_code in {400, 415}
    assert "compressed" in application_error(answer)["description"].lower()


SURROGATES = ['"\\ud800"', '"a\\udfff"', '"\\udc00\\ud800"', '"a\\u0000b"']


@pytest.mark.parametrize("text", SURROGATES)
def test_text_that_no_store_keeps_is_named(client: httpx2.Client, text: str) -> None:
    (violation,) = violations(client.post(CONTACTS, content=in_name(text)))
    assert violation["field"] == "info.name.first"
    assert violation["violatedRule"] == "FORMAT"


@pytest.mark.parametrize("text", SURROGATES)
@pytest.mark.parametrize(
    "place",
    [
        '{"info": {"company": TEXT, "name": {"first": "J"}}}',
        '{"info": {"emails": {"items": [{"email": TEXT}]}}}',
        '{"info": {"phones": {"items": [{"phone": TEXT}]}}}',
        '{"info": {"name": {"first": "J"}, "labelKeys": {"items": [TEXT]}}}',
        '{"info": {"name": {"first": "J"}, "extendedFields": {"items": {"custom.a": TEXT}}}}',
        '{"info": {"name": {"first": "J"}, "extendedFields": {"items": {TEXT: "a"}}}}',
        '{"info": {"name": {"first": "J"}, "locale": TEXT}}',
        '{"info": {"name": {"first": "J"}, "picture": {"image": {"url": TEXT}}}}',
        '{"info": {"name": {"first": "J"}, "addresses": {"items": [{"address": {"city": TEXT}}]}}}',
        '{"info": {"name": {"first": "J"}}, "allowDuplicates": TEXT}',
    ],
)
def test_such_text_is_refused_wherever_it_stands(
    client: httpx2.Client, place: str, text: str
) -> None:
    answer = client.post(CONTACTS, content=place.replace("TEXT", text).encode())
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("text", SURROGATES)
@pytest.mark.parametrize(
    "place",
    [
        '{"info": {"name": {"first": "J"}}, TEXT: 1}',
        '{"info": {"name": {"first": "J"}, TEXT: 1}}',
        '{"info": {"name": {"first": "J", TEXT: 1}}}',
        '{"info": {"emails": {"items": [{"email": "j@example.com", TEXT: 1}]}}}',
        '{"info": {"name": {"first": "J"}, "extendedFields": {TEXT: 1}}}',
    ],
)
def test_a_name_that_no_store_keeps_is_refused_wherever_it_stands(
    client: httpx2.Client, place: str, text: str
) -> None:
    answer = client.post(CONTACTS, content=place.replace("TEXT", text).encode())
    assert answer.status_code == 400, answer.text
    assert "a name with NUL or unpaired surrogates" in answer.json()["message"]


NUMBERS = [
    "1e400",
    "-1e400",
    "1" + "0" * 5000,
    "-" + "9" * 5000,
    "1" + "0" * 500_000,
    "1e999999999",
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: text[:12])
def test_numbers_beyond_all_bounds_are_refused(client: httpx2.Client, number: str) -> None:
    place = '{"info": {"name": {"first": "J"}, "extendedFields": {"items": {"custom.n": %s}}}}'
    answer = client.post(CONTACTS, content=(place % number).encode())
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]
    spot = (
        '{"info": {"name": {"first": "J"}, "addresses": {"items": [{"address": {"geocode": %s}}]}}}'
    )
    geocode = f'{{"latitude": {number}, "longitude": 0}}'
    answer = client.post(CONTACTS, content=(spot % geocode).encode())
    (violation,) = violations(answer)
    assert violation["field"] == "info.addresses.items[0].address.geocode.latitude"


TEXT_TOO = {"picture", "image"}
"""Objects that may be given as text: the seed's form of a picture."""


WRONG: dict[str, list[Any]] = {
    "object": [7, True, [1], "text"],
    "array": [7, True, {"a": 1}, "text"],
    "string": [7, True, [1], {"a": 1}],
    "number": [True, "text", [1], {"a": 1}],
    "integer": [1.5, "text", [1], {"a": 1}],
    "flag": [7, "maybe", [1], {"a": 1}],
    "string or number": [True, [1], {"a": 1}],
}


def wrong_values(schema: Json, name: str) -> list[Any]:
    """Values of kinds that a place with this schema does not take."""
    if "enum" in schema:
        return ["NO_SUCH_WORD", 7, [1]]
    if name in TEXT_TOO:
        return [7, True, [1]]
    kind = schema.get("type", "flag")
    return WRONG[kind if isinstance(kind, str) else "string or number"]


def wrong_kinds(schema: Json, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of a schema with each wrong value, so that no field is forgotten."""
    for value in wrong_values(schema, str(path[-1])):
        yield path, value
    for name, below in schema.get("properties", {}).items():
        yield from wrong_kinds(below, (*path, name))
    if "items" in schema:
        yield from wrong_kinds(schema["items"], (*path, 0))
    if "additionalProperties" in schema:
        yield from wrong_kinds(schema["additionalProperties"], (*path, "custom.any"))


def body_with(path: tuple[Any, ...], value: Any) -> Json:
    """A body that holds the value at the path, beside a name where there is room for one."""
    for name in reversed(path):
        value = [value] if name == 0 else {name: value}
    info = value["info"]
    return {"info": {"name": {"first": "J"}} | info if isinstance(info, dict) else info}


PLACES = list(wrong_kinds(parameter_schema("contacts.create_contact", "info"), ("info",)))


def dotted(path: tuple[Any, ...]) -> str:
    return "".join("[0]" if name == 0 else f".{name}" for name in path).removeprefix(".")


@pytest.mark.parametrize(
    ("path", "value"), PLACES, ids=[f"{dotted(path)}={value!r}" for path, value in PLACES]
)
def test_a_wrong_kind_anywhere_in_info_is_named_by_its_path(
    client: httpx2.Client, path: tuple[Any, ...], value: Any
) -> None:
    found = violations(client.post(CONTACTS, json=body_with(path, value)))
    fields = [violation["field"] for violation in found]
    assert any(field.startswith(dotted(path)) for field in fields), fields


def spoken(server: Server, text: bytes, *, then_close: bool = False) -> bytes:
    """What the server answers to these bytes on a fresh connection."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(text)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def head(server: Server, *lines: str) -> bytes:
    named = ["POST /contacts/v4/contacts HTTP/1.1", "host: here", f"authorization: {server.key}"]
    return "\r\n".join([*named, "connection: close", *lines, "", ""]).encode()


def test_a_body_shorter_than_it_says_is_never_taken(server: Server) -> None:
    body = json.dumps({"info": john()}).encode()
    declared = head(server, f"content-length: {len(body) + 10}")
    answer = spoken(server, declared + body, then_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_of_a_body_longer_than_it_says_only_the_declared_part_counts(server: Server) -> None:
    answer = spoken(server, head(server, "content-length: 2") + b'{}{"info": {"name": "J"}}')
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"field":"info"' in answer


def test_a_chunked_body_that_breaks_off_is_never_taken(server: Server) -> None:
    start = head(server, "transfer-encoding: chunked")
    answer = spoken(server, start + b'40\r\n{"info": {"name"', then_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "lines",
    [
        ("content-length: -1",),
        ("content-length: many",),
        ("content-length: 2", "content-length: 3"),
        ("content-length: 2", "transfer-encoding: chunked"),
        ("transfer-encoding: strange",),
    ],
    ids=" ".join,
)
def test_lengths_that_contradict_are_refused(server: Server, lines: tuple[str, ...]) -> None:
    answer = spoken(server, head(server, *lines) + b"{}\r\n\r\n", then_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
def test_what_is_no_http_at_all_is_turned_away(server: Server, text: bytes) -> None:
    answer = spoken(server, text, then_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer


def test_endless_headers_are_turned_away(server: Server) -> None:
    answer = spoken(server, head(server, f"x-long: {'x' * 200_000}"), then_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:100]


@pytest.mark.parametrize("text", SURROGATES)
@pytest.mark.parametrize("name", ["grantType", "clientId", "clientSecret", "memberId", "x"])
def test_token_calls_with_such_text_are_refused(
    client: httpx2.Client, name: str, text: str
) -> None:
    for grant in ("anonymous", "client_credentials", "authorized_client"):
        sent = {"grantType": grant, "clientId": "c", "clientSecret": "s", "memberId": "m"}
        body = json.dumps(sent | {name: "TEXT"}).replace('"TEXT"', text)
        answer = client.post("/oauth2/token", content=body.encode())
        assert answer.status_code in {400, 401}, answer.text
        assert answer.json()["message"]
