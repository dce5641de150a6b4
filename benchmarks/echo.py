"""The limit for HTTP: Starlette decodes the same body and sends it back, or what it has ready."""

from __future__ import annotations

import sys

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.bodies import body

_CONTACT = {"contact": {"id": "1", "revision": 1, "info": body(1)}}
_PAGE = {"contacts": [_CONTACT["contact"]] * 50}


async def _echo(request: Request) -> Response:
    return _answer(msgspec.json.decode(await request.body()))


async def _get(request: Request) -> Response:
    return _answer(_CONTACT)


async def _query(request: Request) -> Response:
    msgspec.json.decode(await request.body())
    return _answer(_PAGE)


def _answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


app = Starlette(
    routes=[
        Route("/contacts/v4/contacts", _echo, methods=["POST"]),
        Route("/contacts/v4/contacts/query", _query, methods=["POST"]),
        Route("/contacts/v4/contacts/{id}", _get),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
