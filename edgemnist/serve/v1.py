"""The routes below /v1: pictures in, answers out, examples kept."""

import json
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edgemnist import __version__
from edgemnist.classifier import Classifier
from edgemnist.reading.crop import parse_crop
from edgemnist.serve import bounds, schema
from edgemnist.serve.body import Upload, uploads
from edgemnist.serve.examples import example_image
from edgemnist.serve.predict import Wish, as_plain
from edgemnist.serve.problems import ProblemError
from edgemnist.serve.server import Server

_JSON = "application/json"
_PROBLEMS = schema.problems(400, 408, 413, 422, 503)


def v1_routes(server: Server) -> APIRouter:
    """The routes that read with what `server` has."""
    routes = APIRouter(prefix="/v1")

    @routes.post(
        "/predict",
        responses={200: {"model": schema.Answers}, **_PROBLEMS},
        openapi_extra=schema.picture_body(several=True),
    )
    async def predict(request: Request, query: Annotated[schema.PredictQuery, Query()]) -> Response:
        """Read the digits in pictures: an answer for each, as `edgemnist infer --format json` prints it."""
        crop = parse_crop(query.crop, query.rotate) if query.crop else None
        wish = Wish(query.row, crop, query.rotate, query.top_k, query.inputs)

        def work(pictures: list[Upload]) -> object:
            answers = server.reader.answer(pictures, wish)
            server.metrics.count_answers(answer.status for answer in answers)
            if query.collect:
                server.reader.keep(answers)
            return {"answers": [as_plain(answer, wish) for answer in answers]}

        return Response(await _answered(server, request, work), media_type=_JSON)

    @routes.post(
        "/examples",
        status_code=201,
        responses={201: {"model": schema.Kept}, **_PROBLEMS, **schema.problems(404, 507)},
        openapi_extra=schema.picture_body(several=False),
    )
    async def examples(request: Request, query: Annotated[schema.ExampleQuery, Query()]) -> Response:
        """Keep a picture of a digit below its label, to learn from; only where the server collects."""
        kept = server.examples
        if kept is None:
            raise ProblemError(404, "this server keeps no examples; start it with --collect DIR")

        def work(pictures: list[Upload]) -> object:
            if len(pictures) > 1:
                raise ProblemError(422, f"an example is one picture, not {len(pictures)}")
            return {"name": kept.keep(example_image(server.reader.classifier, pictures[0].content), query.label)}

        return Response(await _answered(server, request, work), 201, media_type=_JSON)

    @routes.get("/model", responses={200: {"model": schema.About}, **schema.problems()})
    async def model() -> Response:
        """Say what reads here, and within which limits."""
        about = json.dumps(_about(server.reader.classifier, collect=server.examples is not None))
        return Response(about, media_type=_JSON)

    return routes


async def _answered(server: Server, request: Request, work: Callable[[list[Upload]], object]) -> bytes:
    """The JSON of what `work` makes of the pictures in a request, in its turn."""
    content_type = request.headers.get("content-type", "")

    def in_turn(body: bytes) -> bytes:
        return json.dumps(work(uploads(body, content_type)), allow_nan=False).encode()

    async with server.bodies.read(request) as body:
        return await server.turns.take(partial(in_turn, body))


def _about(classifier: Classifier, *, collect: bool) -> dict[str, Any]:
    opened = classifier.model
    info = opened.info
    return {
        "name": opened.name,
        "kind": info.kind,
        "sha256": opened.sha256,
        "precision": info.precision,
        "labels": info.labels,
        "thresholds": {
            "confidence": info.confidence.threshold,
            "evidence": info.outliers.threshold if info.outliers else None,
        },
        "engine": opened.engine,
        "version": __version__,
        "collect": collect,
        "limits": {
            "body_bytes": bounds.MAX_BODY_BYTES,
            "pictures": bounds.MAX_PICTURES,
            "images": bounds.MAX_IMAGES,
            "pixels": classifier.max_pixels,
            "waiting": bounds.MAX_WAITING,
        },
    }
