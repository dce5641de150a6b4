"""What benchmarks read of HTTP: a whole answer is seen as one, and half of one is not."""

from __future__ import annotations

import pytest

from benchmarks.answers import Answer, whole_answer

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}   "
EMPTY = b"HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;note=x\r\n{\r\n\r\n2\r\n0}\r\n0\r\n\r\n"
)
WITH_TRAILER = CHUNKED[:-2] + b"digest: x\r\n\r\n"


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (SIZED, Answer(200, b"{}   ", False)),
        (EMPTY, Answer(204, b"", False)),
        (CHUNKED, Answer(201, b"{\r\n0}", False)),
        (WITH_TRAILER, Answer(201, b"{\r\n0}", False)),
    ],
)
def test_an_answer_is_whole_with_its_last_byte_only(received: bytes, expected: Answer) -> None:
    assert whole_answer(received) == expected
    assert [whole_answer(received[:end]) for end in range(len(received))] == [None] * len(received)


def test_an_answer_without_length_ends_with_the_connection() -> None:
    received = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    assert whole_answer(received) is None
    assert whole_answer(received, is_closed=True) == Answer(200, b"all of it", False)
    assert whole_answer(SIZED[:-1], is_closed=True) is None


@pytest.mark.parametrize(
    ("received", "is_last"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", True),
    ],
)
def test_it_is_known_whether_the_connection_stays(received: bytes, is_last: bool) -> None:
    answer = whole_answer(received)
    assert answer is not None
    assert answer.is_last is is_last
