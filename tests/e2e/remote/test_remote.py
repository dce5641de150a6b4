"""The remote client gives the same results and raises the same errors as the embedded library."""

from __future__ import annotations

import datetime
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

import contactory
from contactory import Contact, ContactInfo, Identity, IgnoredValues, errors
from contactory.domain.contact_options import CreateContactOptions, GetContactOptions
from contactory.domain.contacts import ContactEmail, ContactEmails, Name
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm
from tests.e2e.conftest import StartServer
from tests.servers import Server, new_key, store_url, told

pytestmark = pytest.mark.anyio

AnyCrm: TypeAlias = Crm | RemoteCrm
NOBODY = "00000000-0000-4000-8000-000000000000"
JOHN: dict[str, Any] = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "john@example.com", "tag": "WORK"}]},
    "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
    "addresses": {
        "items": [{"address": {"addressLine": "3 Park Ave", "city": "NY", "country": "US"}}]
    },
    "birthdate": "1999-12-31",
    "labelKeys": {"items": ["custom.vip"]},
    "extendedFields": {"items": {"custom.age": 24}},
}


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[RemoteCrm]:
    async with contactory.connect(server.url, key=server.key) as crm:
        yield crm


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Crm]:
    async with contactory.connect(store_url(tmp_path / "embedded.db")) as crm:
        yield crm


def comparable(value: Any) -> Any:
    """The data without ids, times and the source, which differ by design."""
    if isinstance(value, Mapping):
        own = {"id", "createdDate", "updatedDate", "activityDate", "source", "duplicateContactId"}
        return {name: comparable(part) for name, part in value.items() if name not in own}
    if isinstance(value, list):
        return [comparable(part) for part in value]
    return value


async def test_a_contact_is_made_and_read_as_typed_as_in_process(
    remote: RemoteCrm, embedded: Crm
) -> None:
    made, twin = (
        await remote.contacts.create_contact(JOHN),
        await embedded.contacts.create_contact(JOHN),
    )

    assert type(made) is Contact
    assert comparable(made.to_rest()) == comparable(twin.to_rest())
    assert made.to_dict().keys() == twin.to_dict().keys()
    assert await remote.contacts.get_contact(made.id) == made
    assert made.source == contactory.domain.contacts.Source(source_type="ADMIN")


@pytest.mark.parametrize(
    "info",
    [
        ContactInfo(
            name=Name(first="A"), emails=ContactEmails(items=(ContactEmail(email="a@b.co"),))
        ),
        {
            "name": Name(first="A"),
            "emails": {"items": [ContactEmail(email="a@b.co", primary=True)]},
        },
        {"name": {"first": "A"}, "birthdate": datetime.date(1999, 12, 31)},
        {"name": {"first": "Żółw 🐢 \u2028"}, "extendedFields": {"items": {"custom.ratio": 0.1}}},
    ],
    ids=["struct", "structs inside", "date", "any language"],
)
async def test_info_is_sent_in_every_form(remote: RemoteCrm, embedded: Crm, info: Any) -> None:
    made = await remote.contacts.create_contact(info)

    assert comparable(made.to_rest()) == comparable(
        (await embedded.contacts.create_contact(info)).to_rest()
    )


@pytest.mark.parametrize(
    "options",
    [
        {"fieldsets": ["BASIC"]},
        {"fields": ["info.name", "source"]},
        {"fields": "info.emails,info.name"},
        {"fieldsets": ("COMMUNICATION_DETAILS",), "fields": ["lastActivity"]},
        GetContactOptions(fields=["info.name"]),
        {},
        None,
    ],
)
async def test_parts_are_read_as_in_process(remote: RemoteCrm, embedded: Crm, options: Any) -> None:
    made, twin = (
        await remote.contacts.create_contact(JOHN),
        await embedded.contacts.create_contact(JOHN),
    )

    part = await remote.contacts.get_contact(made.id, options)
    other = await embedded.contacts.get_contact(twin.id, options)

    assert comparable(part.to_rest()) == comparable(other.to_rest())


