"""A server in a process of its own, on a port of loopback that is free."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.append(str(Path(__file__).resolve().parents[1] / "edge"))

from ctrl_c import hear_ctrl_c

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PATIENCE_S = 60
"""For an answer on a busy machine; a server that hangs fails the test."""


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """The reply to a request; `_` in the names of headers stands for `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            reply = connection.getresponse()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()


@contextmanager
def serving(
    *arguments: object, preexec: Callable[[], object] = hear_ctrl_c, bounds: dict[str, float] | None = None
) -> Iterator[Served]:
    """`edgemnist serve` with these arguments, until the block is left; it must not have said a word.

    `bounds` stand in place of those of serve/bounds.py.
    """
    code = f"import runpy\nfrom edgemnist.serve import bounds\nvars(bounds).update({bounds or {}})\n"
    code += "runpy.run_module('edgemnist', run_name='__main__')"
    command = [sys.executable, "-c", code, "serve", "--port", "0", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=preexec
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, process.communicate()[1]
            yield Served(url, process)
        finally:
            process.terminate()
            said = process.communicate(timeout=PATIENCE_S)[1]
    assert said == ""


def form(files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form of files by their names: its body and content type."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="picture"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in files
    ]
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def as_png(image: NDArray[np.uint8]) -> bytes:
    """An image as a file."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()
