"""The content digest of a model file: one altered bit, or one missing byte, is noticed.

`edgemnist.sha256` holds 64 hex digits: SHA-256 over the whole file with that value written as 64 zeros. It is
found by byte search, so that the edge needs no onnx to check it. In the file an entry of the metadata is the
protocol-buffer message

    0a LEN key 12 LEN value         (StringStringEntryProto of onnx.proto)

so the key, then 12 40 (field 2, 64 bytes), stands exactly once. Every format version keeps this definition.
"""

import hashlib

from edgemnist.errors import ModelError
from edgemnist.model.contract import PRODUCER

DIGEST_KEY = "edgemnist.sha256"
UNSTAMPED = "0" * 64
"""The value that `stamp` replaces."""

_MARKER = DIGEST_KEY.encode() + b"\x12\x40"
_PRODUCER_WITHIN = 64
"""producer_name is the second field of an onnx file: it stands within its first bytes."""


def stamp(content: bytes) -> bytes:
    """`content`, a serialized model whose digest is `UNSTAMPED`, with its digest filled in."""
    start = _value_start(content)
    if start is None or content[start : start + 64] != UNSTAMPED.encode():
        raise ValueError("the model has no unstamped digest")
    return content[:start] + hashlib.sha256(content).hexdigest().encode() + content[start + 64 :]


def check_digest(content: bytes, source: str) -> str:
    """The digest of `content`, 64 hex digits, after proving that it is right; `source` names the file in errors.

    Raises:
        ModelError: not a file of ours, or one that was altered or cut short.
    """
    damaged = ModelError(f"{source} is damaged: it was altered or cut short after its export; copy it again")
    start = _value_start(content)
    if start is None:
        if PRODUCER.encode() in content[:_PRODUCER_WITHIN]:
            raise damaged
        raise ModelError(f"{source} is not an edgemnist model; make one with: edgemnist export")
    recorded = content[start : start + 64].decode(errors="replace")
    zeroed = content[:start] + UNSTAMPED.encode() + content[start + 64 :]
    if hashlib.sha256(zeroed).hexdigest() != recorded:
        raise damaged
    return recorded


def _value_start(content: bytes) -> int | None:
    """Where the digest's value begins; None unless its key stands exactly once with 64 bytes behind it."""
    at = content.find(_MARKER)
    if at < 0 or content.find(_MARKER, at + 1) >= 0 or at + len(_MARKER) + 64 > len(content):
        return None
    return at + len(_MARKER)
