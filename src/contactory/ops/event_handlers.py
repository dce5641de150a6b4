"""Handlers: functions of a site's own code that are told of events (CONTRACT H.4)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from contactory.domain.contact_events import CONTACT_FQDN
from contactory.domain.contacts import Contact
from contactory.domain.definition_events import EntityType
from contactory.domain.event_types import event_type
from contactory.domain.field_definitions import ExtendedField
from contactory.domain.handled_events import HandledEvent, MergedEvent
from contactory.domain.labels import Label
from contactory.domain.problems import Problems
from contactory.ops.backend_modules import import_backend

_MARK: Final = "contactory_handles"
_LABEL: Final = EntityType.LABEL.value
_FIELD: Final = EntityType.EXTENDED_FIELD.value

F = TypeVar("F", bound=Callable[..., Any])
OfContact = TypeVar("OfContact", bound=Callable[[HandledEvent[Contact]], Any])
OfMerge = TypeVar("OfMerge", bound=Callable[[MergedEvent], Any])
OfLabel = TypeVar("OfLabel", bound=Callable[[HandledEvent[Label]], Any])
OfField = TypeVar("OfField", bound=Callable[[HandledEvent[ExtendedField]], Any])
OfDeleted = TypeVar("OfDeleted", bound=Callable[[HandledEvent[None]], Any])


class Handler(msgspec.Struct, frozen=True, eq=False):
    """A function and the types of events that it is told of; the name is `module.function`."""

    name: str
    event_types: tuple[str, ...]
    function: Callable[[HandledEvent[Any]], Any]


Handlers: TypeAlias = Mapping[str, Handler]
"""Handlers by their names."""

NO_HANDLERS: Final[Handlers] = MappingProxyType({})


def on_contact_created(function: OfContact) -> OfContact:
    """Call the function with the event of each contact that is made, or comes back.

    As with all these decorators, it is called with the identity of the site's own app, at least
    once for each event, and for the events of one entity in their order; where it raises, it is
    called again later. An async function runs on the event loop, a plain one on a thread. It may
    have several of them, and stays what it was for other callers. Raises TypeError for what is no
    function of one argument.
    """
    return _handling(function, CONTACT_FQDN, "created")


def on_contact_updated(function: OfContact) -> OfContact:
    """Call the function with the event of each contact that was changed."""
    return _handling(function, CONTACT_FQDN, "updated")


def on_contact_deleted(function: OfDeleted) -> OfDeleted:
    """Call the function with the event of each contact that is gone."""
    return _handling(function, CONTACT_FQDN, "deleted")


def on_contact_merged(function: OfMerge) -> OfMerge:
    """Call the function with the event of each merge: contacts that became part of another."""
    return _handling(function, CONTACT_FQDN, "merged")


def on_label_created(function: OfLabel) -> OfLabel:
    """Call the function with the event of each label that is made."""
    return _handling(function, _LABEL, "created")


def on_label_updated(function: OfLabel) -> OfLabel:
    """Call the function with the event of each label that was renamed."""
    return _handling(function, _LABEL, "updated")


def on_label_deleted(function: OfDeleted) -> OfDeleted:
    """Call the function with the event of each label that is gone."""
    return _handling(function, _LABEL, "deleted")


def on_extended_field_created(function: OfField) -> OfField:
    """Call the function with the event of each extended field that is made."""
    return _handling(function, _FIELD, "created")


def on_extended_field_updated(function: OfField) -> OfField:
    """Call the function with the event of each extended field that was renamed."""
    return _handling(function, _FIELD, "updated")


def on_extended_field_deleted(function: OfDeleted) -> OfDeleted:
    """Call the function with the event of each extended field that is gone."""
    return _handling(function, _FIELD, "deleted")


def handled_types(value: Any) -> tuple[str, ...]:
    """The types of events that a decorated function handles, sorted; none for everything else."""
    types = getattr(value, _MARK, ()) if inspect.isfunction(value) else ()
    return types if isinstance(types, tuple) else ()


def load_handlers(sources: Sequence[str]) -> Handlers:
    """Import modules, or all of a folder, and collect their handlers: of those some may have none.

    Raises NotFound for a source that does not exist, and InvalidArgument that names every module
    that cannot be imported, and every function that has the name of another one.
    """
    problems = Problems()
    found: dict[str, Handler] = {}
    for _, modules in import_backend(sources, problems):
        for module in modules:
            for value in vars(module.module).values():
                if handled_types(value):
                    _add(found, value, problems)
    problems.check()
    return found


def _add(found: dict[str, Handler], function: Callable[..., Any], problems: Problems) -> None:
    name = f"{function.__module__}.{function.__qualname__}"
    known = found.setdefault(name, Handler(name, handled_types(function), function))
    if known.function is not function:
        problems.add_other(name, "UNIQUE", "is the name of two handlers: give one another name")


def _handling(function: F, entity_fqdn: str, slug: str) -> F:
    if not inspect.isfunction(function):
        raise TypeError(f"a handler is a function, not {function!r}")
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        raise TypeError(f"{function.__qualname__} must take one argument: the event") from None
    types = {*handled_types(function), event_type(entity_fqdn, slug)}
    setattr(function, _MARK, tuple(sorted(types)))
    return function
