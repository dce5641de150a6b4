"""Labels and extended fields are made, renamed and deleted."""

from __future__ import annotations

from typing import Any

from tests.property import calls_made as calls
from tests.property.calls_made import (
    FIELD,
    LABEL,
)
from tests.property.compared_calls import ComparedCalls
from tests.property.model_site import Site


class DefinitionRules(ComparedCalls):
    """Changes of definitions."""

    def find_or_create_label(self, at: int, caller: str, name: str) -> None:
        model = self.sites[at]
        done = self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.find_or_create_label(name),
            lambda: model.find_or_create(model.labels, name),
        )
        if done:
            self.defined(model, model.labels, name, done[1], done[0].label, done[0].new_label)

    def find_or_create_field(self, at: int, caller: str, name: str) -> None:
        model, kind = self.sites[at], calls.FIELD_NAMES[name]
        done = self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.find_or_create_extended_field(name, kind),
            lambda: model.find_or_create(model.fields, name),
        )
        if done:
            self.defined(model, model.fields, name, done[1], done[0].field, done[0].new_field)

    @staticmethod
    def defined(
        model: Site, kind: dict[str, str], name: str, known: str | None, shown: Any, is_new: bool
    ) -> None:
        assert (is_new, shown.display_name) == (known is None, name)
        if known is not None:
            assert shown.key == known
            return
        assert shown.key not in kind
        slug = f"custom.{name.lower().replace(' ', '-').replace('.', '')}"
        assert shown.key == slug or (slug in kind and shown.key.startswith(f"{slug}-"))
        model.define(kind, shown.key, name)

    def rename_label(self, at: int, caller: str, key: str, name: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.rename_label(key, name),
            lambda: model.rename(model.labels, key, name),
        )

    def rename_field(self, at: int, caller: str, key: str, name: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.rename_extended_field(key, name),
            lambda: model.rename(model.fields, key, name),
        )

    def delete_label(self, at: int, caller: str, key: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            LABEL,
            lambda crm: crm.labels.delete_label(key),
            lambda: model.erase(model.labels, key),
        )

    def delete_field(self, at: int, caller: str, key: str) -> None:
        model = self.sites[at]
        self.both(
            at,
            caller,
            FIELD,
            lambda crm: crm.extended_fields.delete_extended_field(key),
            lambda: model.erase(model.fields, key),
        )
