"""Open a model file and run it: the only importer of onnxruntime.

onnxruntime's Linux wheels send usage data unless this variable is set before their import. A program that
imported onnxruntime first must set it itself (docs/architecture.md).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.errors import ModelError, UsageError
from edgemnist.model.contract import (
    INPUT_NAME,
    OUTPUT_NAMES,
    ModelInfo,
    Precision,
    from_metadata,
)
from edgemnist.model.digest import check_digest
from edgemnist.model.shipped import model_path

CHUNK = 64
"""Images per run. Larger batches leave the caches: 64 at once are faster per image than 1,000."""

_LOG_ERRORS = 3
"""onnxruntime's log severity: errors and worse, no warnings."""


@dataclass(frozen=True)
class Model:
    """An opened model file."""

    name: str
    """The file's name, for messages."""
    session: Any
    """onnxruntime.InferenceSession."""
    info: ModelInfo
    sha256: str
    """The file's content digest."""


@dataclass(frozen=True)
class Outputs:
    """What a model answers."""

    probabilities: NDArray[np.float32]
    """(N, 10) float32; rows sum to 1."""
    logits: NDArray[np.float32]
    """(N, 10) float32."""


def default_model(precision: Precision = "int8") -> Path:
    """The model that ships: inside the installed package, else in the exports/ of a checkout.

    Raises:
        ModelError: neither is there.
    """
    return model_path(precision)


def open_model(path: Path, *, threads: int = 1, optimize: bool = True) -> Model:
    """The model in `path`, its digest proven, ready to run.

    `threads` is the number of intra-op threads; `optimize` False switches onnxruntime's graph optimisation off.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, or of a newer format version.
        UsageError: `threads` is not positive.
    """
    if threads < 1:
        raise UsageError(f"--threads must be 1 or more, not {threads}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}; check the path") from error
    sha256 = check_digest(content, str(path))
    session = new_session(content, str(path), threads=threads, optimize=optimize)
    info = from_metadata(session.get_modelmeta().custom_metadata_map, str(path))
    _require_interface(session, path)
    return Model(path.name, session, info, sha256)


def run(model: Model, images: NDArray[np.uint8]) -> Outputs:
    """The model's answers to (N, 28, 28) uint8 images, computed in chunks of `CHUNK`.

    Raises:
        ValueError: another shape or type.
    """
    return run_session(model.session, images)


def new_session(content: bytes, source: str, *, threads: int = 1, optimize: bool = True) -> Any:
    """An onnxruntime session over a serialized graph, digest and metadata not looked at.

    Raises:
        ModelError: onnxruntime cannot load it; `source` names it there.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _LOG_ERRORS
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimize else levels.ORT_DISABLE_ALL
    # Idle threads would otherwise spin at 100 % of a core between two pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base below Exception
        reason = " ".join(str(error).split())
        raise ModelError(f"onnxruntime {onnxruntime.__version__} cannot load {source}: {reason}") from error


def run_session(session: Any, images: NDArray[np.uint8]) -> Outputs:
    """As `run`, over a bare session."""
    if images.dtype != np.uint8 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"images must be (N, 28, 28) uint8, not {images.shape} {images.dtype}")
    inputs = np.ascontiguousarray(images)[:, np.newaxis]
    if 0 < len(images) <= CHUNK:
        return run_chunk(session, inputs)
    outputs = Outputs(*(np.empty((len(images), CLASS_COUNT), np.float32) for _ in OUTPUT_NAMES))
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        answers = run_chunk(session, inputs[chunk])
        outputs.probabilities[chunk], outputs.logits[chunk] = answers.probabilities, answers.logits
    return outputs


def run_chunk(session: Any, inputs: NDArray[np.uint8]) -> Outputs:
    """The answers of a bare session to (n, 1, 28, 28) uint8, all at once and as they are."""
    return Outputs(*session.run(OUTPUT_NAMES, {INPUT_NAME: inputs}))


def onnxruntime_version() -> str:
    """The version of the onnxruntime that runs here."""
    return str(onnxruntime.__version__)


def _require_interface(session: Any, path: Path) -> None:
    inputs = [(tensor.name, tensor.type, tensor.shape[1:]) for tensor in session.get_inputs()]
    outputs = [(tensor.name, tensor.type) for tensor in session.get_outputs()]
    if inputs != [(INPUT_NAME, "tensor(uint8)", [1, IMAGE_SIZE, IMAGE_SIZE])] or outputs != [
        (name, "tensor(float)") for name in OUTPUT_NAMES
    ]:
        raise ModelError(f"{path} does not have the inputs and outputs of an edgemnist model; export it again")
