"""`contactory.toml`: what it may hold, and how mistakes in it are told."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from contactory.cli.serve import serve
from contactory.cli.settings_file import FileSettings, read_settings_file
from contactory.domain.errors import InvalidArgument, MalformedRequest, NotFound


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text, "utf-8")
    return file


def test_values_come_by_the_names_of_options(tmp_path: Path) -> None:
    file = written(
        tmp_path, 'store = "sqlite:///a.db"\nport = 81\nmetrics = false\nweb = ["a", "b"]'
    )

    assert read_settings_file(file) == {
        "store": "sqlite:///a.db",
        "port": 81,
        "metrics": False,
        "web": ["a", "b"],
    }


def test_keys_are_written_with_either_line(tmp_path: Path) -> None:
    file = written(tmp_path, 'rate-limit = 5\nmax_body = 2048\nlog-level = "debug"')

    assert read_settings_file(file) == {"rate_limit": 5, "max_body": 2048, "log_level": "debug"}


def test_one_text_is_a_list_of_one(tmp_path: Path) -> None:
    assert read_settings_file(written(tmp_path, 'web = "backend"')) == {"web": ["backend"]}


def test_every_mistake_is_named_with_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'prot = 81\nport = "81"\nstrict-keys = 1\n[serve]\nhost = "x"')

    with pytest.raises(InvalidArgument) as caught:
        read_settings_file(file)

    told = {violation.field: violation.description for violation in caught.value.violations}
    assert told.keys() == {f"{file}: {key}" for key in ("prot", "port", "strict-keys", "serve")}
    assert "is no setting" in told[f"{file}: prot"]
    assert "rate-limit" in told[f"{file}: prot"]
    assert "wrong type" in told[f"{file}: port"]


def test_a_key_in_both_spellings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="is set twice"):
        read_settings_file(written(tmp_path, "rate-limit = 5\nrate_limit = 6"))


@pytest.mark.parametrize("text", ["port = ", "port = 1\nport = 2"])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MalformedRequest, match="is not TOML"):
        read_settings_file(written(tmp_path, text))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(MalformedRequest, match="is not TOML"):
        read_settings_file(file)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_settings_file(tmp_path / "nowhere.toml")


def test_the_default_file_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings_file(None) == {}

    (tmp_path / "contactory.toml").write_text("port = 82")
    assert read_settings_file(None) == {"port": 82}


def test_every_option_of_serve_is_a_key_of_the_file() -> None:
    options = set(inspect.signature(serve).parameters) - {"terminal"}

    assert set(FileSettings.__struct_fields__) == options | {"store", "site", "key"}
