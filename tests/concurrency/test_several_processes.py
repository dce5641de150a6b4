"""Several processes on one file, started together."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.concurrency.people import Info, caller, person
from tests.concurrency.stored import half_written, read_stored
from tests.stores import StoreUnderTest

PROCESSES = 4
EACH = 16
NEW_FILES = 40
REPOSITORY = Path(__file__).parents[2]


def race(
    store: StoreUnderTest, shares: Sequence[list[Info]], options: dict[str, Any] | None = None
) -> list[dict[str, str]]:
    """Let one process for each share create its contacts, all at the same moment."""
    command = [sys.executable, "-m", "tests.concurrency.racer", store.url]
    racers = [
        subprocess.Popen(
            command, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in shares
    ]
    try:
        for racer, share in zip(racers, shares, strict=True):
            assert racer.stdin is not None
            racer.stdin.write(json.dumps({"infos": share, "options": options}) + "\n")
            racer.stdin.flush()
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("start\n")
            racer.stdin.flush()
        answers = [json.loads(racer.communicate(timeout=60)[0]) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()
    assert [racer.returncode for racer in racers] == [0] * len(racers)
    return [outcome for answer in answers for outcome in answer]


def one_winner(outcomes: list[dict[str, str]]) -> str:
    """The id of the only contact made, which all the refusals name."""
    made = [outcome["made"] for outcome in outcomes if "made" in outcome]
    assert len(made) == 1, outcomes
    refused = [outcome for outcome in outcomes if "made" not in outcome]
    assert refused == [{"refused_for": made[0]}] * (len(outcomes) - 1)
    return made[0]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_of_64_creators_in_four_processes_one_wins_and_the_others_name_it(
    store: StoreUnderTest, kind: str
) -> None:
    def somebody(number: int) -> Info:
        if kind == "email":
            return person(number, "same@example.com")
        return caller(number, "6465676359" if number % 2 else "(646) 567-6359")

    shares = [[somebody(at * EACH + each) for each in range(EACH)] for at in range(PROCESSES)]
    winner = one_winner(race(store, shares))
    stored = read_stored(store)
    assert stored.contacts.keys() == {winner}
    assert half_written(stored) == []


def test_the_same_two_emails_in_either_order_from_four_processes_all_get_an_answer(
    store: StoreUnderTest,
) -> None:
    pair = ["a@example.com", "b@example.com"]
    shares = [
        [person(each, *(pair if at % 2 else reversed(pair))) for each in range(EACH)]
        for at in range(PROCESSES)
    ]
    one_winner(race(store, shares))
    assert half_written(read_stored(store)) == []


def test_a_thousand_distinct_creates_from_four_processes_are_all_there(
    store: StoreUnderTest,
) -> None:
    shares = [
        [person(each, f"p{at}-{each}@example.com") for each in range(250)]
        for at in range(PROCESSES)
    ]
    outcomes = race(store, shares)
    made = {outcome["made"] for outcome in outcomes if "made" in outcome}
    assert len(made) == 1000, [outcome for outcome in outcomes if "made" not in outcome]
    stored = read_stored(store)
    assert stored.contacts.keys() == made
    assert len(stored.emails) == 1000
    assert half_written(stored) == []


def test_allowed_duplicates_from_four_processes_are_all_made(store: StoreUnderTest) -> None:
    shares = [[person(each, "mix@example.com") for each in range(EACH)] for _ in range(PROCESSES)]
    outcomes = race(store, shares, {"allowDuplicates": True})
    assert len({outcome["made"] for outcome in outcomes}) == PROCESSES * EACH
    assert len(read_stored(store).holders("mix@example.com")) == PROCESSES * EACH
    later = race(store, [[person(1, "mix@example.com")]])
    assert later[0]["refused_for"] in read_stored(store).contacts


def test_processes_that_open_a_new_store_together_agree_on_one_schema(
    bare_store: StoreUnderTest,
) -> None:
    outcomes = race(bare_store, [[person(at, f"{at}@example.com")] for at in range(PROCESSES)])
    assert len({outcome["made"] for outcome in outcomes}) == PROCESSES


def test_files_that_several_processes_turn_into_stores_together_open_for_each(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "tests.concurrency.opener"]
    with ExitStack() as running:
        openers = [
            running.enter_context(
                subprocess.Popen(
                    command,
                    cwd=REPOSITORY,
                    text=True,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(PROCESSES)
        ]
        for at in range(NEW_FILES):
            for opener in openers:
                print(f"sqlite:///{tmp_path / str(at)}.db", file=opener.stdin, flush=True)
            answers = [opener.stdout.readline() for opener in openers if opener.stdout]
            assert answers == ["opened\n"] * PROCESSES
