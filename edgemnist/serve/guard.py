"""Who may ask: requests for this server, from its own page or from no page, with its token.

A web page from elsewhere can have its visitor's browser ask a reader on localhost, or, where its name is made to lead
there (DNS rebinding), under a name of its own. Host tells the second; Origin tells the first, and Sec-Fetch-Site where
browsers leave Origin out, as for pictures and scripts.
"""

import hmac
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from edgemnist.serve.problems import ProblemError, problem_response

Scope = MutableMapping[str, Any]
App = Callable[..., Any]

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/openapi.json"})
"""Besides /page/: what is no secret. The page asks for the token, so it cannot need it."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Of every response: nothing that a picture's name or a file says is run, and nothing is loaded from elsewhere."""


@dataclass(frozen=True)
class Rules:
    """Whom a server answers."""

    names: frozenset[str] = LOCAL_NAMES
    """Names and addresses that may stand in Host, in lower case; besides, the address that a request arrived at."""
    token: str | None = None


def guarded(app: App, rules: Rules) -> App:
    """The ASGI application that refuses what `rules` do not allow, and hands the rest on."""

    async def guard(scope: Scope, receive: App, send: App) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        problem = refusal(scope, rules)
        if problem is None:
            await app(scope, receive, send_with_headers)
            return
        await problem_response(problem, scope["path"])(scope, receive, send_with_headers)

    return guard


def refusal(scope: Scope, rules: Rules) -> ProblemError | None:
    """Why a request is not answered; None where it is."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if _name(host) not in rules.names | {_arrived_at(scope)}:
        return ProblemError(
            421, f"this server does not go by the name {host}; start it with --allow-host {_name(host)}"
        )
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        return ProblemError(403, f"a page of {origin} may not ask this server")
    elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    # People may follow a link that leads here.
    if elsewhere and headers.get("sec-fetch-mode") != "navigate":
        return ProblemError(403, "a page from elsewhere may not ask this server")
    if rules.token is None or scope["path"] in OPEN_PATHS or scope["path"].startswith("/page/"):
        return None
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), rules.token.encode()):
        return None
    return ProblemError(401, "this server wants its token: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"})


def _name(host: str) -> str:
    """The name or address in a Host header, without port and brackets, in lower case."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name = host
    return name.strip("[]").rstrip(".").lower()


def _arrived_at(scope: Scope) -> str:
    """The address of this machine that a request was sent to."""
    address: str = (scope.get("server") or ("", None))[0]
    return address.removeprefix("::ffff:")
