"""The routes below /v2: the Open Inference Protocol over HTTP, as KServe and Triton speak it."""

import json
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from edgemnist import __version__
from edgemnist.model.opened import run
from edgemnist.serve import schema
from edgemnist.serve.open_inference import (
    LENGTH_HEADER,
    METADATA,
    MODEL_NAME,
    parse_request,
    render_response,
)
from edgemnist.serve.problems import ProblemError
from edgemnist.serve.server import Server

_MODEL = f"/models/{MODEL_NAME}"


def v2_routes(server: Server) -> APIRouter:
    """The routes that run the model of `server`."""
    routes = APIRouter(prefix="/v2")
    model = server.reader.classifier.model

    def says(path: str, fields: dict[str, Any], what: str) -> None:
        content = json.dumps(fields)

        async def answer() -> Response:
            return Response(content, media_type="application/json")

        answer.__doc__ = what
        routes.get(path, responses=schema.problems(), summary=what, operation_id=f"v2{path}")(answer)

    says("", {"name": MODEL_NAME, "version": __version__, "extensions": ["binary_tensor_data"]}, "Describe the server.")
    says("/health/live", {"live": True}, "Say that the server runs.")
    says("/health/ready", {"ready": True}, "Say that the server can answer.")
    says(_MODEL, METADATA, "Describe the model's tensors.")
    says(f"{_MODEL}/ready", {"name": MODEL_NAME, "ready": True}, "Say that the model can answer.")

    @routes.post(
        f"{_MODEL}/infer",
        responses={**schema.problems(400, 408, 413, 415, 503)},
        openapi_extra=schema.INFER_BODY,
    )
    async def infer(request: Request) -> Response:
        """Run the model on 28x28 images: UINT8 [N, 1, 28, 28] in, probabilities and logits FP32 [N, 10] out."""
        if request.headers.get("content-encoding", "identity") != "identity":
            raise ProblemError(415, "the body is compressed; send it as it is")
        length = request.headers.get(LENGTH_HEADER)

        def work(body: bytes) -> Response:
            wanted = parse_request(body, length)
            content, headers = render_response(wanted, run(model, wanted.images))
            return Response(content, headers=headers)

        async with server.bodies.read(request) as body:
            return await server.turns.take(partial(work, body))

    return routes
