"""Which language a caller asks for (CONTRACT B.11)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.languages import Language, read_language
from contactory.domain.problems import Problems


@pytest.mark.parametrize("sent", ["es", "ES", "es-MX", "es-419", ["es"]])
def test_spanish_is_chosen_by_its_code_whatever_the_region(sent: Any) -> None:
    problems = Problems()
    assert read_language(problems, sent) is Language.ES
    assert problems.violations == []


@pytest.mark.parametrize("sent", [None, "", "en", "en-US", "de", "zh-Hant-TW", "fil", ["en"]])
def test_all_others_are_shown_english(sent: Any) -> None:
    problems = Problems()
    assert read_language(problems, sent) is Language.EN
    assert problems.violations == []


@pytest.mark.parametrize("sent", ["e", "spanish", "es_MX", "es ", "12", "es-", "\x00\x00", "ñé"])
def test_what_is_no_language_code_is_refused(sent: str) -> None:
    problems = Problems()
    read_language(problems, sent, "options.language")
    (violation,) = problems.violations
    assert (violation.field, violation.violated_rule) == ("options.language", "FORMAT")
    assert violation.data == {"type": "LANGUAGE"}


@pytest.mark.parametrize("sent", [1, True, {}, [], ["es", "en"], [1]])
def test_other_kinds_are_refused(sent: Any) -> None:
    problems = Problems()
    read_language(problems, sent)
    assert [violation.rule_name for violation in problems.violations] == ["TYPE"]
