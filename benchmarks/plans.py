"""How SQLite runs each question of `questions.py`: the query plans, as Markdown.

Run with `python -m benchmarks.plans`; `--write docs/query-plans.md` renews the page.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import apsw
import msgspec

import contactory
from benchmarks.filling import fill_with_people
from benchmarks.people import person
from benchmarks.questions import QUESTIONS, Question, Sample
from contactory.domain.exact_search import ExactSearch
from contactory.domain.filters import All, AnyOf, Not
from contactory.domain.search_reading import Expression
from contactory.store import contact_plans
from contactory.store.engine import Row
from contactory.store.queries import load_fragments, positional
from contactory.store.spelled_words import SpelledWords
from contactory.store.sqlite import SqliteTransaction

_PEOPLE: Final = 2_000
_FOUNDER: Final = 7_229
"""A person with the label of 0.01%, of whom the first two thousand have none."""
_ASKED_ABOUT: Final = 427
"""A person who has everything that the questions ask for; surname and company are rare."""
_MILLION: Final = 1_000_000

_CONTACTS: Final = re.compile(
    r"\b(?:FROM|JOIN) (contacts|contact_\w+|email_statuses|search_spellings)\b"
)
_WALKED: Final = re.compile(r"(?:SEARCH|SCAN) (?:c|k\d+) USING (?:COVERING )?INDEX (\w+)")
_LED: Final = (") f CROSS JOIN contacts c", ") g) c")
_FRAGMENTS: Final = load_fragments("sqlite")
_NAMED: Final = {
    "get_contact": "the contact",
    "get_counts": "the kept counts of everybody",
    "get_all_counts": "the kept counts of all labels",
    "get_value_count": "the kept count of the value",
    "get_value_counts": "the kept counts of filled columns",
    "find_search_word": "letters that follow the beginning of a word",
    "find_spelled": "words of this spelling",
}
_PAGELESS: Final = {
    _NAMED["get_contact"]: "By its id",
    _NAMED["get_all_counts"]: "Read from the kept counts",
}

HEADING: Final = "## The plans\n"
"""What stands before it on the page is written by hand."""


class Choice(Enum):
    """Who decides between leading and walking."""

    AS_AT_A_MILLION = auto()
    ALWAYS_LED = auto()
    ALWAYS_WALKED = auto()


class Line(msgspec.Struct, frozen=True):
    """A line of a query plan and the lines that it stands below, the outermost first."""

    detail: str
    above: tuple[str, ...]


class Step(msgspec.Struct, frozen=True):
    """One statement: what it is for, and SQLite's plan of it."""

    purpose: str
    sql: str
    plan: tuple[Line, ...]

    @property
    def is_page(self) -> bool:
        """Whether it fetches the contacts of a page."""
        return self.sql.startswith(_start_of("select_page"))

    @property
    def is_led(self) -> bool:
        """Whether contacts are reached by what one condition found."""
        return any(found in self.sql for found in _LED)

    @property
    def text(self) -> str:
        """The purpose, and the plan with its levels."""
        lines = [f"{'  ' * len(line.above)}{line.detail}" for line in self.plan]
        return "\n".join([f"-- {self.purpose}", *lines])


class Way(msgspec.Struct, frozen=True):
    """One way in which a question is answered."""

    kind: str
    steps: tuple[Step, ...]

    @property
    def is_led(self) -> bool | None:
        """Whether a condition leads to the page; None where there is no page."""
        pages = [step for step in self.steps if step.is_page]
        return any(page.is_led for page in pages) if pages else None


class Explained(msgspec.Struct, frozen=True):
    """A question, the way in which a million contacts are asked, and the other one if any."""

    question: str
    usual: Way
    other: Way | None


