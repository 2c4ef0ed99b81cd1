"""What a server has done, in Prometheus' text form."""

import time
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from edgemnist.serve.turns import Turns

App = Callable[..., Any]

_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
"""From a small picture on a workstation to a page on the smallest Pi."""


class Metrics:
    """The counters of one server."""

    def __init__(self, turns: Turns) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "edgemnist_requests", "Requests by path and status.", ("path", "status"), registry=registry
        )
        self._errors = Counter("edgemnist_errors", "Requests that failed here: status 5xx.", registry=registry)
        self._seconds = Histogram(
            "edgemnist_request_seconds",
            "Seconds from a request's head to its answer's end.",
            ("path",),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._answers = Counter("edgemnist_answers", "Answers to pictures by status.", ("status",), registry=registry)
        for status in ("ok", "doubtful", "blank", "several", "unreadable"):
            self._answers.labels(status)
        turned = Gauge("edgemnist_turns", "Requests that wait for a turn or are worked on.", registry=registry)
        turned.set_function(lambda: turns.taken)

    def count_answers(self, statuses: Iterable[str]) -> None:
        """Count answers to pictures."""
        for status in statuses:
            self._answers.labels(status).inc()

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self._registry)

    def counting(self, app: App) -> App:
        """The ASGI application that counts what `app` answers."""

        async def count(scope: MutableMapping[str, Any], receive: App, send: App) -> None:
            start, status = time.perf_counter(), 500

            async def send_and_note(message: MutableMapping[str, Any]) -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            try:
                await app(scope, receive, send_and_note)
            finally:
                # A client may ask for any path: what is none of ours is one.
                path = getattr(scope.get("route"), "path", "other")
                self._requests.labels(path, str(status)).inc()
                self._seconds.labels(path).observe(time.perf_counter() - start)
                self._errors.inc(status >= 500)

        return count
