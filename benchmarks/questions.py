"""What `query.py` asks: one question for each way in which contacts are found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

_PAGE = 50


class Sample(msgspec.Struct, frozen=True):
    """A person of the list, by whose values others are asked for."""

    id: str
    info: dict[str, Any]
    size: int


class Question(msgspec.Struct, frozen=True):
    """A call about a sample, and which samples it suits."""

    name: str
    ask: Callable[[Any, Sample], Awaitable[Any]]
    suits: Callable[[Sample], bool] = lambda _: True


def _find(
    name: str,
    filters: Callable[[Sample], dict[str, Any]],
    *,
    sort: str = "",
    has: str = "",
    offset: Callable[[Sample], int] = lambda _: 0,
) -> Question:
    """A page of 50 with its total; `sort` begins with - for descending."""

    def ask(crm: Any, sample: Sample) -> Awaitable[Any]:
        query: dict[str, Any] = {
            "filter": filters(sample),
            "paging": {"limit": _PAGE, "offset": offset(sample)},
        }
        if sort:
            order = "DESC" if sort.startswith("-") else "ASC"
            query["sort"] = [{"fieldName": sort.removeprefix("-"), "order": order}]
        result: Awaitable[Any] = crm.contacts.find_contacts(query)
        return result

    return Question(name, ask, lambda sample: not has or _at(sample, has) is not None)


def _search(
    name: str, expression: Callable[[Sample], str], *, has: str = "name.last", **more: Any
) -> Question:
    def ask(crm: Any, sample: Sample) -> Awaitable[Any]:
        search = {"expression": expression(sample)[:100]} | more
        result: Awaitable[Any] = crm.contacts.search_contacts({"search": search})
        return result

    return Question(name, ask, lambda sample: _at(sample, has) is not None)


def _at(sample: Sample, path: str) -> Any:
    """A value of the sample's info, of the first entry of a list; None where it has none."""
    value: Any = sample.info
    for step in path.split("/" if "/" in path else "."):
        value = (value["items"][0] if step == "0" else value.get(step)) if value else None
    return value


def _city(sample: Sample) -> str:
    return str(_at(sample, "addresses.0.address.city"))


def _last(sample: Sample) -> str:
    return str(_at(sample, "name.last"))


def _field(sample: Sample, name: str) -> Any:
    return _at(sample, f"extendedFields/items/custom.{name}")


def _with_typo(word: str) -> str:
    """The word with two neighbours swapped in its middle."""
    at = len(word) // 2
    return f"{word[: at - 1]}{word[at : at + 1]}{word[at - 1 : at]}{word[at + 1 :]}"


def _custom(name: str) -> str:
    return f"info.extendedFields.custom.{name}"


