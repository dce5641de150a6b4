"""The ES modules made from Python functions."""

from __future__ import annotations

from typing import Any

from contactory.http.web_module import comment, contactory_module_text, page_module_text
from contactory.ops.web_methods import Permissions, WebMethod, web_method, web_method_of
from contactory.wire.routes import ROUTES


def as_method(function: Any) -> WebMethod:
    method = web_method_of(web_method(Permissions.ANYONE)(function))
    assert method is not None
    return method


def text_of(function: Any, name: str = "call_me") -> str:
    return page_module_text("shop", {name: as_method(function)})


async def create(info: Any, options: Any = None) -> None:
    """Make one.

    With care.
    """


def test_a_module_exports_each_function_with_its_parameters_and_docstring() -> None:
    assert page_module_text("shop", {"createOne": as_method(create)}) == (
        "// Web methods of shop.\n"
        'import { call as $call } from "/web/-/call.js";\n'
        "\n"
        "/**\n"
        " * Make one.\n"
        " *\n"
        " * With care.\n"
        " * @param {any} info\n"
        " * @param {any} [options]\n"
        " */\n"
        "export async function createOne(info, options) {\n"
        '  return $call("shop", "createOne", [info, options]);\n'
        "}\n"
    )


def test_a_name_that_javascript_reserves_is_exported_all_the_same() -> None:
    async def delete(new: Any, function: Any = None) -> None: ...

    text = text_of(delete, "delete")
    assert "async function $delete($new, $function) {\n" in text
    assert "export async function $delete" not in text
    assert "export { $delete as delete };\n" in text
    assert '$call("shop", "delete", [$new, $function])' in text


def test_further_arguments_are_handed_on() -> None:
    async def add(first: Any, *others: Any, scale: int = 1) -> None: ...

    text = text_of(add)
    assert "call_me(first, ...others) {" in text
    assert "[first, ...others]" in text
    assert "@param {...any} others" in text
    assert "scale" not in text


def test_no_docstring_ends_the_comment_that_holds_it() -> None:
    ends = ["*/ alert(1)", "/", "*", "**/", "a\r*/b", "a\u2028*/b", "*\n/", "*\\/"]
    for about in ends:
        text = comment(about)
        assert text.endswith(" */\n")
        assert text.count("*/") == 1, about
        assert all(line.startswith((" *", "/**")) for line in text.splitlines())


def test_the_site_s_own_module_has_every_call_of_the_route_table() -> None:
    text = contactory_module_text()
    for route in ROUTES:
        assert f"export const {route.module} = " in text
        assert f'"contactory", "{route.module}.{route.function}"' in text
    assert "createContact(info, options) {" in text
    assert "getContact(id, options) {" in text
    for name in ("signIn", "signInMember", "signOut", "currentIdentity"):
        assert f"export async function {name}(" in text