@pytest.mark.parametrize(
    "options",
    [
        {"allowDuplicates": True},
        {"allow_duplicates": True},
        CreateContactOptions(allow_duplicates=True),
    ],
)
async def test_duplicates_are_made_where_allowed(remote: RemoteCrm, options: Any) -> None:
    first = await remote.contacts.create_contact(JOHN)

    assert (await remote.contacts.create_contact(JOHN, options)).id != first.id


WRONG: dict[str, Any] = {"nothing": None, "list": [1], "text": "x", "number": 5}

Call: TypeAlias = Callable[[AnyCrm], Awaitable[Any]]

REFUSED: dict[str, Call] = {
    "nothing": lambda crm: crm.contacts.create_contact({}),
    "none": lambda crm: crm.contacts.create_contact(WRONG["nothing"]),
    "list": lambda crm: crm.contacts.create_contact(WRONG["list"]),
    "many problems": lambda crm: crm.contacts.create_contact(
        {"emails": {"items": [{"email": "x"}]}, "phones": {"items": [{}]}, "company": 5}
    ),
    "half a character": lambda crm: crm.contacts.create_contact({"name": {"first": "\ud800"}}),
    "NUL": lambda crm: crm.contacts.create_contact({"name": {"first": "\x00"}}),
    "two primary": lambda crm: crm.contacts.create_contact(
        {"emails": {"items": [{"email": f"{at}@b.co", "primary": True} for at in range(2)]}}
    ),
    "label": lambda crm: crm.contacts.create_contact(
        {"name": {"first": "A"}, "labelKeys": {"items": ["other.x"]}}
    ),
    "field": lambda crm: crm.contacts.create_contact(
        {"name": {"first": "A"}, "extendedFields": {"items": {"other.x": 1}}}
    ),
    "duplicate": lambda crm: crm.contacts.create_contact(JOHN),
    "idempotency key reused": lambda crm: crm.contacts.create_contact(
        {"name": {"first": "B"}}, idempotency_key="used"
    ),
    "idempotency key empty": lambda crm: crm.contacts.create_contact(JOHN, idempotency_key=""),
    "option unknown": lambda crm: crm.contacts.create_contact(JOHN, {"allowDuplicate": True}),
    "option of wrong kind": lambda crm: crm.contacts.create_contact(JOHN, {"allowDuplicates": 3}),
    "options of wrong kind": lambda crm: crm.contacts.create_contact(JOHN, WRONG["text"]),
    "not found": lambda crm: crm.contacts.get_contact(NOBODY),
    "no id": lambda crm: crm.contacts.get_contact("../../healthz"),
    "no id at all": lambda crm: crm.contacts.get_contact(""),
    "dots": lambda crm: crm.contacts.get_contact(".."),
    "id of wrong kind": lambda crm: crm.contacts.get_contact(WRONG["number"]),
    "fieldset unknown": lambda crm: crm.contacts.get_contact(NOBODY, {"fieldsets": ["ALL"]}),
    "fields of wrong kind": lambda crm: crm.contacts.get_contact(NOBODY, {"fields": 5}),
    "get option unknown": lambda crm: crm.contacts.get_contact(NOBODY, {"field": ["x"]}),
}


async def told_error(call: Awaitable[Any]) -> tuple[type, str, Any, Any]:
    with pytest.raises(errors.ContactoryError) as caught:
        await call
    error = caught.value
    violations = error.violations if isinstance(error, errors.InvalidArgument) else None
    return type(error), error.message, comparable(error.data), violations


@pytest.mark.parametrize("name", REFUSED)
async def test_an_error_is_the_same_as_in_process(
    remote: RemoteCrm, embedded: Crm, name: str
) -> None:
    crms: tuple[AnyCrm, ...] = (remote, embedded)
    for crm in crms:
        await crm.contacts.create_contact(JOHN, idempotency_key="used")

    there, here = [await told_error(REFUSED[name](crm)) for crm in crms]

    assert there == here


