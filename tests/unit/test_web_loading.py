"""Finding web methods in modules and folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from contactory.domain.errors import InvalidArgument, NotFound
from contactory.http.web import load_web_modules

METHOD = """
from contactory import Permissions, web_method

@web_method(Permissions.ANYONE)
async def {name}(a, b=None):
    return a
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


def method(name: str) -> str:
    return METHOD.format(name=name)


def problems_of(*sources: str) -> dict[str, str]:
    with pytest.raises(InvalidArgument) as caught:
        load_web_modules(sources)
    return {found.field: found.description for found in caught.value.violations}


def test_a_folder_s_files_become_page_modules() -> None:
    write("back/orders.py", "from _prices import price", method("place_order"))
    write("back/people.py", method("find_all"), method("add_one"))
    write("back/_prices.py", "price = 3", method("hidden"))
    write("back/notes.txt", "no module")
    loaded = load_web_modules(["back"]).modules
    assert {name: list(methods) for name, methods in loaded.items()} == {
        "orders": ["placeOrder"],
        "people": ["findAll", "addOne"],
    }


def test_a_dotted_module_is_called_by_its_last_segment() -> None:
    write("shop/__init__.py", "")
    write("shop/basket.py", method("put_in"))
    assert list(load_web_modules(["shop.basket"]).modules) == ["basket"]


def test_only_functions_with_a_public_name_are_served() -> None:
    write("back/public.py", method("shown"), method("_hidden"), "def plain():\n    pass\n")
    assert list(load_web_modules(["back"]).modules["public"]) == ["shown"]


@pytest.mark.parametrize("source", ["nowhere", "nowhere.at.all", "./nowhere", "back/none.py", ""])
def test_what_does_not_exist_is_not_found(source: str) -> None:
    with pytest.raises(NotFound):
        load_web_modules([source])


def test_a_module_that_does_not_exist_below_one_that_does_is_not_found() -> None:
    write("depot/__init__.py", "")
    with pytest.raises(NotFound, match=r"depot\.nothing"):
        load_web_modules(["depot.nothing"])


def test_every_broken_module_is_named_with_the_place_of_the_fault() -> None:
    write("back/bad_syntax.py", "def (:")
    write("back/raises.py", "x = 1", "raise RuntimeError('no database')")
    write("back/lacks.py", "import a_library_that_is_not_there")
    write("back/whole.py", method("works"))
    found = problems_of("back")
    assert set(found) == {"bad_syntax", "raises", "lacks"}
    assert "SyntaxError" in found["bad_syntax"]
    assert "RuntimeError: no database" in found["raises"]
    assert "raises.py, line 2" in found["raises"]
    assert "a_library_that_is_not_there" in found["lacks"]


def test_two_functions_with_one_name_in_javascript_are_refused() -> None:
    write("back/twins.py", method("my_call"), method("myCall"))
    assert "myCall in JavaScript" in problems_of("back")["twins.myCall"]


def test_a_folder_or_module_without_web_methods_is_refused() -> None:
    write("empty/plain_functions.py", "def plain(): ...")
    write("alone.py", "def plain(): ...")
    assert "has no web method" in problems_of("empty")["empty"]
    assert "has no web method" in problems_of("alone")["alone"]


def test_the_name_of_our_own_module_is_refused() -> None:
    write("shop2/__init__.py", "")
    write("shop2/contactory.py", method("works"))
    assert "contactory.js" in problems_of("shop2.contactory")["shop2.contactory"]


def test_two_sources_with_one_page_module_are_refused() -> None:
    for package in ("one", "two"):
        write(f"{package}/__init__.py", "")
        write(f"{package}/prices.py", method("works"))
    assert list(problems_of("one.prices", "two.prices")) == ["two.prices"]


def test_a_file_never_takes_the_place_of_a_library_s_module() -> None:
    write("back/json.py", method("works"))
    found = problems_of("back")
    assert [Path(path).name for path in found] == ["json.py"]
    assert "rename the file" in next(iter(found.values()))
    assert not hasattr(sys.modules["json"], "works")


def test_a_method_that_a_page_could_never_call_is_refused() -> None:
    write(
        "back/keyword.py",
        """
        from contactory import Permissions, web_method

        @web_method(Permissions.ANYONE)
        async def pay(*, amount): ...
        """,
    )
    write("back/keyword_only.py", Path("back/keyword.py").read_text())
    assert "a page cannot give amount to pay" in problems_of("back")["keyword_only"]