class _Recorder(SqliteTransaction):
    """Keeps each statement that reads contacts, with its plan and what it is for."""

    def __init__(self, connection: apsw.Connection, queries: Any, spelled: SpelledWords) -> None:
        super().__init__(connection, queries, spelled)
        self.steps: list[Step] = []
        self.counted = ""
        self.lead = ""
        self.is_bound = False

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        self._keep_named(query, parameters)
        return await super().rows(query, **parameters)

    async def row(self, query: str, **parameters: Any) -> Row | None:
        self._keep_named(query, parameters)
        return await super().row(query, **parameters)

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        query = positional(sql, "sqlite")
        purpose = self._purpose(sql)
        self._keep(purpose, query.sql, query.values(parameters))
        return await super().select(sql, parameters)

    def way(self) -> Way:
        """What was kept since the last call."""
        steps = tuple(dict.fromkeys(self.steps))
        pages = [step for step in steps if step.is_page]
        self.steps = []
        if not pages:
            return Way(_PAGELESS.get(steps[0].purpose, "Counted"), steps)
        if pages[0].is_led:
            in_order = ", in the order of its index" if self.is_bound else ""
            return Way(f"Led by {self.lead}{in_order}", steps)
        walked = dict.fromkeys(_WALKED.findall("\n".join(page.text for page in pages)))
        along = ", then ".join([f"`{index}`" for index in walked])
        within = ", between the limits of the filter" if self.is_bound else ""
        return Way(f"Walked along {along}{within}", steps)

    def _purpose(self, sql: str) -> str:
        if self.counted:
            return f"matches of {self.counted}, counted up to a limit"
        if sql.startswith(_start_of("select_page")):
            return "the page"
        return EDGE if sql.endswith(_END_OF_EDGE) else "the total"

    def _keep_named(self, name: str, parameters: Mapping[str, Any]) -> None:
        query = self._queries[name]
        is_label = bool(parameters.get("label_key"))
        purpose = "the kept counts of the label" if is_label else _NAMED.get(name, name)
        self._keep(purpose, query.sql, query.values(parameters))

    def _keep(self, purpose: str, sql: str, values: Sequence[Any]) -> None:
        if _CONTACTS.search(sql):
            plan = tuple(_plan_of(self._connection, sql, values))
            self.steps.append(Step(purpose, sql, plan))


def _plan_of(connection: apsw.Connection, sql: str, values: Sequence[Any]) -> Iterator[Line]:
    above: dict[int, tuple[str, ...]] = {0: ()}
    for number, parent, _, detail in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values):
        above[number] = (*above[parent], detail)
        yield Line(detail, above[parent])


EDGE: Final = "how far to walk at first"
"""The purpose of a statement that counts steps along the index of a walk, at most so many."""

_END_OF_EDGE: Final = "OFFSET :steps"


def _start_of(name: str) -> str:
    return _FRAGMENTS[name].partition("{")[0]


