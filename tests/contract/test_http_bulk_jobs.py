"""Bulk calls and jobs over HTTP: bodies, paths, statuses (CONTRACT B.10, J23, WIRE 2)."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from contactory.kit.clock import Timestamp
from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    created,
    fresh_email,
    violations,
)
from tests.servers import Server, new_key

BULK = "/contacts/v4/bulk"
JOBS = f"{BULK}/jobs"
DELETE, UPDATE, LABEL = (
    f"{BULK}/contacts/{name}" for name in ("delete", "update", "add-remove-labels")
)
EXTRAS: dict[str, Json] = {
    DELETE: {},
    UPDATE: {"info": {"company": "X"}},
    LABEL: {"labelKeysToAdd": ["contacts.customers"]},
}
WITHIN_S = 30


def group(client: httpx2.Client, size: int, **more: Any) -> tuple[Json, list[Json]]:
    """Contacts of a company of their own, and the filter that finds them."""
    company = f"Company {uuid4().hex}"
    infos = [{"name": {"first": f"P{at}"}, "company": company, **more} for at in range(size)]
    return {"info.company": company}, [created(client, info) for info in infos]


def started(client: httpx2.Client, path: str, body: Json) -> str:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"jobId"}
    assert "contactory-ignored" not in answer.headers
    return str(answer.json()["jobId"])


def shown(client: httpx2.Client, job_id: str, path: str = JOBS) -> Json:
    answer = client.get(f"{path}/{job_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"job"}
    return dict(answer.json()["job"])


def finished(client: httpx2.Client, path: str, body: Json) -> Json:
    """The job of the call at its end, which the server reaches by itself."""
    job_id, ends = started(client, path, body), time.monotonic() + WITHIN_S
    while time.monotonic() < ends:
        job = shown(client, job_id)
        if job["status"] == "COMPLETED":
            return job
        assert job["status"] in {"NEW", "RUNNING"}
        time.sleep(0.01)
    raise AssertionError("the job did not end")


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_a_job_is_shown_in_the_form_of_the_contract(client: httpx2.Client, prefix: str) -> None:
    which, made = group(client, 2)

    job = finished(client, prefix + DELETE, {"filter": which})

    assert job.pop("finishedDate") >= job.pop("startedDate")
    assert {client.get(f"{CONTACTS}/{one['id']}").status_code for one in made} == {404}
    assert job.pop("id")
    assert job == {
        "type": "DELETE",
        "status": "COMPLETED",
        "totalItems": 2,
        "successTotal": 2,
        "failedTotal": 0,
        "errors": [],
        "processedCount": 2,
        "failedCount": 0,
    }


def test_a_job_tells_what_went_wrong_and_how_often(client: httpx2.Client) -> None:
    which, _ = group(client, 3)
    info = {"emails": {"items": [{"email": fresh_email()}]}}

    job = finished(client, UPDATE, {"filter": which, "info": info})

    assert (job["type"], job["totalItems"], job["successTotal"]) == ("UPDATE", 3, 1)
    (error,) = job["errors"]
    assert error.pop("message")
    assert error == {"count": 2, "code": "DUPLICATE_CONTACT_EXISTS"}


def test_an_update_takes_a_field_mask(client: httpx2.Client) -> None:
    which, (contact,) = group(client, 1, jobTitle="Clerk")

    finished(client, UPDATE, {"filter": which, "info": {}, "fieldMask": {"paths": ["jobTitle"]}})

    after = client.get(f"{CONTACTS}/{contact['id']}").json()["contact"]
    assert "jobTitle" not in after["info"]
    assert after["info"]["company"] == contact["info"]["company"]
    assert after["revision"] == 2


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ({"labelKeysToAdd": ["contacts.customers"]}, "ADD_LABELS"),
        ({"labelKeysToRemove": ["contacts.customers"]}, "REMOVE_LABELS"),
        (
            {
                "labelKeysToAdd": ["contacts.customers"],
                "labelKeysToRemove": ["contacts.contacted-me"],
            },
            "ADD_REMOVE_LABELS",
        ),
    ],
)
def test_a_job_of_labels_says_which_way(client: httpx2.Client, labels: Json, kind: str) -> None:
    which, (contact,) = group(client, 1, labelKeys={"items": ["contacts.contacted-me"]})

    assert finished(client, LABEL, {"filter": which, **labels})["type"] == kind

    after = client.get(f"{CONTACTS}/{contact['id']}").json()["contact"]
    keys = set(after["info"]["labelKeys"]["items"])
    assert ("contacts.customers" in keys) is ("labelKeysToAdd" in labels)


@pytest.mark.parametrize(
    "which", [{}, {"filter": {}}, {"filter": None, "search": None}, {"search": ""}], ids=str
)
@pytest.mark.parametrize("path", EXTRAS)
def test_j23_neither_filter_nor_search(client: httpx2.Client, path: str, which: Json) -> None:
    answer = client.post(path, json={**which, **EXTRAS[path]})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "NEITHER_FILTER_NOR_SEARCH"


@pytest.mark.parametrize("path", EXTRAS)
def test_a_bad_filter_is_told_with_its_path(client: httpx2.Client, path: str) -> None:
    body = {"filter": {"info.company": {"$contains": "x"}}, **EXTRAS[path]}
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == "UNSUPPORTED_FILTER_OPERATOR"
    assert error["data"]["path"] == "filter.info.company.$contains"


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        (DELETE, {"search": "x" * 101}, {"search"}),
        (DELETE, {"search": ["x"]}, {"search"}),
        (DELETE, {"deleteMember": "yes"}, {"deleteMember"}),
        (UPDATE, {"info": {"emails": [], "company": 7}}, {"info.emails", "info.company"}),
        (UPDATE, {"info": {"company": "X"}, "fieldMask": ["no"]}, {"fieldMask"}),
        (LABEL, {}, {"labelKeysToAdd"}),
        (LABEL, {"labelKeysToAdd": {"items": ["x"]}}, {"labelKeysToAdd"}),
    ],
)
def test_violations_are_named_with_their_paths(
    client: httpx2.Client, path: str, body: Json, fields: set[str]
) -> None:
    answer = client.post(path, json={"filter": {"info.company": "X"}, **body})
    assert {violation["field"] for violation in violations(answer)} == fields


def test_an_unknown_label_is_404(client: httpx2.Client) -> None:
    body = {"filter": {"info.company": "X"}, "labelKeysToRemove": ["custom.unknown"]}
    answer = client.post(LABEL, json=body)
    assert answer.status_code == 404
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("LABEL_NOT_FOUND", {"labelKeys": ["custom.unknown"]})


def test_an_update_without_info_is_400(client: httpx2.Client) -> None:
    answer = client.post(UPDATE, json={"filter": {"info.company": "X"}})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INSUFFICIENT_UPDATE_CONTACT_DATA"


def test_members_are_deleted_by_those_alone_who_may(server: Server) -> None:
    body = {"filter": {"info.company": "Nobody's"}, "deleteMember": True}
    with server.client(new_key(server.store, "MANAGE_CONTACTS")) as manager:
        answer = manager.post(DELETE, json=body)
        assert answer.status_code == 403
        assert application_error(answer)["data"] == {"permission": "MEMBERS.MEMBER_DELETE"}
        started(manager, DELETE, body | {"deleteMember": False})
    key = new_key(server.store, "MANAGE_CONTACTS", "MEMBERS.MEMBER_DELETE")
    with server.client(key) as manager:
        started(manager, DELETE, body)


def test_jobs_are_listed_newest_first_and_found_at_both_paths(client: httpx2.Client) -> None:
    ids = [finished(client, DELETE, {"search": uuid4().hex})["id"] for _ in range(2)]

    for path in (JOBS, f"{BULK}/contact/jobs"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.json().keys() == {"jobs"}
        jobs = answer.json()["jobs"]
        assert [job["id"] for job in jobs[:2]] == ids[::-1]
        assert shown(client, ids[0], path) == jobs[1]
        assert len(jobs) <= 100


@pytest.mark.parametrize("path", [JOBS, f"{BULK}/contact/jobs"])
@pytest.mark.parametrize("job_id", [NOBODY, "x", "%20"])
def test_a_job_that_is_not_there_is_404(client: httpx2.Client, path: str, job_id: str) -> None:
    answer = client.get(f"{path}/{job_id}")
    assert answer.status_code == 404
    assert application_error(answer)["code"] == "NOT_FOUND"


def test_a_job_counts_from_when_it_was_ordered(client: httpx2.Client) -> None:
    before = Timestamp.current()
    job = finished(client, DELETE, {"search": uuid4().hex})
    assert before.text <= job["startedDate"] <= job["finishedDate"] <= Timestamp.current().text
