"""The two kinds of model, and their metadata strings."""

import binascii
import re
import zlib
from collections.abc import Mapping

from edgemnist.errors import ModelError, printable, reason_of
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import Kind, ModelInfo
from edgemnist.model.finder import FinderInfo

KINDS: Mapping[Kind, type[ClassifierInfo] | type[FinderInfo]] = {
    "classifier": ClassifierInfo,
    "finder": FinderInfo,
}
FORMAT_VERSION = max(kind.format_version for kind in KINDS.values())
"""The newest that this edgemnist reads; raised when an older runtime would misread a newer file."""

_PREFIX = "edgemnist."
_KEYS = (
    "kind",
    "format_version",
    "precision",
    "labels",
    "maps",
    "network",
    "training",
    "data",
    "checkpoint_sha256",
    "validation",
    "own",
    "parity",
    "confidence",
    "outliers",
    "quantization",
    "versions",
    "selftest",
)
"""In the order in which they stand in a file, `edgemnist.sha256` behind them."""


def to_metadata(info: ModelInfo) -> dict[str, str]:
    """The metadata strings of `info`, `edgemnist.sha256` not among them (`digest.stamp` fills it in)."""
    fields = info.fields() | info.particulars()
    return {_PREFIX + key: fields[key] for key in sorted(fields, key=_KEYS.index)}


def from_metadata(metadata: Mapping[str, str], source: str) -> ClassifierInfo | FinderInfo:
    """What a file's metadata strings say; `source` names the file in errors.

    Raises:
        ModelError: not a file of ours, of a newer format version, or with a record that cannot be read.
    """
    version = metadata.get(_PREFIX + "format_version", "")
    if not version:
        raise ModelError(f"{source} is not an edgemnist model; make one with: edgemnist export")
    if not re.fullmatch("[0-9]{1,9}", version) or int(version) > FORMAT_VERSION:
        raise ModelError(
            f"{source} has format version {printable(version[:20])}, this edgemnist reads up to {FORMAT_VERSION}; "
            "update with: pip install --upgrade edgemnist"
        )
    fields = {key.removeprefix(_PREFIX): value for key, value in metadata.items()}
    try:
        return KINDS[_kind_of(fields)].parse(fields)
    except (KeyError, TypeError, ValueError, zlib.error, binascii.Error) as error:
        raise ModelError(f"{source} has unreadable metadata ({reason_of(error)}); export it again") from error


def _kind_of(fields: Mapping[str, str]) -> Kind:
    found = fields.get("kind", "classifier")
    kind: Kind = "finder" if found == "finder" else "classifier"
    if found != kind:
        raise ValueError(f"kind: {found}")
    return kind
