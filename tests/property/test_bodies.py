"""Bodies are read as the standard library reads them, but for what two readers could take apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contactory.domain.errors import MalformedRequest
from contactory.http.bodies import parse_json

_NAMES = st.text(st.characters(codec="utf-8"), max_size=6)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8"), max_size=10),
    ),
    lambda below: st.one_of(
        st.lists(below, max_size=4), st.dictionaries(_NAMES, below, max_size=4)
    ),
    max_leaves=12,
)
_FORMS = st.sampled_from(
    [
        {"separators": (",", ":"), "ensure_ascii": False},
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"indent": 1},
    ]
)


@settings(max_examples=500, deadline=None)
@given(_VALUES, _FORMS)
@example({"a": '{"a":1}', "b": [1.0, 1e100, -0.0]}, {"separators": (",", ":")})
def test_whatever_form_it_has_it_is_the_same_value(value: Any, form: dict[str, Any]) -> None:
    text = json.dumps(value, **form)
    assert json.dumps(parse_json(text.encode(), 64)) == json.dumps(value)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=4), _FORMS, st.data())
def test_a_name_that_stands_twice_is_refused_wherever_it_stands(
    value: dict[str, Any], form: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    depth = data.draw(st.integers(0, 3))
    again = f"{json.dumps(name, **form)}:{json.dumps(data.draw(_VALUES), **form)}"
    text = json.dumps(value, **form).rstrip()[:-1] + f",{again}}}"
    for _ in range(depth):
        text = f'{{"below":[{text}]}}'
    with pytest.raises(MalformedRequest, match="twice"):
        parse_json(text.encode(), 64)
