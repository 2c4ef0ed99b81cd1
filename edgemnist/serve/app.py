"""The ASGI application: its routes, what every request passes before them, and what errors become."""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from edgemnist import __version__
from edgemnist.classifier import Classifier
from edgemnist.errors import EdgemnistError, PictureError, StorageError, UsageError, printable
from edgemnist.infer.collect import Collector
from edgemnist.serve.body import Bodies
from edgemnist.serve.examples import Examples
from edgemnist.serve.guard import OPEN_PATHS, App, Rules, guarded
from edgemnist.serve.health import health_routes
from edgemnist.serve.metrics import Metrics
from edgemnist.serve.predict import Reader
from edgemnist.serve.problems import ProblemError, as_problem, problem_response
from edgemnist.serve.server import Server
from edgemnist.serve.static import page_routes
from edgemnist.serve.turns import Turns
from edgemnist.serve.v1 import v1_routes
from edgemnist.serve.v2 import v2_routes


def make_app(
    classifier: Classifier, rules: Rules, threads: int, collect: Path | None, say: Callable[[str], None]
) -> App:
    """The ASGI application that reads with `classifier` in so many threads, for whom `rules` allow.

    Raises:
        ModelError: the finder's file is missing or damaged.
    """
    _ = classifier.find  # opened now, once, and not by each of the first requests
    turns = Turns(threads)
    server = Server(
        Reader(classifier, Collector(collect, say, everything=False) if collect else None),
        Examples(collect) if collect else None,
        Bodies(),
        turns,
        Metrics(turns),
    )
    api = FastAPI(title="edgemnist", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    for kind in (ProblemError, EdgemnistError, RequestValidationError, HTTPException):
        api.add_exception_handler(kind, _answer_error)
    for routes in (page_routes(), health_routes(server), v1_routes(server), v2_routes(server)):
        api.include_router(routes)
    if rules.token:
        _say_that_a_token_is_wanted(api)
    return server.metrics.counting(guarded(api, rules))


def _say_that_a_token_is_wanted(api: FastAPI) -> None:
    described = api.openapi()  # kept by it from now on
    described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in described["paths"].items():
        if path not in OPEN_PATHS:
            for operation in methods.values():
                operation["security"] = [{"token": []}]


async def _answer_error(request: Request, error: Exception) -> Response:
    return problem_response(_problem(error, request), request.url.path)


def _problem(error: Exception, request: Request) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, PictureError | UsageError):
        return as_problem(error)
    if isinstance(error, StorageError):
        return ProblemError(507, str(error))
    if isinstance(error, HTTPException):
        reasons = {404: "there is nothing at this path", 405: f"{request.method} is not what this path answers"}
        return ProblemError(
            error.status_code, f"{reasons.get(error.status_code, error.detail)}; see /openapi.json", error.headers
        )
    if isinstance(error, RequestValidationError):
        wrong = (f"{'.'.join(map(str, reason['loc']))}: {reason['msg']}" for reason in error.errors())
        return ProblemError(422, printable("; ".join(wrong)))
    raise error
