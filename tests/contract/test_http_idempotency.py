"""The header Idempotency-Key: a create that is sent twice happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import CONTACTS, Json, application_error, create, created, john, violations
from tests.servers import Server, new_key


def key(text: str = "") -> Json:
    return {"idempotency-key": text or uuid4().hex}


def test_the_same_key_and_body_answer_the_first_result_to_the_byte(client: httpx2.Client) -> None:
    headers, info = key(), john(extendedFields={"items": {"custom.nickname": "Jonny"}})
    first = create(client, info, headers=headers)
    again = create(client, info, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    # Without the key, it would be a duplicate by now.
    assert create(client, info).status_code == 409


def test_the_same_body_in_another_order_of_names_is_the_same(client: httpx2.Client) -> None:
    headers, info = key(), john()
    first = create(client, info, headers=headers)
    body = {"allowDuplicates": False, "info": dict(reversed(info.items()))}
    again = client.post(CONTACTS, json=body, headers=headers)
    assert first.content == again.content


@pytest.mark.parametrize("change", [{"allowDuplicates": True}, {"info": {"company": "X"}}])
def test_the_same_key_with_another_body_is_refused(client: httpx2.Client, change: Json) -> None:
    headers, info = key(), john()
    created(client, info, headers=headers)
    other = {"info": info | change.get("info", {})} | {
        k: v for k, v in change.items() if k != "info"
    }
    answer = client.post(CONTACTS, json=other, headers=headers)
    assert answer.status_code == 422
    error = application_error(answer)
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert error["data"] == {}


def test_two_requests_at_once_with_one_key_make_one_contact(client: httpx2.Client) -> None:
    for _ in range(10):
        headers, info = key(), john()
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(create, client, info, headers=headers) for _ in range(4)]
            answers = [one.result() for one in sent]
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1


def test_callers_do_not_share_keys(server: Server, client: httpx2.Client) -> None:
    headers, info = key(), john()
    first = created(client, info, headers=headers)
    with server.client(new_key(server.store)) as other:
        second = created(other, info, headers=headers, allowDuplicates=True)
        assert first["id"] != second["id"]
        assert create(other, john(), headers=headers).status_code == 422


def test_a_refused_create_leaves_its_key_free(client: httpx2.Client) -> None:
    headers = key()
    assert violations(create(client, {"company": 7}, headers=headers))
    taken = john()
    created(client, taken)
    assert create(client, taken, headers=headers).status_code == 409
    assert create(client, john(), headers=headers).status_code == 200


@pytest.mark.parametrize("bad", ["", "x" * 256, "a\tb", b"\x85"])
def test_a_key_that_is_none_is_refused(client: httpx2.Client, bad: str | bytes) -> None:
    info = john()
    answer = client.post(CONTACTS, json={"info": info}, headers={"idempotency-key": bad})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "MALFORMED_REQUEST"
    assert create(client, info).status_code == 200, "the refused one was stored"


def test_a_long_key_is_taken(client: httpx2.Client) -> None:
    assert create(client, john(), headers=key("x" * 255)).status_code == 200
