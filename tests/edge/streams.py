"""An HTTP server on the loopback, for tests of streams."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edgemnist.camera.frames import Clock

PATIENCE_S = 60
"""Nothing waits so long; this ends a test that would hang."""
Give = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(give: Give) -> Iterator[str]:
    """The address of a server that answers each request by `give`; `http://127.0.0.1:1234`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                give(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the reader left

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def begin_mjpeg(request: BaseHTTPRequestHandler) -> None:
    """Send what stands before the pictures of a stream."""
    request.send_response(200)
    request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
    request.end_headers()


def send_picture(request: BaseHTTPRequestHandler, picture: bytes) -> None:
    """Send one picture of a stream."""
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
    request.wfile.write(head + picture + b"\r\n")


class Demand:
    """A camera's clock that tells a server in the test when to send: whenever somebody looks at it."""

    def __init__(self) -> None:
        self._asked = threading.Semaphore(0)
        self._seconds = 0.0
        self.clock = Clock(self._look, wait=lambda seconds: None)

    def _look(self) -> float:
        self._asked.release()
        self._seconds += 1
        return self._seconds

    def wait(self) -> None:
        """Return once somebody has looked once more."""
        assert self._asked.acquire(timeout=PATIENCE_S)
