"""What to use instead of a call that there is not: the end of what 404 and 405 tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter
from typing import Final

import msgspec

from contactory.wire.routes import PREFIXES, ROUTES

_DOCS: Final = "see /docs for the calls there are"
_START: Final = "/contacts/v4"
_IN_BRACES: Final = re.compile(r"\{\w+\}")
_SLASHES: Final = re.compile("/{2,}")
_NO_SLASHES: Final = ", without further slashes"


class WrongCall(msgspec.Struct, frozen=True):
    """A call that people send although there is none such; no `verbs` are all of them."""

    pattern: str
    use: str
    verbs: tuple[str, ...] = ()

    def found(self, verb: str, path: str) -> str | None:
        """The advice for this call, None where it is another one."""
        match = re.fullmatch(self.pattern, path)
        if match is None or (self.verbs and verb not in self.verbs):
            return None
        return match.expand(self.use)


_CONTACT: Final = f"{_START}/contacts/[^/]+"
_ADD: Final = f"POST {_START}/contacts/{{contactId}}/labels"
_TAKE: Final = f"DELETE {_START}/contacts/{{contactId}}/labels"
_BULK: Final = f"POST {_START}/bulk/contacts"

WRONG_CALLS: Final = (
    WrongCall(r"/contacts/v(?!4/)\d+(/.*)?", f"the paths of this API start with {_START}"),
    WrongCall(
        rf"{_CONTACT}/(labels/(remove|delete|unlabel)|unlabel|remove-labels)",
        f"use {_TAKE} with labelKeys",
    ),
    WrongCall(rf"{_CONTACT}/labels/[^/]+", f"use {_TAKE} with labelKeys", ("DELETE",)),
    WrongCall(
        rf"{_CONTACT}/(labels/[^/]+|label|add-labels)", f"use {_ADD} with labelKeys", ("POST",)
    ),
    WrongCall(
        rf"{_CONTACT}/labels",
        f"use {_ADD}, or to replace all of them PATCH {_START}/contacts/{{contactId}} "
        "with info.labelKeys",
        ("PUT", "PATCH"),
    ),
    WrongCall(
        rf"{_CONTACT}/labels",
        f"use GET {_START}/contacts/{{id}}, which shows them in info.labelKeys",
        ("GET", "HEAD"),
    ),
    WrongCall(
        rf"{_START}/contacts/(add-remove-labels|labels)",
        f"use {_ADD}, {_TAKE}, or {_BULK}/add-remove-labels",
    ),
    WrongCall(
        rf"{_START}/contacts/((?:preview-)?(?:un)?merge)",
        rf"use POST {_START}/contacts/{{targetContactId}}/\1",
    ),
    WrongCall(
        rf"{_START}/contacts/bulk[-/](delete|update|upsert|add-remove-labels)",
        rf"use {_BULK}/\1",
    ),
    WrongCall(
        rf"{_START}/(contacts/)?(submit|contact-submit|append-or-create(-contact)?)",
        f"use POST {_START}/contact-submit",
    ),
    WrongCall(
        rf"{_CONTACT}/picture-upload-url",
        f"use PATCH {_START}/contacts/{{contactId}} with the url of info.picture.image",
    ),
    WrongCall(rf"{_START}/contacts/create", f"use POST {_START}/contacts"),
    WrongCall(rf"{_CONTACT}/(update|edit)", f"use PATCH {_START}/contacts/{{contactId}}"),
    WrongCall(rf"{_CONTACT}/(delete|remove)", f"use DELETE {_START}/contacts/{{contactId}}"),
    WrongCall(
        rf"{_START}/(labels|extended-fields)/[^/]+/(rename|update)",
        rf"use PATCH {_START}/\1/{{key}}",
    ),
    WrongCall(
        rf"{_START}/(labels|extended-fields)/[^/]+/(delete|remove)",
        rf"use DELETE {_START}/\1/{{key}}",
    ),
    WrongCall(
        rf"{_START}/(fields|extendedFields|extended_fields|custom-fields)(/.*)?",
        f"use {_START}/extended-fields",
    ),
    WrongCall(rf"{_START}/((?:facets/)?query|search|upsert)", rf"use POST {_START}/contacts/\1"),
    WrongCall(rf"{_START}/(count|facets)", rf"use GET {_START}/contacts/\1"),
    WrongCall(rf"{_START}/(bulk/contacts/)?jobs(/.*)?", f"use GET {_START}/bulk/jobs"),
)
"""Calls of older generations, of other APIs, and guesses. The first that fits is answered."""


def advice(verb: str, path: str) -> str:
    """What to use instead; it names no value that was sent."""
    plain = _SLASHES.sub("/", path.removeprefix(PREFIXES[-1])).rstrip("/")
    for wrong in WRONG_CALLS:
        if (use := wrong.found(verb, plain)) is not None:
            return use
    for meant in _readings(plain):
        if (calls := _calls_at(meant)) is not None:
            return f"use {_chosen(verb, calls)}{'' if path.endswith(plain) else _NO_SLASHES}"
    return _DOCS


def _readings(path: str) -> Iterator[str]:
    """Paths that may have been meant: with the start that is missing, or without another one."""
    yield path
    at = path.find(f"{_START}/")
    if at > 0:
        yield path[at:]
    yield f"{_START}{path}"
    yield f"/contacts{path}"


def _calls_at(path: str) -> Mapping[str, str] | None:
    return next((calls for pattern, calls in _PLACES if pattern.fullmatch(path)), None)


def _chosen(verb: str, calls: Mapping[str, str]) -> str:
    """The call of this verb; without one, what changes things there, or else all calls."""
    verb = "GET" if verb == "HEAD" else verb
    if verb in ("PUT", "POST") and verb not in calls and "PATCH" in calls:
        verb = "PATCH"
    if verb in calls:
        return f"{verb} {calls[verb]}"
    return _listed([f"{one} {path}" for one, path in calls.items()])


def _listed(items: Collection[str]) -> str:
    *some, last = items
    return f"{', '.join(some)} or {last}" if some else last


def _places() -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    places: dict[str, dict[str, str]] = {}
    for route in ROUTES:
        for path in (route.path, *route.aliases):
            # A brace sorts after letters: fixed paths come before those that take any word there.
            places.setdefault(_IN_BRACES.sub("{}", path), {})[route.verb] = route.path
    return [
        (re.compile("[^/]+".join(map(re.escape, shape.split("{}")))), calls)
        for shape, calls in sorted(places.items(), key=itemgetter(0))
    ]


_PLACES: Final = _places()
