"""What pages are shown of a web method's result: plain data in the seed's names."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec

from contactory.domain.contact_documents import ContactDocuments
from contactory.domain.contacts import Contact
from contactory.domain.definitions import Definition
from contactory.domain.seed_names import to_seed_names
from contactory.kit.clock import encode_instant


def plain_result(value: Any) -> Any:
    """The value as JSON-able data; contacts and their parts, at any depth, as `to_dict` shows them.

    Raises TypeError or NotImplementedError for what has no JSON form.
    """
    if isinstance(value, msgspec.Struct):
        return _plain_struct(value)
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_result(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | ContactDocuments):
        return [plain_result(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain_result(getattr(value, field.name)) for field in fields}
    return msgspec.to_builtins(value, enc_hook=encode_instant, builtin_types=())


def _plain_struct(value: msgspec.Struct) -> Any:
    if type(value).__module__ == Contact.__module__ or isinstance(value, Definition):
        return to_seed_names(msgspec.to_builtins(value, enc_hook=encode_instant))
    members = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
    return {name: plain_result(getattr(value, field)) for name, field in members}


def _plain_key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a name in a result must be a string, not {type(key).__name__}")
    return key
