"""Random sequences of all operations at two sites of one store, against a model in plain Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.property.calls_made import Asked, asked, infos
from tests.property.job_rules import JobRules
from tests.property.merge_rules import MergeRules
from tests.property.submit_rules import SubmitRules


class AllOperations(MergeRules, SubmitRules, JobRules):
    """All calls at one store."""

    @initialize(first=st.lists(infos, min_size=3, max_size=5), second=st.lists(infos, max_size=2))
    def begin(self, first: list[Any], second: list[Any]) -> None:
        for at, many in enumerate((first, second)):
            for number, info in enumerate(many):
                self.create(
                    at, "owner", {"name": {"first": f"N{number}"}, **info}, number == 2, False
                )
        self.submit(0, "member", first[0])

    @rule(asked=asked)
    def act(self, asked: Asked) -> None:
        # One rule: of several, each run leaves out some, and what takes them all is rare.
        getattr(self, asked.name)(asked.at, asked.caller, **asked.arguments)


class AllOperationsOnPostgres(AllOperations):
    """The same at a store of the other kind."""

    kind = "postgres"


# Should it fail, finding the shortest way to it takes minutes.
TestAllOperations = pytest.mark.timeout(900)(pytest.mark.slow(AllOperations.TestCase))
TestAllOperationsOnPostgres = pytest.mark.timeout(900)(
    pytest.mark.slow(AllOperationsOnPostgres.TestCase)
)
AllOperations.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=45,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
AllOperationsOnPostgres.TestCase.settings = settings(
    AllOperations.TestCase.settings, max_examples=20
)
