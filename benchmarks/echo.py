"""The limit for HTTP creates: Starlette decodes the same body and sends it back."""

from __future__ import annotations

import sys

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def _echo(request: Request) -> Response:
    body = msgspec.json.decode(await request.body())
    return Response(msgspec.json.encode(body), media_type="application/json")


app = Starlette(routes=[Route("/contacts/v4/contacts", _echo, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
