"""Reads what callers say of webhooks and deliveries; notes every problem with its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from contactory.domain.access_reading import read_text
from contactory.domain.event_types import EVENT_TYPES
from contactory.domain.problems import Problems
from contactory.domain.receiver_urls import url_problem
from contactory.domain.subscriptions import DEFAULT_LISTED, MOST_LISTED, DeliveryState
from contactory.kit.clock import Timestamp

_LONGEST_REASON: Final = 500
_LONGEST_URL: Final = 2000
_DIGITS: Final = 18


def read_receiver_url(problems: Problems, sent: Any, *, allows_private: bool) -> str:
    """The URL of a receiver, which must be one that may be called."""
    url = read_text(problems, sent, "url", _LONGEST_URL)
    problem = url_problem(url, allows_private=allows_private) if url else None
    if problem:
        problems.add_format("url", "WEB_URL", problem)
    return url


def read_event_types(problems: Problems, sent: Any, path: str = "eventTypes") -> tuple[str, ...]:
    """The types that are asked for, each once; none for all."""
    if sent is None:
        return ()
    if isinstance(sent, str) or not isinstance(sent, Sequence):
        problems.wrong_kind(path, "a list")
        return ()
    for at, one in enumerate(sent):
        if one not in EVENT_TYPES:
            problems.add(
                f"{path}[{at}]",
                "INVALID_ENUM_VALUE",
                f"is no type of events: use {', '.join(EVENT_TYPES)}",
                supported=list(EVENT_TYPES),
            )
    return tuple(dict.fromkeys(str(one) for one in sent))


def read_state(problems: Problems, sent: Any) -> DeliveryState | None:
    """The state that is asked for; None for all."""
    if sent is None:
        return None
    known = [state.value for state in DeliveryState]
    if sent not in known:
        problems.add(
            "state", "INVALID_ENUM_VALUE", f"must be one of {', '.join(known)}", supported=known
        )
        return None
    return DeliveryState(sent)


def read_instant(problems: Problems, sent: Any, path: str) -> Timestamp | None:
    """An instant in ISO 8601."""
    if sent is None or isinstance(sent, Timestamp):
        return sent
    try:
        return Timestamp.parse(sent)
    except (TypeError, ValueError):
        problems.add_format(path, "DATE_TIME", "must be an instant such as 2026-11-24T10:30:00Z")
        return None


def read_delivery_cursor(problems: Problems, sent: Any) -> int | None:
    """The place that a page of deliveries ended at."""
    if sent is None:
        return None
    is_ours = isinstance(sent, str) and sent[:1] == "d" and sent[1:].isascii()
    if is_ours and sent[1:].isdigit() and len(sent) <= _DIGITS + 1:
        return int(sent[1:])
    problems.add_other("cursor", "CURSOR", "must be the nextCursor of an earlier page")
    return None


def read_limit(problems: Problems, sent: Any) -> int:
    """How many deliveries are asked for."""
    return problems.whole(sent, "limit", 1, MOST_LISTED) or DEFAULT_LISTED


def read_pause_reason(problems: Problems, sent: Any) -> str:
    """Why something is paused."""
    return read_text(problems, sent, "reason", _LONGEST_REASON)
