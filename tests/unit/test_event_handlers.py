"""Marking functions as handlers, and finding them in modules and folders."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import contactory
from contactory import HandledEvent, on_contact_created, on_contact_deleted, on_contact_updated
from contactory.domain.errors import InvalidArgument, NotFound
from contactory.domain.event_types import EVENT_TYPES
from contactory.http.web import load_web_modules
from contactory.ops.event_handlers import handled_types, load_handlers

CONTACT = "wix.contacts.v4.contact"
HANDLER = """
from contactory import on_contact_created

@on_contact_created
def {name}(event): ...
"""


@pytest.fixture(autouse=True)
def own_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What a test imports is forgotten after it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(path: str, *texts: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(dedent(text) for text in texts))


def handler(name: str) -> str:
    return HANDLER.format(name=name)


def problems_of(*sources: str) -> dict[str, str]:
    with pytest.raises(InvalidArgument) as caught:
        load_handlers(sources)
    return {found.field: found.description for found in caught.value.violations}


def test_there_is_a_decorator_for_each_type_of_event() -> None:
    handled: list[str] = []
    for name in dir(contactory):
        if name.startswith("on_"):

            def function(_: Any) -> None: ...

            decorate: Callable[[Any], Any] = getattr(contactory, name)
            (told,) = handled_types(decorate(function))
            assert told.partition("v4.")[2].replace("-", "_") == name.removeprefix("on_")
            handled.append(told)
    assert sorted(handled) == sorted(EVENT_TYPES)


def test_a_function_with_several_decorators_stays_what_it_was() -> None:
    def function(event: HandledEvent[Any], by: int = 1) -> tuple[Any, int]:
        return event, by

    decorated = on_contact_deleted(on_contact_updated(on_contact_updated(function)))
    assert decorated is function
    event: Any = object()
    assert decorated(event, 2) == (event, 2)
    assert handled_types(decorated) == (f"{CONTACT}_deleted", f"{CONTACT}_updated")


@pytest.mark.parametrize(
    "wrong", [lambda: None, lambda a, b: None, lambda *, event: None, print, object(), None]
)
def test_what_cannot_be_called_with_an_event_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"must take one argument|is a function"):
        on_contact_created(wrong)


def test_a_folder_s_handlers_have_the_names_of_their_files_and_functions() -> None:
    write("back/welcoming.py", handler("greet"), handler("_count"), "def plain(event): ...")
    write("back/shop.py", "from contactory import contacts")
    found = load_handlers(["back"])
    assert sorted(found) == ["welcoming._count", "welcoming.greet"]
    assert {one.name: one.event_types for one in found.values()} == dict.fromkeys(
        found, (f"{CONTACT}_created",)
    )


def test_a_dotted_module_s_handlers_have_its_whole_name() -> None:
    write("shop/__init__.py", "")
    write("shop/mails.py", handler("send"))
    assert list(load_handlers(["shop.mails"])) == ["shop.mails.send"]


def test_a_handler_that_others_import_too_is_one() -> None:
    write("back/first.py", handler("greet"))
    write("back/second.py", "from first import greet", "again = greet")
    write("back/third.py", "from _hidden import count")
    write("back/_hidden.py", handler("count"))
    assert sorted(load_handlers(["back", "back", "first"])) == ["_hidden.count", "first.greet"]


def test_two_handlers_of_one_name_are_refused() -> None:
    write(
        "back/made.py",
        """
        from contactory import on_contact_created

        def made():
            @on_contact_created
            def handle(event): ...
            return handle

        one, other = made(), made()
        """,
    )
    assert list(problems_of("back")) == ["made.made.<locals>.handle"]


def test_modules_that_cannot_be_imported_are_named() -> None:
    write("back/bad.py", "from contactory import on_contact_created", "on_contact_created(3)")
    write("back/good.py", handler("greet"))
    found = problems_of("back")
    assert list(found) == ["bad"]
    assert "a handler is a function, not 3" in found["bad"]
    assert "bad.py, line 2" in found["bad"]
    with pytest.raises(NotFound):
        load_handlers(["nowhere"])


def test_modules_without_handlers_are_no_mistake() -> None:
    write("back/shop.py", "price = 3")
    assert load_handlers(["back"]) == {}
    assert load_handlers([]) == {}


def test_a_module_with_handlers_needs_no_web_method() -> None:
    write("back/welcoming.py", handler("_greet"))
    write("alone.py", handler("greet"))
    assert load_web_modules(["back", "alone"]).modules == {}
