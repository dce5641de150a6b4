"""The page of query plans says what the store does, and no plan reads more than it must."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from benchmarks.plans import EDGE, HEADING, Explained, Step, Way, explained, markdown
from benchmarks.questions import QUESTIONS, Question, Sample
from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import CONTACT_FIELDS, contact_field
from contactory.domain.filters import Field, Kind

PAGE = Path(__file__).parents[2] / "docs/query-plans.md"

_SITE_ALONE = "(site_id=?)"
_SORTS = "USE TEMP B-TREE FOR ORDER BY"
_PAGE_IDS = "CO-ROUTINE p"
_SCANNED = re.compile(r"SCAN (\w+)(?: VIRTUAL TABLE INDEX \d+:(\w*))?")
_MADE = re.compile(r"(?:CO-ROUTINE|MATERIALIZE) (\w+)")
_CONTACT_ROWS = re.compile(r"(?:SEARCH|SCAN) c ")
_TESTED = re.compile(r"SEARCH [tlev] ")

CUSTOM = {
    "custom.account": FieldType.TEXT,
    "custom.score": FieldType.NUMBER,
    "custom.renewal": FieldType.DATE,
}
VALUES: dict[Kind, Any] = {
    Kind.TEXT: "Smith",
    Kind.EMAIL: "ada@example.com",
    Kind.PHONE: "+12025550123",
    Kind.GUID: "00000000-0000-4000-8000-000000000001",
    Kind.INSTANT: "2026-01-01T00:00:00Z",
    Kind.DAY: "2026-01-01",
    Kind.NUMBER: 7,
    Kind.KEYS: "custom.vip",
}
DEPEND_ON_COUNTS = {
    "company $eq, by last name",
    "company $in 2, newest first",
    "last name $startsWith 3 letters, newest first",
    "e-mail $eq",
    "phone $eq",
    "label of 40%, by last name",
    "label of 0.01%, by last name",
    "city $eq, by last name",
    "custom TEXT $eq, many, by last name",
    "$or of company and label",
}
"""Questions with several ways to their page, of which the better one depends on how many pass."""

FOREVER = {"$gte": "2000-01-01T00:00:00Z"}
"""What every contact passes; with it, one condition's count is no total that may end the search."""


def question_about(field: Field, operator: str) -> Question:
    value = field.words[0] if field.kind is Kind.WORD else VALUES[field.kind]
    operands = {"$exists": True, "$in": [value], "$nin": [value]}
    operands |= {"$hasSome": [value], "$hasAll": [value, value]}
    conditions: dict[str, Any] = {"createdDate": FOREVER}
    conditions |= {field.path: {operator: operands.get(operator, value)}}
    query = {"filter": conditions, "sort": [{"fieldName": "info.jobTitle"}]}

    async def ask(crm: Any, _: Sample) -> None:
        await crm.contacts.find_contacts(query)
        await crm.contacts.query_contacts(query, {"omitTotal": True})

    return Question(f"{field.path} {operator}", ask)


def questions_about_all_fields() -> Iterator[Question]:
    custom = [contact_field(f"info.extendedFields.{key}", CUSTOM) for key in CUSTOM]
    for field in (*CONTACT_FIELDS.values(), *custom):
        assert field
        for operator in sorted(field.operators):
            yield question_about(field, operator)


@pytest.fixture(scope="module")
def questions() -> list[Explained]:
    return asyncio.run(explained())


@pytest.fixture(scope="module")
def fields() -> list[Explained]:
    return asyncio.run(explained(list(questions_about_all_fields())))


def ways_of(questions: list[Explained]) -> list[tuple[str, Way]]:
    return [(one.question, way) for one in questions for way in (one.usual, one.other) if way]


