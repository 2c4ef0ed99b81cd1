"""A socket, the server on it, and its end: what is in flight is answered before a signal ends it."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

from edgemnist.errors import StorageError, UsageError
from edgemnist.serve.bounds import HEAD_S, KEEP_ALIVE_S, MAX_CONNECTIONS, STOP_S
from edgemnist.serve.guard import App


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there, for one more port of its choice when it is 0.

    Raises:
        UsageError: `host` is no address of this machine.
        StorageError: the port is taken, or not for this user.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--host {host} is no address: {getattr(error, 'strerror', None) or error}") from error
    try:
        return socket.create_server(address[:2], family=family, backlog=MAX_CONNECTIONS)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} of {host} is taken; end what listens there, or name another with --port"
            raise StorageError(reason) from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(f"--host {host} is no address of this machine; 0.0.0.0 means all that it has") from error
        raise StorageError(f"cannot listen on port {port} of {host}: {error.strerror or error}") from error


def url_of(listening: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve_until_told(app: App, listening: socket.socket) -> None:
    """Answer requests until Ctrl-C or SIGTERM, then what is in flight; the signal is raised again behind it."""
    # A client's mistakes are no news; a bug of ours is.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        http=_Patient,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )
    _Server(config).run([listening])


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals switched off that whoever started us has."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        ignored = [number for number in HANDLED_SIGNALS if signal.getsignal(number) == signal.SIG_IGN]
        with super().capture_signals():
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            yield


class _Patient(H11Protocol):
    """uvicorn's protocol, which waits for a request's head for a while only, and for so many clients only."""

    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait_for_head()
        else:
            self._wait_no_more()

    def _wait_for_head(self) -> None:
        if self._impatience is None:
            self._impatience = self.loop.call_later(HEAD_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
