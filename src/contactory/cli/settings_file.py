"""Reads `contactory.toml`: defaults for options, which the environment and options override."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from contactory.domain.errors import InvalidArgument, MalformedRequest, NotFound
from contactory.domain.problems import Problems

DEFAULT_FILE: Final = Path("contactory.toml")
"""What is read, if it is there, when no other file is named."""


class FileSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All keys of the file: the options of `serve` by their names, and the key for a server."""

    store: str
    site: str
    key: str
    host: str
    port: int
    web: list[str]
    pages: str
    processes: int
    rate_limit: int
    max_body: int
    max_streams: int
    cors_origin: list[str]
    web_origin: list[str]
    strict_keys: bool
    labels_quota: int
    fields_quota: int
    source: list[str]
    webhook_timeout: float
    webhook_retry: list[float]
    handler_timeout: float
    handler_retry: list[float]
    pause_after: float
    private_receivers: bool
    keep_events: float
    tls_cert: str
    tls_key: str
    forwarded_allow_ips: str
    metrics: bool
    worker: bool
    log_level: str


_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(FileSettings)}


def read_settings_file(path: Path | None) -> dict[str, Any]:
    """The file's values by option name; nothing where no file is named and the default is absent.

    Keys may be written with `-` or `_`; one text counts as a list of one. Raises NotFound,
    MalformedRequest for what is no TOML, and InvalidArgument with every unknown key and wrong type.
    """
    if path is None and not DEFAULT_FILE.exists():
        return {}
    file = DEFAULT_FILE if path is None else path
    return _checked(_parsed(file), str(file))


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"there is no settings file {file}") from error
    except OSError as error:
        raise MalformedRequest(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise MalformedRequest(f"{file} is not TOML: {error}") from error


def _checked(sent: dict[str, Any], file: str) -> dict[str, Any]:
    problems = Problems()
    values: dict[str, Any] = {}
    for key, value in sent.items():
        path, name = f"{file}: {key}", key.replace("-", "_")
        if name not in _TYPES:
            known = ", ".join(_TYPES).replace("_", "-")
            problems.add(path, "FIELD_NOT_ALLOWED", f"is no setting: the settings are {known}")
        elif name in values:
            problems.add(path, "FIELD_NOT_ALLOWED", "is set twice")
        else:
            is_list = _TYPES[name] == list[str]
            values[name] = [value] if is_list and isinstance(value, str) else value
            _check_type(values[name], path, name, problems)
    if problems.violations:
        raise InvalidArgument(problems.violations)
    return values


def _check_type(value: Any, path: str, name: str, problems: Problems) -> None:
    try:
        msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError as error:
        problems.add_other(path, "TYPE", f"has the wrong type: {error}")
