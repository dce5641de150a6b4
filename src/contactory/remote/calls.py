"""Makes the calls of the route table over HTTP: connection, credentials, retries, errors."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final
from urllib.parse import quote, unquote

import anyio
import httpx2

from contactory.domain.errors import (
    InvalidArgument,
    MalformedRequest,
    NotFound,
    RemoteError,
    Unauthenticated,
    Unavailable,
    Violation,
)
from contactory.domain.ignored_values import warn_of_ignored
from contactory.kit.ids import as_guid
from contactory.remote.sending import json_body, query
from contactory.wire.errors import read_error
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES

_TRIES: Final = 3
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_TIMEOUT: Final = httpx2.Timeout(30, connect=5)
# Servers close idle connections after 5 s or more; whoever closes first cannot be surprised.
_LIMITS: Final = httpx2.Limits(
    max_connections=100, max_keepalive_connections=20, keepalive_expiry=4
)
# Our servers give a sign of life every 15 s.
_STREAM_TIMEOUT: Final = httpx2.Timeout(30, connect=5, read=45)
_STREAM: Final = "text/event-stream"
_LONGEST_KEY: Final = 255
_PLAIN_SEGMENT: Final = re.compile(r"(?!\.+$)[\w.~-]+")
_NO_SUCH: Final = "-"
_IN_PATH: Final = re.compile(r"\{(\w+)\}")

_ROUTES: Final = {route.operation: route for route in ROUTES}


class Calls:
    """A connection to one server as one caller. Neither texts nor errors show the key."""

    def __init__(self, url: str, key: str, site_id: str | None) -> None:
        self.url = _checked_url(url)
        headers = {"authorization": _checked_key(key), "accept": "application/json"}
        if site_id is not None:
            headers["wix-site-id"] = _checked_site_id(site_id)
        # The environment (proxies, certificates) is read by programs, not by libraries.
        self._client = httpx2.AsyncClient(
            headers=headers, timeout=_TIMEOUT, limits=_LIMITS, trust_env=False
        )

    async def call(
        self, operation: str, values: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Any:
        """Make one call of the route table; `values` go by their names on the wire.

        Returns what stands in the envelope, or the whole answer where there is none. Raises the
        error that the server tells of, RemoteError for an answer that is none of ours, and
        Unavailable when no answer came.
        """
        route = _ROUTES[operation]
        request = self._request(route, values, idempotency_key)
        answer = await self._answer(request, is_safe=_is_safe(route, idempotency_key))
        body = _read_json(answer)
        if answer.status_code != 200:
            raise read_error(answer.status_code, body)
        if not isinstance(body, Mapping) or (route.envelope and route.envelope not in body):
            missing = route.envelope or "JSON object"
            raise RemoteError(f"{self.url} is no server of ours: its answer has no {missing}")
        if ignored := answer.headers.get("contactory-ignored"):
            warn_of_ignored([unquote(path) for path in ignored.split(", ")])
        return body[route.envelope] if route.envelope else body

    @asynccontextmanager
    async def stream(
        self, operation: str, values: Mapping[str, Any]
    ) -> AsyncGenerator[AsyncGenerator[bytes, None], None]:
        """The answer of a call that goes on for ever, in parts as they arrive.

        They end where the server ends them. Raises what `call` raises, and while parts are awaited
        Unavailable when the connection breaks.
        """
        request = self._request(_ROUTES[operation], values, None)
        request.headers["accept"] = _STREAM
        request.extensions["timeout"] = _STREAM_TIMEOUT.as_dict()
        try:
            answer = await self._client.send(request, stream=True)
            if answer.status_code != 200:
                await answer.aread()
        except httpx2.TransportError as error:
            raise self._no_answer(error, is_safe=True) from error
        try:
            if answer.status_code != 200:
                raise read_error(answer.status_code, _read_json(answer))
            if not answer.headers.get("content-type", "").startswith(_STREAM):
                raise RemoteError(f"{self.url} is no server of ours: its answer is no stream")
            async with aclosing(self._parts(answer)) as parts:
                yield parts
        finally:
            await answer.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _request(
        self, route: Route, values: Mapping[str, Any], idempotency_key: str | None
    ) -> httpx2.Request:
        in_path = {name: value for name, value in values.items() if name in route.in_path}
        rest = {name: value for name, value in values.items() if name not in in_path}
        path = _IN_PATH.sub(lambda found: _segment(in_path.get(found[1])), route.path)
        headers = {}
        if idempotency_key is not None:
            headers["idempotency-key"] = _checked_idempotency_key(idempotency_key)
        if route.verb in ("GET", "DELETE"):
            return self._client.build_request(
                route.verb, self.url + path, params=query(rest), headers=headers
            )
        headers["content-type"] = "application/json"
        return self._client.build_request(
            route.verb, self.url + path, content=json_body(rest), headers=headers
        )

    async def _answer(self, request: httpx2.Request, *, is_safe: bool) -> httpx2.Response:
        """The answer; a call that is safe to repeat is made up to three times."""
        tries, pause_s = _TRIES if is_safe else 1, _FIRST_PAUSE_S
        while True:
            tries -= 1
            try:
                answer = await self._client.send(request)
            except httpx2.TransportError as error:
                if not tries:
                    raise self._no_answer(error, is_safe=is_safe) from error
                wait_s = pause_s
            except httpx2.DecodingError as error:
                raise RemoteError(f"{self.url} sent an answer that cannot be read") from error
            else:
                wait_s = _retry_after_s(answer)
                if not tries or answer.status_code != 503 or wait_s > _LONGEST_PAUSE_S:
                    return answer
            await anyio.sleep(wait_s)
            pause_s *= 2

    async def _parts(self, answer: httpx2.Response) -> AsyncGenerator[bytes, None]:
        try:
            async for part in answer.aiter_bytes():
                yield part
        except httpx2.TransportError as error:
            raise self._no_answer(error, is_safe=True) from error

    def _no_answer(self, error: httpx2.TransportError, *, is_safe: bool) -> Unavailable:
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return Unavailable(f"cannot reach {self.url}: {reason}")
        if is_safe:
            return Unavailable(f"{self.url} did not answer: {reason}")
        return Unavailable(
            f"{self.url} did not answer ({reason}), so the call may or may not have been done: "
            "make it with an idempotency key to be able to repeat it"
        )


def _is_safe(route: Route, idempotency_key: str | None) -> bool:
    return route.verb == "GET" or (route.takes_idempotency_key and idempotency_key is not None)


def _segment(value: Any) -> str:
    """The value as part of a path; what can be no such part, as one that names nothing."""
    return quote(value) if isinstance(value, str) and _PLAIN_SEGMENT.fullmatch(value) else _NO_SUCH


def _retry_after_s(answer: httpx2.Response) -> float:
    """Seconds to wait as the answer asks, or too long to wait when it does not ask."""
    sent = answer.headers.get("retry-after", "")
    return float(sent) if sent.isascii() and sent.isdecimal() else _LONGEST_PAUSE_S + 1


def _read_json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _checked_url(url: str) -> str:
    """The URL without its last slash. Raises InvalidArgument for one that cannot be called."""
    try:
        parsed = httpx2.URL(url)
        is_right = parsed.scheme in ("http", "https") and bool(parsed.host) and " " not in url
        is_right = is_right and (parsed.port or 1) in range(1, 65_536)
    except httpx2.InvalidURL:
        is_right = False
    # Whatever stands before an @ would show in messages; so it is not repeated here either.
    if not is_right or parsed.userinfo or parsed.query or parsed.fragment:
        text = "must be http://HOST or https://HOST, with a port and a path if need be"
        raise InvalidArgument([Violation("url", text, "FORMAT", {"type": "URL"})])
    return url.rstrip("/")


def _checked_key(key: str) -> str:
    if not (key and key.isascii() and key.isprintable() and " " not in key):
        raise Unauthenticated("The key has characters that no key has, or is empty")
    return key


def _checked_site_id(site_id: str) -> str:
    guid = as_guid(site_id)
    if guid is None:
        raise NotFound(f"There is no site {site_id}")
    return guid


def _checked_idempotency_key(key: Any) -> str:
    if not (isinstance(key, str) and 1 <= len(key) <= _LONGEST_KEY and key.isprintable()):
        raise MalformedRequest("An idempotency key has 1 to 255 printable characters")
    if not key.isascii() or key != key.strip():
        raise MalformedRequest(
            "Over HTTP, an idempotency key has ASCII characters only, without blanks at its ends"
        )
    return key
