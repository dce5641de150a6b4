"""A receiver of webhook calls that answers at once, and tells when which event came.

`python -m benchmarks.receiver PORT`; GET /count answers how many calls came, GET /times when the
events of which contacts came first, in seconds of the machine's clock.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time

import uvloop

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s"
_calls: list[tuple[float, bytes]] = []


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            if b"content-length:" in head.lower():
                length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            if head.startswith(b"POST"):
                _calls.append((time.time(), body))
                answer = b""
            else:
                answer = _told(head.split(b" ", 2)[1]).encode()
            writer.write(_HEAD % (len(answer), answer))
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


def _told(path: bytes) -> str:
    if path == b"/times":
        times: dict[str, float] = {}
        for came, token in _calls:
            times.setdefault(_entity(token), came)
        return json.dumps(times)
    return json.dumps(len(_calls))


def _entity(token: bytes) -> str:
    claims = token.split(b".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + b"=="))
    return str(json.loads(json.loads(told["data"])["data"])["entityId"])


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