async def test_a_duplicate_names_the_other_contact(remote: RemoteCrm) -> None:
    first = await remote.contacts.create_contact(JOHN)

    with pytest.raises(errors.DuplicateContact) as caught:
        await remote.contacts.create_contact(JOHN)

    assert caught.value.contact_id == first.id
    assert caught.value.email == "john@example.com"


async def test_an_idempotency_key_gives_the_first_result_again(remote: RemoteCrm) -> None:
    first = await remote.contacts.create_contact(JOHN, idempotency_key="a key of mine")

    assert await remote.contacts.create_contact(JOHN, idempotency_key="a key of mine") == first


@pytest.mark.parametrize("key", ["é", "a\nb", " a", "x" * 256])
async def test_a_key_that_no_header_can_hold_is_refused(remote: RemoteCrm, key: str) -> None:
    with pytest.raises(errors.MalformedRequest, match="n idempotency key has"):
        await remote.contacts.create_contact(JOHN, idempotency_key=key)


async def test_dropped_names_are_warned_of_as_in_process(remote: RemoteCrm, embedded: Crm) -> None:
    info = {"name": {"first": "A", "mid,dle ä": "B"}, "nmae": 1}

    warned = []
    for call in (remote.contacts.create_contact, embedded.contacts.create_contact):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            await call(info)
        warned.append([(w.category, str(w.message)) for w in caught])

    assert warned[0] == warned[1]
    assert warned[0][0][0] is IgnoredValues
    assert "info.nmae" in warned[0][0][1]


@pytest.mark.parametrize(
    "info",
    [{"company": object()}, {("a", "b"): 1}, {"company": b"bytes"}],
    ids=["object", "tuple as name", "bytes"],
)
async def test_what_json_cannot_hold_is_refused(remote: RemoteCrm, info: Any) -> None:
    with pytest.raises(errors.MalformedRequest):
        await remote.contacts.create_contact(info)


async def test_what_is_no_number_is_refused(remote: RemoteCrm) -> None:
    with pytest.raises(errors.MalformedRequest, match="NaN"):
        await remote.contacts.create_contact(
            {"extendedFields": {"items": {"custom.x": float("nan")}}}
        )


async def test_an_info_that_holds_itself_is_refused(remote: RemoteCrm) -> None:
    info: dict[str, Any] = {"name": {"first": "A"}}
    info["name"]["last"] = info

    with pytest.raises(errors.MalformedRequest):
        await remote.contacts.create_contact(info)


async def test_a_request_too_large_is_refused(remote: RemoteCrm) -> None:
    with pytest.raises(errors.RequestTooLarge):
        await remote.contacts.create_contact({"company": "x" * 2_000_000})


async def test_a_wrong_key_is_unauthenticated(server: Server) -> None:
    async with contactory.connect(server.url, key="wrong") as crm:
        with pytest.raises(errors.Unauthenticated):
            await crm.contacts.create_contact(JOHN)


async def test_a_key_may_do_what_it_was_granted(server: Server, embedded: Crm) -> None:
    key = new_key(server.store, "CONTACTS.VIEW")

    async with contactory.connect(server.url, key=key) as crm:
        there = await told_error(crm.contacts.create_contact(JOHN))
    async with embedded.acting_as(Identity.user(["CONTACTS.VIEW"])):
        here = await told_error(embedded.contacts.create_contact(JOHN))

    assert there == here
    assert there[0] is errors.PermissionDenied


