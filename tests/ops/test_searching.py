"""Finding contacts by words: of names, e-mails, phones and companies (CONTRACT B.14)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.contact_reading import read_info
from contactory.domain.errors import (
    ContactoryError,
    IllegalLimit,
    InvalidArgument,
    UnknownFilterField,
    UnsupportedSortField,
)
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.contact_creating import draft_of, write_new
from contactory.ops.crm import Crm
from contactory.store import contact_plans
from contactory.store.engine import Transaction
from tests.ops.surroundings import call, fields_named, mail, next_millisecond

pytestmark = pytest.mark.anyio

PEOPLE: dict[str, dict[str, Any]] = {
    "zoe": mail("zoe.smith@mail.example.com", name={"first": "Zoë", "last": "Smith"}),
    "john": mail("jo@example.com", name={"first": "John", "last": "Smithson"}, company="Acme Ltd"),
    "jane": call("6465676359", name={"first": "Jane", "last": "Doe"}, company="Smith & Sons"),
    "mueller": call("020 7946 0958", "GB", name={"first": "Jörg", "last": "Müller-Lüdenscheidt"}),
    "tanaka": {"name": {"first": "田中太郎"}},
}


@pytest.fixture
async def people(crm: Crm) -> dict[str, str]:
    """Names of contacts by id; the contacts were made in this order."""
    made = {}
    for name, info in PEOPLE.items():
        made[(await crm.contacts.create_contact(info)).id] = name
        await next_millisecond()
    return made


async def names(crm: Crm, people: dict[str, str], search: Any) -> list[str]:
    found = await crm.contacts.search_contacts(search)
    return [people[contact.id] for contact in found.contacts]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("zoe", ["zoe"]),
        ("ZOË SMITH", ["zoe"]),
        ("smith zoe", ["zoe"]),
        ("smith", ["zoe", "john", "jane"]),
        ("smi", ["zoe", "john", "jane"]),
        ("smi zoe", []),
        ("mith", []),
        ("acme", ["john"]),
        ("jo@example.com", ["john"]),
        ("zoe.smith", ["zoe"]),
        ("example.com", ["zoe", "john"]),
        ("(646) 567-6359", ["jane"]),
        ("+1 646 567 6359", ["jane"]),
        ("646567", ["jane"]),
        ("0044 20 7946 0958", ["mueller"]),
        ("muller ludenscheidt", ["mueller"]),
        ("Jorg", ["mueller"]),
        ("太郎", ["tanaka"]),
        ("nobody", []),
        ('" OR * NOT (', []),
    ],
)
async def test_words_are_found_whatever_their_letter_case_and_accents(
    crm: Crm, people: dict[str, str], expression: str, expected: list[str]
) -> None:
    assert await names(crm, people, expression) == expected
    assert await names(crm, people, {"search": expression}) == expected
    assert await names(crm, people, {"search": {"expression": expression}}) == expected


async def test_one_word_may_be_enough_and_fields_may_be_named(
    crm: Crm, people: dict[str, str]
) -> None:
    either: dict[str, Any] = {"mode": "OR", "expression": "zoe acme"}
    assert await names(crm, people, {"search": either}) == ["zoe", "john"]
    last = {"expression": "smith", "fields": ["info.name.last"]}
    assert await names(crm, people, {"search": last}) == ["zoe", "john"]
    company = {"expression": "smith", "fields": ["info.company"]}
    assert await names(crm, people, {"search": company}) == ["jane"]


@pytest.mark.parametrize(
    ("typo", "expected"),
    [
        ("smtih", ["zoe", "jane"]),
        ("smitth", ["zoe", "jane"]),
        ("smath", ["zoe", "jane"]),
        ("zoe smtih", ["zoe"]),
        ("acmee", ["john"]),
        ("mullxr", ["mueller"]),
        ("smxyth", []),
        ("mithq", []),
    ],
)
async def test_fuzzy_forgives_one_typo_a_word(
    crm: Crm, people: dict[str, str], typo: str, expected: list[str]
) -> None:
    assert await names(crm, people, {"search": {"expression": typo}}) == []
    fuzzy = {"search": {"expression": typo, "fuzzy": True}}
    assert await names(crm, people, fuzzy) == expected


async def test_fuzzy_finds_what_is_right_too(crm: Crm, people: dict[str, str]) -> None:
    fuzzy: dict[str, Any] = {"expression": "smith", "fuzzy": "true"}
    assert await names(crm, people, {"search": fuzzy}) == ["zoe", "john", "jane"]


async def test_a_write_is_seen_at_once(crm: Crm, people: dict[str, str]) -> None:
    (zoe,) = (await crm.contacts.search_contacts("zoe")).contacts
    await crm.contacts.update_contact(zoe.id, {"name": {"first": "Chloé"}}, 1)
    assert await names(crm, people, "zoe smith") == ["zoe"], "the e-mail still has both words"
    assert await names(crm, people, "chloe smith") == ["zoe"]
    fuzzy = {"search": {"expression": "cloe", "fuzzy": True}}
    assert await names(crm, people, fuzzy) == ["zoe"]
    await crm.contacts.delete_contact(zoe.id)
    assert await names(crm, people, "chloe") == []
    assert await names(crm, people, fuzzy) == []


async def test_filter_sort_and_parts_work_as_in_queries(crm: Crm, people: dict[str, str]) -> None:
    search: dict[str, Any] = {
        "search": {"expression": "smith"},
        "filter": {"info.name.first": {"$startsWith": "J"}},
        "sort": {"fieldName": "info.name.last", "order": "ASC"},
        "fieldsets": ["BASIC"],
    }
    assert await names(crm, people, search) == ["jane", "john"]
    first = (await crm.contacts.search_contacts(search)).contacts[0]
    assert first.info.name.first == "Jane"
    assert first.info.company is None
    search["sort"] = [{"fieldName": "info.name.last", "order": "DESC"}]
    assert await names(crm, people, search) == ["john", "jane"]


@pytest.mark.parametrize("nothing", [None, {}, {"search": None}, {"search": ""}, {"search": {}}])
async def test_without_words_everybody_is_found(
    crm: Crm, people: dict[str, str], nothing: Any
) -> None:
    assert await names(crm, people, nothing) == list(PEOPLE)


async def test_pages_go_by_cursor(crm: Crm, people: dict[str, str]) -> None:
    search: dict[str, Any] = {
        "search": {"expression": "smith"},
        "sort": [{"fieldName": "info.name.first", "order": "DESC"}],
        "cursorPaging": {"limit": 1},
    }
    seen = []
    page = await crm.contacts.search_contacts(search)
    while True:
        metadata = page.cursor_paging_metadata
        assert metadata is not None
        assert page.paging_metadata is None
        assert metadata.count == len(page.contacts) == 1
        seen += [people[contact.id] for contact in page.contacts]
        cursor = metadata.cursors.next if metadata.cursors else None
        assert metadata.has_next is (cursor is not None)
        if cursor is None:
            break
        # The cursor alone is enough, also of what was searched for.
        page = await crm.contacts.search_contacts({"cursorPaging": {"limit": 1, "cursor": cursor}})
    assert seen == ["zoe", "john", "jane"]


async def test_a_cursor_goes_with_its_own_search_only(crm: Crm, people: dict[str, str]) -> None:
    search: dict[str, Any] = {"search": {"expression": "smith"}, "cursorPaging": {"limit": 1}}
    page = await crm.contacts.search_contacts(search)
    assert page.cursor_paging_metadata is not None
    assert page.cursor_paging_metadata.cursors is not None
    cursor = page.cursor_paging_metadata.cursors.next
    other = {"search": {"expression": "acme"}, "cursorPaging": {"limit": 1, "cursor": cursor}}
    with pytest.raises(InvalidArgument):
        await crm.contacts.search_contacts(other)


async def test_pages_by_offset_have_the_total(crm: Crm, people: dict[str, str]) -> None:
    page = await crm.contacts.search_contacts(
        {"search": {"expression": "smith"}, "paging": {"limit": 1, "offset": 1}}
    )
    assert [people[contact.id] for contact in page.contacts] == ["john"]
    assert page.cursor_paging_metadata is None
    assert page.paging_metadata is not None
    assert (page.paging_metadata.count, page.paging_metadata.total) == (1, 3)
    assert page.paging_metadata.offset == 1


async def test_50_come_where_no_limit_is_sent(crm: Crm) -> None:
    for at in range(51):
        await crm.contacts.create_contact({"name": {"first": "Ada", "last": str(at)}})
    page = await crm.contacts.search_contacts("ada")
    assert len(page.contacts) == 50
    assert page.cursor_paging_metadata is not None
    assert page.cursor_paging_metadata.has_next is True


async def test_no_contact_of_another_site_is_found(
    crm: Crm, elsewhere: Crm, people: dict[str, str]
) -> None:
    for search in ("smith", {"search": {"expression": "smtih", "fuzzy": True}}):
        assert (await elsewhere.contacts.search_contacts(search)).contacts == ()
    own = await elsewhere.contacts.create_contact({"name": {"last": "Smith"}})
    found = await elsewhere.contacts.search_contacts("smith")
    assert [contact.id for contact in found.contacts] == [own.id]


@pytest.mark.parametrize(
    ("search", "error"),
    [
        ({"filter": {"info.nothing": 1}}, UnknownFilterField),
        ({"sort": {"fieldName": "info.nothing"}}, UnsupportedSortField),
        ({"cursorPaging": {"limit": 1001}}, IllegalLimit),
        ({"paging": {"limit": 1001}}, IllegalLimit),
    ],
)
async def test_what_cannot_be_is_refused(
    crm: Crm, search: dict[str, Any], error: type[ContactoryError]
) -> None:
    with pytest.raises(error) as refused:
        await crm.contacts.search_contacts(search)
    assert refused.value.data["path"].startswith("search.")


@pytest.mark.parametrize(
    ("search", "path"),
    [
        (7, "search"),
        ([], "search"),
        ("x" * 101, "search.search"),
        ({"search": {"expression": "x" * 101}}, "search.search.expression"),
        ({"search": {"mode": "SOME"}}, "search.search.mode"),
        ({"search": {"fuzzy": 7}}, "search.search.fuzzy"),
        ({"search": {"fields": ["info.jobTitle"]}}, "search.search.fields[0]"),
        ({"search": {"words": "x"}}, "search.search.words"),
        ({"cursorPaging": {"cursor": "x"}}, "search.cursorPaging.cursor"),
        ({"paging": {"cursor": "x"}}, "search.paging.cursor"),
    ],
)
async def test_wrong_values_are_named(crm: Crm, search: Any, path: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.search_contacts(search)
    assert fields_named(refused.value) == [path]


async def test_names_that_mean_nothing_are_told(crm: Crm, people: dict[str, str]) -> None:
    with pytest.warns(IgnoredValues, match=r"search\.colour"):
        found = await names(crm, people, {"search": "zoe", "colour": "red"})
    assert found == ["zoe"]


async def test_a_long_beginning_finds_the_word_itself_and_all_longer_ones(crm: Crm) -> None:
    lasts = [
        "Smith",
        "Smithers",
        "Smithson",
        "Smiths",
        "Smitha",
        "Smi",
        "Smit",
        "Smythe",
        "Smith王",
    ]
    for last in lasts:
        await crm.contacts.create_contact({"name": {"last": last}})
    await crm.contacts.create_contact({"emails": {"items": [{"email": "smith77@example.com"}]}})

    async def found(expression: str) -> list[str | None]:
        page = await crm.contacts.search_contacts({"search": {"expression": expression}})
        return sorted(str(one.info.name.last) for one in page.contacts)

    begun = ["None", "Smith", "Smitha", "Smithers", "Smiths", "Smithson", "Smith王"]
    assert await found("smith") == begun
    assert await found("SMIT") == sorted([*begun, "Smit"])
    assert await found("smithe") == ["Smithers"]
    assert await found("smithx") == []


async def test_a_beginning_that_very_many_letters_follow_is_found_too(crm: Crm) -> None:
    letters = [chr(code) for code in range(0x3B1, 0x3CA)] + [chr(c) for c in range(0x430, 0x44A)]
    for letter in letters:
        await crm.contacts.create_contact({"company": f"abcd{letter}", "name": {"first": "Ada"}})
    page = await crm.contacts.search_contacts(
        {"search": {"expression": "abcd"}, "paging": {"limit": 100}}
    )
    assert len(page.contacts) == len(letters)


async def test_words_of_a_write_that_failed_are_spelled_out_by_the_next_one(crm: Crm) -> None:
    info = mail("once@example.com", name={"first": "Ottilie", "last": "Zweistein"})
    draft = await draft_of(crm.context, read_info(info), allow_duplicates=False)

    async def insert_and_fail(tx: Transaction) -> None:
        await write_new(tx, crm.context, draft)
        raise LookupError

    with pytest.raises(LookupError):
        await crm.store.write(insert_and_fail)
    made = await crm.contacts.create_contact(info)
    fuzzy = {"search": {"expression": "zweistien", "fuzzy": True}}
    assert [found.id for found in (await crm.contacts.search_contacts(fuzzy)).contacts] == [made.id]


@pytest.mark.parametrize("most", [0, 1, 5_000])
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("zoe smith mail ex", ["zoe"]),
        ("zoe.smith@mail.example.c", ["zoe"]),
        ("zoe.smith@mail.example.d", []),
        ("john smithson acm", ["john"]),
        ("john smithson sons", []),
        ("mail example com s", ["zoe", "eva"]),
        ("mail example com smi", ["zoe"]),
    ],
)
async def test_a_beginning_is_found_wherever_it_is_looked_for(
    crm: Crm,
    people: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    expression: str,
    expected: list[str],
) -> None:
    """Among the few who have all other words, or in the index."""
    eva = await crm.contacts.create_contact(mail("eva.stone@mail.example.com"))
    monkeypatch.setattr(contact_plans, "_QUICKLY_TESTED", most)
    assert await names(crm, people | {eva.id: "eva"}, expression) == expected
