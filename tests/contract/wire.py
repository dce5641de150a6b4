"""Requests and answers as the contract writes them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2

CONTACTS = "/contacts/v4/contacts"
NOBODY = "00000000-0000-4000-8000-000000000000"

Json = dict[str, Any]


def fresh_email() -> str:
    """An address that nobody has."""
    return f"{uuid4().hex}@example.com"


def john(email: str | None = None, **more: Any) -> Json:
    """The seed's first contact, with an address of its own."""
    items = [{"email": email or fresh_email()}]
    return {"name": {"first": "John", "last": "Doe"}, "emails": {"items": items}, **more}


def create(client: httpx2.Client, info: Any, **more: Any) -> httpx2.Response:
    """The answer to a create; `headers` are the request's, the rest goes into the body."""
    headers = more.pop("headers", None)
    return client.post(CONTACTS, json={"info": info, **more}, headers=headers)


def created(client: httpx2.Client, info: Any, **more: Any) -> Json:
    """The contact of a create that succeeds: exactly 200, in JSON, in its envelope."""
    answer = create(client, info, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"contact"}
    return dict(answer.json()["contact"])


def application_error(answer: httpx2.Response) -> Json:
    """The application error of an answer, whose form is that of CONTRACT C.1."""
    body = _error_body(answer)
    assert body["details"].keys() == {"applicationError"}
    error = body["details"]["applicationError"]
    assert error.keys() == {"code", "description", "data"}
    assert isinstance(error["code"], str)
    assert error["description"]
    return dict(error)


def violations(answer: httpx2.Response) -> list[Json]:
    """The violations of an answer, each with what the SDK needs (CONTRACT C.1, C.4)."""
    assert answer.status_code == 400, answer.text
    body = _error_body(answer)
    assert body["details"].keys() == {"validationError"}
    found = body["details"]["validationError"]["fieldViolations"]
    assert found
    for violation in found:
        assert isinstance(violation["field"], str)
        assert violation["field"]
        assert violation["description"]
        assert violation["violatedRule"] in VOCABULARY
        assert violation["violatedRule"] != "OTHER" or violation["ruleName"]
    told = [f"{violation['field']} {violation['description']}" for violation in found]
    assert body["message"] == ", ".join(told)
    return list(found)


def _error_body(answer: httpx2.Response) -> Json:
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"message", "details"}
    assert body["message"]
    return dict(body)


VOCABULARY = set(
    "FORMAT REQUIRED_FIELD MIN_SIZE MIN_LENGTH MAX_SIZE MAX_LENGTH EXACT_SIZE EXACT_LENGTH MIN MAX "
    "DECIMAL_LT DECIMAL_LTE DECIMAL_GT DECIMAL_GTE DECIMAL_MAX_SCALE INVALID_ENUM_VALUE "
    "FIELD_NOT_ALLOWED ONE_OF_ALIGNMENT REQUIRED_ONE_OF_FIELD VALIDATION OTHER".split()
)
"""The words of CONTRACT C.4."""