async def test_a_key_acts_at_its_own_site_only(server: Server) -> None:
    site = told(server.store, "sites", "create", "Second")["siteId"]
    key = told(server.store, "keys", "create", "--site", site)["key"]
    async with contactory.connect(server.url, key=server.key) as crm:
        first = await crm.contacts.create_contact(JOHN)

    async with contactory.connect(server.url, key=key) as other:
        with pytest.raises(errors.ContactNotFound):
            await other.contacts.get_contact(first.id)
        assert (await other.contacts.create_contact(JOHN)).id != first.id
    async with contactory.connect(server.url, key=key, site_id=site) as named:
        with pytest.raises(errors.DuplicateContact):
            await named.contacts.create_contact(JOHN)
    async with contactory.connect(server.url, key=server.key, site_id=site) as crossed:
        with pytest.raises(errors.PermissionDenied):
            await crossed.contacts.create_contact(JOHN)


async def test_a_limited_caller_is_told_how_long_to_wait(start_server: StartServer) -> None:
    server = start_server(rate_limit=1)

    async with contactory.connect(server.url, key=server.key) as crm:
        await crm.contacts.create_contact(JOHN)
        with pytest.raises(errors.RateLimited) as caught:
            await crm.contacts.create_contact(JOHN)

    assert 1 <= caught.value.retry_after_s <= 60


async def test_the_key_shows_nowhere(server: Server) -> None:
    key = f"{server.key}x"
    async with contactory.connect(server.url, key=key) as crm:
        with pytest.raises(errors.Unauthenticated) as caught:
            await crm.contacts.create_contact(JOHN)

    shown = "".join(traceback.format_exception(caught.value))
    assert key not in f"{crm!r} {crm.contacts!r} {caught.value!r} {shown}"
    assert server.url in repr(crm)


@pytest.mark.parametrize("key", ["", "a key", "a\nkey", "schlüssel"])
async def test_what_can_be_no_key_is_refused_without_showing_it(server: Server, key: str) -> None:
    with pytest.raises(errors.Unauthenticated) as caught:
        async with contactory.connect(server.url, key=key):
            pass

    assert not key or key not in str(caught.value)


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def test_connections_say_what_is_missing_or_too_much(tmp_path: Path) -> None:
    connect: Any = contactory.connect
    store, server = store_url(tmp_path / "a.db"), "http://127.0.0.1:9"

    with pytest.raises(errors.Unauthenticated, match="needs a key"):
        async with connect(server):
            pass
    with pytest.raises(errors.InvalidArgument, match="is for servers"):
        async with connect(store, key="k"):
            pass
    with pytest.raises(errors.InvalidArgument, match="settings"):
        async with connect(server, key="k", settings=contactory.Settings()):
            pass
    assert is_empty(tmp_path)


@pytest.mark.parametrize(
    "url", ["http://", "http://a b", "http://user:pass@host", "http://host?x=1", "http://h:99999"]
)
async def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(errors.InvalidArgument, match="must be http") as caught:
        async with contactory.connect(url, key="k"):
            pass

    assert "pass" not in str(caught.value)


async def test_a_site_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    for site in (NOBODY, "no id"):
        with pytest.raises(errors.NotFound, match="no site"):
            async with contactory.connect(store_url(tmp_path / "a.db"), site_id=site):
                pass
    with pytest.raises(errors.NotFound, match="no site"):
        async with contactory.connect("http://127.0.0.1:9", key="k", site_id="no id"):
            pass


async def test_settings_hold_for_an_embedded_store(tmp_path: Path) -> None:
    settings = contactory.Settings(strict_keys=True)

    async with contactory.connect(store_url(tmp_path / "a.db"), settings=settings) as crm:
        with pytest.raises(errors.InvalidExtendedFieldValue, match=r"custom\.age"):
            await crm.contacts.create_contact(JOHN)


async def test_an_answer_can_be_encoded_again(remote: RemoteCrm) -> None:
    made = await remote.contacts.create_contact(JOHN)

    assert Contact.from_json(made.to_json()) == made
    assert msgspec.json.decode(made.to_json()) == made.to_rest()
