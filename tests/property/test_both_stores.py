"""Random sequences of all operations have equal answers on both kinds of store."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, settings

from contactory.ops.crm import Crm
from tests.property.compared_calls import Call
from tests.property.test_all_operations import AllOperations
from tests.property.twin_answers import TranslatedCalls, Twins
from tests.stores import new_store


class BothStores(AllOperations):
    """Every call of the first store is made at a second one of the other kind."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins()
        self.ignored_there: list[str] = []
        second = self.around.enter_context(new_store("postgres", self.outside.folder))
        crm = self.runner.run(Crm.open(second.url))
        self.around.callback(lambda: self.runner.run(crm.close()))
        site = self.runner.run(crm.sites.create_site("elsewhere"))
        self.crms_there = [crm, self.runner.run(crm.at_site(site.site_id))]

    def call(self, at: int, caller: str, made: Call) -> Any:
        ignored = len(self.ignored)
        one = super().call(at, caller, made)

        async def made_there(crm: Crm) -> Any:
            return await made(TranslatedCalls(crm, self.twins))  # type: ignore[arg-type]

        self.ignored_there.clear()
        other = self.called(self.crms_there[at], caller, made_there, self.ignored_there)
        assert self.twins.differences(one, other) == []
        assert self.ignored[ignored:] == self.ignored_there
        return one


# Should it fail, finding the shortest way to it would take many minutes.
TestBothStores = pytest.mark.slow(BothStores.TestCase)
BothStores.TestCase.settings = settings(
    AllOperations.TestCase.settings, max_examples=15, phases=[Phase.generate]
)