async def explained(questions: Sequence[Question] = QUESTIONS) -> list[Explained]:
    """The questions, each asked once in each way."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        await fill_with_people(f"sqlite:///{folder}/people.db", _PEOPLE)
        crm = await stack.enter_async_context(contactory.connect(f"sqlite:///{folder}/people.db"))
        await crm.contacts.create_contact(person(_FOUNDER), {"allowDuplicates": True})
        sample = await _sample(crm)
        store: Any = crm.context.store
        recorder = _Recorder(store._reader, store._queries, SpelledWords())
        stack.enter_context(patch.object(store, "_read_transaction", recorder))
        stack.enter_context(_noted(recorder))
        return [await _asked(crm, recorder, question, sample) for question in questions]


async def _sample(crm: Any) -> Sample:
    info = person(_ASKED_ABOUT)
    email = info["emails"]["items"][0]["email"]
    page = await crm.contacts.find_contacts({"filter": {"info.emails.email": email}})
    return Sample(id=page.contacts[0].id, info=info, size=_PEOPLE)


async def _asked(crm: Any, recorder: _Recorder, question: Question, sample: Sample) -> Explained:
    if not question.suits(sample):
        raise ValueError(f"person {_ASKED_ABOUT} does not suit the question {question.name}")
    ways = {}
    for choice in Choice:
        with patch.multiple(contact_plans, **_costs(choice)):
            await question.ask(crm, sample)
        ways[choice] = recorder.way()
    usual = ways[Choice.AS_AT_A_MILLION]
    opposite = ways[Choice.ALWAYS_WALKED if usual.is_led else Choice.ALWAYS_LED]
    return Explained(question.name, usual, None if opposite.is_led == usual.is_led else opposite)


def _costs(choice: Choice) -> dict[str, Any]:
    """Constants of `contact_plans`.

    With costs that grow as the list shrinks, and limits that shrink with it, a condition leads
    where it leaves as large a part of the small list as it would of a million.
    """
    share = _PEOPLE / _MILLION
    factor = {
        Choice.AS_AT_A_MILLION: 1 / share,
        Choice.ALWAYS_LED: 1e-12,
        Choice.ALWAYS_WALKED: 1e24,
    }[choice]
    return {
        "_ROW_COST": contact_plans._ROW_COST * factor,
        "_OWN_ROW_COST": contact_plans._OWN_ROW_COST * factor,
        "_ID_COST": contact_plans._ID_COST * factor,
        "_BESIDE_COST": contact_plans._BESIDE_COST * factor,
        "_FEW": int(contact_plans._FEW * share),
        "_MANY": int(contact_plans._MANY * share),
    }


@contextmanager
def _noted(recorder: _Recorder) -> Iterator[None]:
    """Have the recorder know which condition is counted and which one leads."""
    led, walk, bound_walk, count = (
        contact_plans._led,
        contact_plans._walk,
        contact_plans._bound_walk,
        contact_plans._count_up_to,
    )

    def noting_led(conditions: Any, lead: int, *rest: Any) -> Any:
        recorder.lead, recorder.is_bound = _name_of(conditions[lead]), False
        return led(conditions, lead, *rest)

    def noting_walk(*arguments: Any) -> Any:
        recorder.is_bound = False
        return walk(*arguments)

    def noting_bound_walk(*arguments: Any) -> Any:
        plan = bound_walk(*arguments)
        recorder.is_bound = True
        return plan

    async def noting_count(tx: Any, site: Any, asked: Any, most: int) -> Any:
        recorder.counted = _name_of(asked)
        try:
            return await count(tx, site, asked, most)
        finally:
            recorder.counted = ""

    with patch.multiple(
        contact_plans,
        _led=noting_led,
        _walk=noting_walk,
        _bound_walk=noting_bound_walk,
        _count_up_to=noting_count,
    ):
        yield


def _name_of(asked: Any) -> str:
    match asked:
        case ExactSearch():
            return "the exact search"
        case Expression():
            return "the words"
        case All(parts):
            return " and ".join(dict.fromkeys(map(_name_of, parts)))
        case AnyOf(parts):
            return " or ".join(dict.fromkeys(map(_name_of, parts)))
        case Not(part):
            return f"not {_name_of(part)}"
        case _:
            return f"`{asked.field.path}`"


def markdown(questions: Sequence[Explained]) -> str:
    """All plans under their heading; questions with the same ones stand together."""
    alike: dict[str, list[str]] = {}
    for one in questions:
        alike.setdefault(_plans(one), []).append(one.question)
    sections = [f"### {'; '.join(names)}\n\n{plans}" for plans, names in alike.items()]
    return "\n".join([HEADING, f"Of SQLite {apsw.sqlite_lib_version()}.\n", *sections])


def _plans(one: Explained) -> str:
    usual, other = one.usual, one.other
    parts = [_shown(usual.kind, usual.steps)]
    if other is not None:
        new = [step for step in other.steps if step not in usual.steps]
        where = "many" if usual.is_led else "few"
        parts.append(_shown(f"Where {where} contacts pass: {_lower(other.kind)}", new))
    return "\n".join(parts)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shown(kind: str, steps: Sequence[Step]) -> str:
    block = "\n".join(step.text for step in steps)
    return f"{kind}.\n\n```text\n{block}\n```\n"


def main() -> None:
    """Print the plans, or write them into a page, below what stands before their heading."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", metavar="PAGE", help="the page to renew, instead of printing")
    chosen = options.parse_args()
    plans = markdown(asyncio.run(explained()))
    if chosen.write:
        page = Path(chosen.write)
        written_by_hand = page.read_text("utf-8").partition(HEADING)[0]
        page.write_text(written_by_hand + plans, "utf-8")
    else:
        print(plans, end="")


if __name__ == "__main__":
    main()
