"""What a process keeps of cached results."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.ops.web_cache import Cache, CachedResults


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_result_counts_until_its_time_is_over() -> None:
    clock = Clock()
    kept = CachedResults(clock=clock)
    kept.put("a", (0,), 10, b"1")
    clock.now += 9.9
    assert kept.get("a", (0,)) == b"1"
    clock.now += 0.1
    assert kept.get("a", (0,)) is None


def test_a_result_counts_while_all_its_tags_have_the_same_version() -> None:
    kept = CachedResults()
    kept.put("a", (0, 4), 10, b"1")
    assert kept.get("a", (0, 4)) == b"1"
    assert kept.get("a", (0, 5)) is None
    assert kept.get("a", (0, 4)) is None  # It is gone for good.


def test_the_least_recently_used_give_way_before_too_much_is_kept() -> None:
    kept = CachedResults(most_bytes=6000)
    for name in "abc":
        kept.put(name, (), 10, bytes(1000))
    assert kept.get("a", ()) is not None
    kept.put("d", (), 10, bytes(2500))
    present = [name for name in "abcd" if kept.get(name, ()) is not None]
    assert present == ["a", "d"]


def test_replacing_a_result_does_not_count_it_twice() -> None:
    kept = CachedResults(most_bytes=6000)
    for _ in range(20):
        kept.put("a", (), 10, bytes(1000))
    kept.put("b", (), 10, bytes(1000))
    assert kept.get("a", ()) is not None


def test_a_result_larger_than_all_room_is_not_kept() -> None:
    kept = CachedResults(most_bytes=6000)
    kept.put("b", (), 10, b"1")
    kept.put("a", (), 10, bytes(7000))
    assert kept.get("a", ()) is None


@pytest.mark.parametrize("tags", ["prices", ["prices"]])
def test_tags_are_a_tuple(tags: Any) -> None:
    with pytest.raises(TypeError):
        Cache(tags=tags)


@pytest.mark.parametrize("ttl_s", [0, -1, float("nan")])
def test_a_lifetime_is_more_than_nothing(ttl_s: float) -> None:
    with pytest.raises(ValueError, match="ttl_s"):
        Cache(("a",), ttl_s)
