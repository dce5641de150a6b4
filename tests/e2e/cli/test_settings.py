"""Which setting wins: an option, else the environment, else the file, else the default."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.cli.running import document, refused, running
from tests.servers import run_command, told


def served_store(folder: Path, *options: str, **settings: str) -> str:
    with running(folder, "--json", *options, **settings) as process:
        return str(document(process)["store"])


def test_the_environment_beats_the_file_and_an_option_beats_both(tmp_path: Path) -> None:
    assert served_store(tmp_path) == "sqlite:///contactory.db"

    (tmp_path / "contactory.toml").write_text('store = "sqlite:///file.db"')
    assert served_store(tmp_path) == "sqlite:///file.db"

    environment = {"CONTACTORY_STORE": "sqlite:///environment.db"}
    assert served_store(tmp_path, **environment) == "sqlite:///environment.db"

    option = ("--store", "sqlite:///option.db")
    assert served_store(tmp_path, *option, **environment) == "sqlite:///option.db"


def test_every_command_reads_the_file(tmp_path: Path) -> None:
    store = tmp_path / "contacts.db"
    site = told(store, "sites", "create", "Second")["siteId"]
    (tmp_path / "contactory.toml").write_text(f'site = "{site}"\nport = 81')

    assert told(store, "keys", "create")["siteId"] == site


def test_another_file_is_read_where_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "contactory.toml").write_text('store = "sqlite:///wrong.db"')
    (tmp_path / "mine.toml").write_text('store = "sqlite:///mine.db"\nport = 0')

    assert served_store(tmp_path, "--config", "mine.toml") == "sqlite:///mine.db"


def test_numbers_lists_and_flags_come_from_the_file_too(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "contactory.toml").write_text(
        'port = 0\nhost = "127.0.0.1"\nstrict-keys = true\nsource = ["api_key=IMPORT"]\n'
        'rate-limit = 100\npages = "public"\nlog-level = "error"\nmetrics = false\n'
    )

    with running(tmp_path, "--json", "--config", "contactory.toml") as process:
        assert document(process)["url"].startswith("http://127.0.0.1:")


def test_lists_in_the_environment_have_blanks_between(tmp_path: Path) -> None:
    done = refused(tmp_path, CONTACTORY_SOURCE="api_key=IMPORT robot=OTHER fish=OTHER")

    assert [line.split()[2] for line in done.stderr.splitlines()] == ["robot=OTHER", "fish=OTHER"]


def test_a_mistake_in_the_file_is_told_by_every_command(tmp_path: Path) -> None:
    (tmp_path / "contactory.toml").write_text("prot = 1\nport = true")

    done = run_command(tmp_path / "contacts.db", "keys", "list")

    assert done.returncode == 2
    assert [line.split(" is ")[0].split(" has ")[0] for line in done.stderr.splitlines()] == [
        "error: contactory.toml: prot",
        "error: contactory.toml: port",
    ]
