"""For those who keep the server running: alive, ready, metrics."""

from __future__ import annotations

from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactory.domain.errors import ContactoryError, Unavailable
from contactory.http.answers import json_answer
from contactory.http.errors import error_answer
from contactory.http.settings import HttpSettings
from contactory.ops.crm import Crm


def health_routes(crm: Crm, settings: HttpSettings, metrics_folder: str | None) -> list[Route]:
    """`/healthz`, `/readyz` and, unless it is off, `/metrics`."""

    async def healthz(_request: Request) -> Response:
        return json_answer({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        try:
            await crm.ping()
        except ContactoryError as error:
            return error_answer(Unavailable(f"the store does not answer: {error.message}"))
        return json_answer({"status": "ready"})

    async def metrics(_request: Request) -> Response:
        registry = REGISTRY
        if metrics_folder is not None:
            registry = CollectorRegistry()
            collector: Any = MultiProcessCollector
            collector(registry, metrics_folder)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    routes = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]
    if settings.metrics:
        routes.append(Route("/metrics", metrics, methods=["GET"]))
    return routes
