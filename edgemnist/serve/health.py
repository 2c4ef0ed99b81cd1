"""The routes that watch over a server: whether it lives, whether it takes requests, what it has done."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from edgemnist.serve import schema
from edgemnist.serve.bounds import MAX_WAITING
from edgemnist.serve.problems import busy
from edgemnist.serve.server import Server


def health_routes(server: Server) -> APIRouter:
    """The routes that tell of `server`."""
    routes = APIRouter(default_response_class=PlainTextResponse)

    @routes.get("/healthz", responses=schema.problems())
    async def healthz() -> PlainTextResponse:
        """Say that the server runs."""
        return PlainTextResponse("ok\n")

    @routes.get("/readyz", responses=schema.problems(503))
    async def readyz() -> PlainTextResponse:
        """Say whether the server takes requests."""
        if server.turns.taken >= MAX_WAITING:
            raise busy(f"{MAX_WAITING} requests wait already")
        return PlainTextResponse("ok\n")

    @routes.get("/metrics", responses=schema.problems())
    async def metrics() -> PlainTextResponse:
        """Count requests, errors, seconds and answers, in Prometheus' text form."""
        return PlainTextResponse(server.metrics.text(), media_type="text/plain; version=0.0.4")

    return routes