QUESTIONS = (
    Question("get by id", lambda crm, sample: crm.contacts.get_contact(sample.id)),
    Question("list, first page", lambda crm, _: crm.contacts.list_contacts()),
    _find("page in the middle", lambda _: {}, offset=lambda sample: sample.size // 2),
    _find("all by last name", lambda _: {}, sort="info.name.last"),
    _find("all by company, descending", lambda _: {}, sort="-info.company"),
    _find("last name $eq", lambda s: {"info.name.last": _last(s)}, has="name.last"),
    _find(
        "company $eq, by last name",
        lambda s: {"info.company": s.info["company"]},
        sort="info.name.last",
        has="company",
    ),
    _find(
        "company $in 2, newest first",
        lambda s: {"info.company": {"$in": [s.info["company"], "Smith Analytics Ltd"]}},
        sort="-createdDate",
        has="company",
    ),
    _find(
        "last name $startsWith 3 letters, newest first",
        lambda s: {"info.name.last": {"$startsWith": _last(s)[:3]}},
        sort="-createdDate",
        has="name.last",
    ),
    _find(
        "last name $startsWith 3 letters, by it",
        lambda s: {"info.name.last": {"$startsWith": _last(s)[:3]}},
        sort="info.name.last",
        has="name.last",
    ),
    _find(
        "e-mail $eq",
        lambda s: {"info.emails.email": _at(s, "emails.0.email")},
        has="emails.0.email",
    ),
    _find(
        "primary e-mail $startsWith 8 letters, by it",
        lambda s: {"primaryInfo.email": {"$startsWith": _at(s, "emails.0.email")[:8]}},
        sort="primaryInfo.email",
        has="emails.0.email",
    ),
    _find(
        "phone $eq",
        lambda s: {"info.phones.phone": _at(s, "phones.0.phone")},
        has="phones.0.phone",
    ),
    _find(
        "label of 40%, by last name",
        lambda _: {"info.labelKeys": {"$hasSome": ["contacts.customers"]}},
        sort="info.name.last",
    ),
    _find(
        "label of 2%, newest first",
        lambda _: {"info.labelKeys": {"$hasSome": ["custom.vip"]}},
        sort="-createdDate",
    ),
    _find(
        "label of 0.01%, by last name",
        lambda _: {"info.labelKeys": {"$hasSome": ["custom.founder"]}},
        sort="info.name.last",
    ),
    _find(
        "two labels at once, newest first",
        lambda _: {"info.labelKeys": {"$hasAll": ["contacts.customers", "custom.vip"]}},
        sort="-createdDate",
    ),
    _find(
        "city $eq, by last name",
        lambda s: {"info.addresses.city": _city(s)},
        sort="info.name.last",
        has="addresses.0.address.city",
    ),
    _find(
        "city $eq and last name $eq",
        lambda s: {"info.addresses.city": _city(s), "info.name.last": _last(s)},
        has="addresses.0.address.city",
    ),
    _find("country $eq", lambda _: {"info.addresses.country": "DE"}),
    _find(
        "created since 2020",
        lambda _: {"createdDate": {"$gte": "2020-01-01T00:00:00Z"}},
        sort="-createdDate",
    ),
    _find(
        "birthdate in 1980, by it",
        lambda _: {"info.birthdate": {"$gte": "1980-01-01", "$lt": "1981-01-01"}},
        sort="info.birthdate",
    ),
    _find(
        "custom TEXT $eq, one",
        lambda s: {_custom("account"): _field(s, "account")},
        has="extendedFields/items/custom.account",
    ),
    _find(
        "custom TEXT $eq, many, by last name",
        lambda s: {_custom("tier"): _field(s, "tier")},
        sort="info.name.last",
        has="extendedFields/items/custom.tier",
    ),
    _find(
        "custom NUMBER $gte, by it, descending",
        lambda _: {_custom("score"): {"$gte": 1000}},
        sort=f"-{_custom('score')}",
    ),
    _find(
        "custom DATE range, by it",
        lambda _: {_custom("renewal"): {"$gte": "2027-01-01", "$lt": "2027-02-01"}},
        sort=_custom("renewal"),
    ),
    _find(
        "company $ne, by last name",
        lambda s: {"info.company": {"$ne": s.info["company"]}},
        sort="info.name.last",
        has="company",
    ),
    _find("without company", lambda _: {"info.company": None}),
    _find(
        "$or of company and label",
        lambda s: {
            "$or": [
                {"info.company": s.info["company"]},
                {"info.labelKeys": {"$hasSome": ["custom.board"]}},
            ]
        },
        has="company",
    ),
    Question("facets", lambda crm, _: crm.contacts.list_facets()),
    _search("search, first and last name", lambda s: f"{_at(s, 'name.first')} {_last(s)}"),
    _search("search, last name", _last),
    _search("search, most frequent name", lambda _: "smith"),
    _search("search, two frequent words", lambda _: "james smith"),
    _search("search, first 3 letters", lambda s: _last(s)[:3]),
    _search("search, first letter", lambda s: _last(s)[:1]),
    _search("search, e-mail", lambda s: _at(s, "emails.0.email"), has="emails.0.email"),
    _search("search, phone", lambda s: _at(s, "phones.0.phone"), has="phones.0.phone"),
    _search("search, company", lambda s: s.info["company"], has="company"),
    _search("search, any of the words", lambda s: s.info["company"], has="company", mode="OR"),
    _search("fuzzy search, last name with a typo", lambda s: _with_typo(_last(s)), fuzzy=True),
    _search(
        "fuzzy search, first and last name",
        lambda s: f"{_at(s, 'name.first')} {_with_typo(_last(s))}",
        fuzzy=True,
    ),
)
