"""What goes wrong over HTTP, as RFC 9457 has it: problem+json with the one line that the command would say."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from edgemnist.errors import EdgemnistError
from edgemnist.serve.bounds import RETRY_S

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """An answer that is none: its status, and why in one line."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def busy(what: str) -> ProblemError:
    """A `ProblemError` that is over when the client tries again."""
    return ProblemError(503, f"{what}; try again in {RETRY_S} seconds", {"Retry-After": str(RETRY_S)})


def as_problem(error: EdgemnistError) -> ProblemError:
    """What an error of ours is to a client: its picture, or what it wants of it, makes no sense."""
    # What the person at the command line could do does not help the client.
    return ProblemError(422, str(error).removeprefix("--").partition(", or allow more with")[0])


def problem_response(problem: ProblemError, path: str) -> Response:
    """The response for a problem with a request to `path`; the Open Inference Protocol wants `error` in it."""
    fields = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if path.startswith("/v2"):
        fields["error"] = problem.detail
    return Response(json.dumps(fields), problem.status, problem.headers, MEDIA_TYPE)