def whole_reads(step: Step) -> list[str]:
    """Lines that read a whole table, or all of a site."""
    made = {name for line in step.plan for name in _MADE.findall(line.detail)}
    found: list[str] = []
    for line in step.plan:
        scanned = _SCANNED.match(line.detail)
        # Its limits do not show in the plan.
        is_vocabulary = step.purpose.startswith("letters that follow")
        is_whole = (
            not is_vocabulary
            and scanned
            and scanned[1] not in made
            and "M" not in (scanned[2] or "")
        )
        is_walk = step.is_page and not step.is_led and line.above[:1] == (_PAGE_IDS,)
        is_said = step.purpose.startswith("the kept counts") or step.purpose == EDGE
        is_all = line.detail.endswith(_SITE_ALONE) and not is_walk and not is_said
        if is_whole or is_all or "AUTOMATIC" in line.detail:
            found.append(line.detail)
    if step.purpose == EDGE:
        found += [line.detail for line in step.plan if line.detail == _SORTS]
    return found


def sorts_below_the_page(step: Step) -> list[str]:
    """Sorts of a walk, which would have to read the list to its end before the first contact."""
    return [line.detail for line in step.plan if line.detail == _SORTS and line.above]


def reaches_past_ids(step: Step) -> list[str]:
    """Where contacts that a condition found are reached otherwise than each by its id."""
    return [
        line.detail
        for line in step.plan
        if _CONTACT_ROWS.match(line.detail) and "AND id=?)" not in line.detail
    ]


def reads_of_others(step: Step) -> list[str]:
    """Tests of one contact that read entries of others."""
    return [
        line.detail
        for line in step.plan
        if _TESTED.match(line.detail)
        and (" EXISTS " in line.detail or any("CORRELATED" in outer for outer in line.above))
        and "contact_id=?" not in line.detail
    ]


def test_the_page_says_what_the_store_does(questions: list[Explained]) -> None:
    said = "".join(PAGE.read_text("utf-8").partition(HEADING)[1:])
    (version,) = re.findall(r"^Of SQLite (.+)\.$", said, re.MULTILINE)
    if version != apsw.sqlite_lib_version():
        pytest.skip(f"NOT TESTED: {PAGE.name} is of SQLite {version}, another one is here")
    assert said == markdown(questions), "renew it: python -m benchmarks.plans --write PAGE"


def test_every_question_is_shown_and_both_plans_occur(questions: list[Explained]) -> None:
    assert [one.question for one in questions] == [question.name for question in QUESTIONS]
    both = [one for one in questions if one.other]
    assert {one.question for one in both} == DEPEND_ON_COUNTS
    for one in both:
        assert one.other
        assert {one.usual.is_led, one.other.is_led} == {True, False}
        pages = [step for way in (one.usual, one.other) for step in way.steps if step.is_page]
        assert {page.is_led for page in pages} == {True, False}


def test_no_plan_reads_a_whole_table_or_site(questions: list[Explained]) -> None:
    steps = [(name, step) for name, way in ways_of(questions) for step in way.steps]
    assert steps
    assert {(name, *lines) for name, step in steps if (lines := whole_reads(step))} == set()


def test_walks_end_when_the_page_is_full(questions: list[Explained]) -> None:
    pages = [
        (name, step)
        for name, way in ways_of(questions)
        for step in way.steps
        if step.is_page and not step.is_led
    ]
    assert pages
    assert [name for name, step in pages if sorts_below_the_page(step)] == []


def test_led_plans_reach_each_contact_by_its_id(questions: list[Explained]) -> None:
    led = [(name, step) for name, way in ways_of(questions) for step in way.steps if step.is_led]
    assert led
    assert {(name, *lines) for name, step in led if (lines := reaches_past_ids(step))} == set()


def test_contacts_are_tested_by_their_own_entries(questions: list[Explained]) -> None:
    steps = [(name, step) for name, way in ways_of(questions) for step in way.steps]
    assert any("CORRELATED" in step.text for _, step in steps)
    assert {(name, *lines) for name, step in steps if (lines := reads_of_others(step))} == set()


def test_filters_on_every_field_read_no_more_than_they_must(fields: list[Explained]) -> None:
    assert len(fields) > 150
    steps = [(name, step) for name, way in ways_of(fields) for step in way.steps]
    wrong = {}
    for name, step in steps:
        lines = whole_reads(step) + reads_of_others(step)
        if step.is_led:
            lines += reaches_past_ids(step)
        elif step.is_page:
            lines += sorts_below_the_page(step)
        if lines:
            wrong[name] = lines
    assert wrong == {}
