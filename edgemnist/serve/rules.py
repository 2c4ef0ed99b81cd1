"""What the options of `edgemnist serve` allow -> `guard.Rules`."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from edgemnist.data.regular import read_regular
from edgemnist.errors import StorageError, UsageError
from edgemnist.serve.guard import LOCAL_NAMES, Rules

LEAST_TOKEN = 16
"""Characters: nobody guesses so many."""
_MOST_TOKEN_BYTES = 4096
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
"""What RFC 6750 allows behind Bearer."""
_NAME = re.compile(r"[\w.-]+|\[?[0-9A-Fa-f:.]+\]?")


def rules_of(host: str, allowed: Sequence[str], token_file: Path | None, insecure: bool) -> Rules:
    """Whom a server on `host` answers.

    Raises:
        UsageError: it listens beyond this machine without a token, a name cannot be meant, or the token is none.
        StorageError: the token cannot be read.
    """
    for name in allowed:
        if not _NAME.fullmatch(name):
            raise UsageError(f"--allow-host must be a name or an address, as raspberrypi.local, not {name}")
    token = _read_token(token_file) if token_file else None
    if token is None and not insecure and not _is_loopback(host):
        raise UsageError(
            f"--host {host} lets others reach this server; give it a token with --token-file FILE, or --insecure"
        )
    names = {name.strip("[]").rstrip(".").lower() for name in (host, *allowed)}
    return Rules(LOCAL_NAMES | names, token)


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--host {host} is no address: {getattr(error, 'strerror', None) or error}") from error
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def _read_token(path: Path) -> str:
    try:
        content = read_regular(path, _MOST_TOKEN_BYTES)
    except (OSError, ValueError) as error:
        raise StorageError(f"cannot read the token {path}: {getattr(error, 'strerror', None) or error}") from error
    token = (content or b"").decode("utf-8", "replace").strip()
    if len(token) < LEAST_TOKEN or not _TOKEN.fullmatch(token):
        raise UsageError(
            f"{path} holds no token: {LEAST_TOKEN} or more letters and digits; make one: openssl rand -hex 16 > {path}"
        )
    return token
