"""A request's body -> the pictures in it, within the bounds, before anything waits for a turn."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import FormParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from edgemnist.errors import reason_of
from edgemnist.serve.bounds import BODY_S, MAX_BODY_BYTES, MAX_HELD_BYTES, MAX_PARTS, MAX_PICTURES
from edgemnist.serve.problems import ProblemError, busy

BODY = "body"
"""What a picture is called that comes without a name."""


@dataclass(frozen=True)
class Upload:
    """A picture that a client sent."""

    name: str
    """Its file's, for the answer alone, or `body`."""
    content: bytes


class Bodies:
    """The bodies that are held at once: their bytes have a bound together."""

    def __init__(self) -> None:
        self._held_bytes = 0

    @contextlib.asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request, held until the block is left.

        Raises:
            ProblemError: it is too large, too slow, or too much is held already.
        """
        parts: list[bytes] = []
        try:
            try:
                async with asyncio.timeout(BODY_S):
                    async for part in self._parts(request):
                        parts.append(part)
            except TimeoutError:
                raise ProblemError(408, f"the body did not arrive within {BODY_S} seconds") from None
            except ClientDisconnect:
                raise ProblemError(400, "the client left before its body was there") from None
            yield b"".join(parts)
        finally:
            self._held_bytes -= sum(map(len, parts))

    async def _parts(self, request: Request) -> AsyncIterator[bytes]:
        """The parts of a body as they arrive, each counted as held."""
        if int(request.headers.get("content-length", 0)) > MAX_BODY_BYTES:
            raise _too_large()
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise _too_large()
            if self._held_bytes + len(part) > MAX_HELD_BYTES:
                raise busy("too many pictures arrive at once")
            self._held_bytes += len(part)
            yield part


def uploads(body: bytes, content_type: str) -> list[Upload]:
    """The pictures in a body: the body itself, or the files of a form.

    Raises:
        ProblemError: there is none, there are too many, or the form is damaged.
    """
    kind, options = parse_options_header(content_type)
    is_form = kind == b"multipart/form-data"
    found = _files(body, options.get(b"boundary", b"")) if is_form else [Upload(BODY, body)]
    if not found or not found[0].content:
        raise ProblemError(
            422, "there is no picture in the request; send its bytes as the body, or as a file of a form"
        )
    if len(found) > MAX_PICTURES:
        raise ProblemError(413, f"{len(found)} pictures are too many for one request; send {MAX_PICTURES} at most")
    return found


def _files(body: bytes, boundary: bytes) -> list[Upload]:
    found: list[Upload] = []
    parts = 0

    def on_field(_field: object) -> None:
        nonlocal parts
        parts += 1
        if parts > MAX_PARTS:
            raise ProblemError(413, f"the form has more than {MAX_PARTS} parts")

    def on_file(file: Any) -> None:
        on_field(file)
        file.file_object.seek(0)
        name = (file.file_name or b"").decode("utf-8", "replace")
        found.append(Upload(name or BODY, file.file_object.read()))

    in_memory = {"MAX_MEMORY_FILE_SIZE": MAX_BODY_BYTES}
    try:
        parser = FormParser("multipart/form-data", on_field, on_file, boundary=boundary, config=in_memory)
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ProblemError(400, f"the form is damaged: {reason_of(error)}") from None
    return found


def _too_large() -> ProblemError:
    return ProblemError(413, f"the body is larger than {MAX_BODY_BYTES >> 20} MB; send fewer or smaller pictures")
