"""The blocking bridge: the same calls without an event loop."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import contactory
from contactory import Contact, errors
from tests.servers import Server, store_url

INFO = {"name": {"first": "John"}, "emails": {"items": [{"email": "john@example.com"}]}}


def test_an_embedded_store_is_used_without_an_event_loop(tmp_path: Path) -> None:
    url = store_url(tmp_path / "contacts.db")

    with contactory.connect_blocking(url) as connection:
        made = connection.call(connection.crm.contacts.create_contact, INFO)
        with pytest.raises(errors.DuplicateContact) as caught:
            connection.call(connection.crm.contacts.create_contact, INFO, idempotency_key="k")
        key = connection.call(connection.crm.keys.create_key, "mine")

    assert isinstance(made, Contact)
    assert caught.value.contact_id == made.id
    assert key.name == "mine"
    with contactory.connect_blocking(url) as connection:
        assert connection.call(connection.crm.contacts.get_contact, made.id) == made


def test_a_server_is_called_without_an_event_loop(server: Server) -> None:
    with contactory.connect_blocking(server.url, key=server.key) as connection:
        made = connection.call(connection.crm.contacts.create_contact, INFO)

        assert connection.call(connection.crm.contacts.get_contact, made.id) == made


def test_many_threads_share_one_connection(tmp_path: Path) -> None:
    with (
        contactory.connect_blocking(store_url(tmp_path / "contacts.db")) as connection,
        ThreadPoolExecutor(8) as pool,
    ):

        def create(at: int) -> str:
            info = {"emails": {"items": [{"email": f"{at % 40}@example.com"}]}}
            try:
                return connection.call(connection.crm.contacts.create_contact, info).id
            except errors.DuplicateContact as error:
                return error.contact_id

        found = list(pool.map(create, range(80)))

    assert len(set(found)) == 40
    assert found[:40] == found[40:]


def test_what_cannot_be_opened_is_told_and_no_thread_is_left(tmp_path: Path) -> None:
    (tmp_path / "contacts.db").write_bytes(b"no database" * 500)
    before = threading.active_count()

    with (
        pytest.raises(errors.StoreDamaged),
        contactory.connect_blocking(store_url(tmp_path / "contacts.db")),
    ):
        pass

    assert threading.active_count() == before


def test_after_the_end_nothing_is_called(tmp_path: Path) -> None:
    with contactory.connect_blocking(store_url(tmp_path / "contacts.db")) as connection:
        pass

    with pytest.raises(RuntimeError):
        connection.call(connection.crm.contacts.create_contact, INFO)
