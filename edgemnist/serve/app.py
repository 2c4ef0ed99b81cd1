"""The ASGI application: its routes, and what each hands on to."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from edgemnist import __version__
from edgemnist.classifier import Classifier
from edgemnist.errors import EdgemnistError, PictureError, StorageError, UsageError
from edgemnist.infer.collect import Collector
from edgemnist.reading.crop import parse_crop
from edgemnist.serve import bounds
from edgemnist.serve.body import Bodies, uploads
from edgemnist.serve.examples import Examples, example_image
from edgemnist.serve.guard import App, Rules, guarded
from edgemnist.serve.metrics import Metrics
from edgemnist.serve.predict import Reader, Wish, as_plain
from edgemnist.serve.problems import ProblemError, as_problem, problem_response
from edgemnist.serve.static import INDEX, page_files
from edgemnist.serve.turns import Turns

JSON = "application/json"


@dataclass(frozen=True)
class Server:
    """What requests are answered with."""

    reader: Reader
    examples: Examples | None
    """None where nothing is collected."""
    bodies: Bodies
    turns: Turns
    metrics: Metrics


def make_app(
    classifier: Classifier, rules: Rules, threads: int, collect: Path | None, say: Callable[[str], None]
) -> App:
    """The ASGI application that reads with `classifier` in so many threads, for whom `rules` allow."""
    turns = Turns(threads)
    server = Server(
        Reader(classifier, Collector(collect, say, everything=False) if collect else None),
        Examples(collect) if collect else None,
        Bodies(),
        turns,
        Metrics(turns),
    )
    api = FastAPI(title="edgemnist", version=__version__, docs_url=None, redoc_url=None)
    _add_errors(api)
    _add_page(api)
    _add_health(api, server)
    _add_reading(api, server)
    return server.metrics.counting(guarded(api, rules))


def _add_errors(api: FastAPI) -> None:
    async def answer(request: Request, error: Exception) -> Response:
        return problem_response(_problem(error), request.url.path)

    for kind in (ProblemError, EdgemnistError, RequestValidationError, HTTPException):
        api.add_exception_handler(kind, answer)


def _problem(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, PictureError | UsageError):
        return as_problem(error)
    if isinstance(error, StorageError):
        return ProblemError(507, str(error))
    if isinstance(error, HTTPException):
        return ProblemError(error.status_code, error.detail, error.headers)
    assert isinstance(error, RequestValidationError)
    reasons = (f"{'.'.join(map(str, reason['loc']))}: {reason['msg']}" for reason in error.errors())
    return ProblemError(422, "; ".join(reasons))


def _add_page(api: FastAPI) -> None:
    files = page_files()

    async def page(name: str = INDEX) -> Response:
        if name not in files:
            raise ProblemError(404, f"the page has no file {name}")
        found = files[name]
        return Response(found.content, headers={"Cache-Control": "no-cache"}, media_type=found.content_type)

    async def index() -> Response:
        return await page()

    api.get("/", include_in_schema=False)(index)
    api.get("/page/{name}", include_in_schema=False)(page)


def _add_health(api: FastAPI, server: Server) -> None:
    @api.get("/healthz")
    async def healthz() -> Response:
        return Response("ok\n", media_type="text/plain")

    @api.get("/readyz")
    async def readyz() -> Response:
        if server.turns.taken >= bounds.MAX_WAITING:
            raise ProblemError(503, "the queue is full")
        return Response("ok\n", media_type="text/plain")

    @api.get("/metrics")
    async def metrics() -> Response:
        return Response(server.metrics.text(), media_type="text/plain; version=0.0.4")


def _add_reading(api: FastAPI, server: Server) -> None:
    classifier = server.reader.classifier

    @api.post("/v1/predict")
    async def predict(
        request: Request,
        row: bool = False,
        crop: str | None = None,
        rotate: int = 0,
        top_k: Annotated[int, Query(ge=1, le=10)] = 1,
        inputs: bool = False,
        collect: bool = True,
    ) -> Response:
        """Read the digits in pictures."""
        wish = Wish(row, parse_crop(crop, rotate) if crop else None, rotate, top_k, inputs)

        def work(body: bytes) -> bytes:
            answers = server.reader.answer(uploads(body, content_type), wish)
            server.metrics.count_answers(answer.status for answer in answers)
            if collect:
                server.reader.keep(answers)
            return json.dumps({"answers": [as_plain(answer, wish) for answer in answers]}, allow_nan=False).encode()

        content_type = request.headers.get("content-type", "")
        async with server.bodies.read(request) as body:
            return Response(await server.turns.take(partial(work, body)), media_type=JSON)

    @api.post("/v1/examples", status_code=201)
    async def examples(request: Request, label: Annotated[str, Query(pattern="^[0-9]$")]) -> Response:
        """Keep a picture of a digit, to learn from it."""
        kept = server.examples
        if kept is None:
            raise ProblemError(404, "this server keeps no examples; start it with --collect DIR")

        def work(body: bytes) -> bytes:
            found = uploads(body, content_type)
            if len(found) > 1:
                raise ProblemError(422, "an example is one picture")
            name = kept.keep(example_image(classifier, found[0].content), label)
            return json.dumps({"name": name}).encode()

        content_type = request.headers.get("content-type", "")
        async with server.bodies.read(request) as body:
            return Response(await server.turns.take(partial(work, body)), 201, media_type=JSON)

    @api.get("/v1/model")
    async def model() -> Response:
        """What reads here."""
        return Response(json.dumps(_about(classifier, server)), media_type=JSON)


def _about(classifier: Classifier, server: Server) -> dict[str, Any]:
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
        "collect": server.examples is not None,
        "limits": {
            "body_bytes": bounds.MAX_BODY_BYTES,
            "pictures": bounds.MAX_PICTURES,
            "images": bounds.MAX_IMAGES,
            "pixels": classifier.max_pixels,
            "waiting": bounds.MAX_WAITING,
        },
    }
