"""Run a model, in onnxruntime or in numpy (`numpy_engine`): the only importer of onnxruntime.

onnxruntime's Linux wheels send usage data unless this variable is set before their import. A program that
imported onnxruntime first must set it itself (docs/architecture.md).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.errors import MissingExtraError, ModelError, UsageError, reason_of
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES
from edgemnist.model.contract import Interface
from edgemnist.model.finder import SIZE_STEP, STRIDE
from edgemnist.model.numpy_engine import NumpySession

Engine = Literal["auto", "onnxruntime", "numpy"]
"""What runs a file. `auto` is onnxruntime, and numpy where that is not installed."""

CHUNK = 64
"""Images per run. Larger batches leave the caches: 64 at once are faster per image than 1,000."""
_CHUNK_PIXELS = CHUNK * IMAGE_SIZE**2
"""Of pages in a run: one page of more than 224x224 at a time."""

_LOG_ERRORS = 3
"""onnxruntime's log severity: errors and worse, no warnings."""


@dataclass(frozen=True)
class Outputs:
    """What a classifier answers."""

    probabilities: NDArray[np.float32]
    """(N, 10) float32; rows sum to 1."""
    logits: NDArray[np.float32]
    """(N, 10) float32."""


def run_outputs(session: Any, inputs: NDArray[np.uint8], interface: Interface) -> tuple[NDArray[Any], ...]:
    """All outputs of a bare session for (N, H, W) uint8, as the file has them, computed in chunks.

    Raises:
        ModelError: the engine cannot run it, or it answers in other shapes than its kind, or with what is no number.
        ValueError: another shape.
    """
    height, width = inputs.shape[1:]
    step = SIZE_STEP if interface.input.shape[2:] == ("H", "W") else None
    if (height % step or width % step) if step else interface.input.shape[2:] != (height, width):
        raise ValueError(f"{interface.input.name} must be {interface.input.shape}, not {inputs.shape}")
    chunk = max(1, _CHUNK_PIXELS // (height * width))
    names = [output.name for output in interface.outputs]
    parts = []
    for start in range(0, len(inputs), chunk):
        some = inputs[start : start + chunk, np.newaxis]
        parts.append(_run(session, names, {interface.input.name: some}))
        sizes = {"N": len(some), "H/4": height // STRIDE, "W/4": width // STRIDE}
        for output, found in zip(interface.outputs, parts[-1], strict=True):
            wanted = tuple(size if isinstance(size, int) else sizes[size] for size in output.shape)
            if found.shape != wanted:
                raise ModelError(f"the model answers in the shape {found.shape}, not {wanted}; export it again")
    outputs = tuple(np.concatenate(answers) if len(answers) > 1 else answers[0] for answers in zip(*parts, strict=True))
    if not all(np.isfinite(output.sum(dtype=np.float64)) for output in outputs if output.dtype.kind == "f"):
        raise ModelError("the model answers with what is no finite number; export it again")
    return outputs


def find_engine(engine: Engine) -> Literal["onnxruntime", "numpy"]:
    """The engine that is meant, loaded. An onnxruntime that is installed and broken is an error, and never replaced.

    Raises:
        MissingExtraError: onnxruntime is asked for and not installed.
        UsageError: there is no such engine.
    """
    if engine not in get_args(Engine):
        raise UsageError(f"there is no engine {engine}; engines are: {', '.join(get_args(Engine))}")
    if engine == "numpy":
        return "numpy"
    try:
        import onnxruntime  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        if engine == "onnxruntime":
            raise MissingExtraError(
                "onnxruntime is not installed; type: pip install onnxruntime, or leave --engine out: "
                "numpy answers int8 files with the same bits"
            ) from error
        return "numpy"
    return "onnxruntime"


def new_session(
    content: bytes, source: str, *, threads: int = 1, optimize: bool = True, engine: Engine = "auto"
) -> Any:
    """A session over a serialized graph, digest and metadata not looked at.

    `threads` and `optimize` are onnxruntime's alone.

    Raises:
        ModelError: the engine cannot run it; `source` names it there.
        MissingExtraError, UsageError: as `find_engine`.
    """
    if find_engine(engine) == "numpy":
        try:
            return NumpySession(content)
        except Exception as error:  # what the file holds decides what goes wrong
            raise ModelError(f"numpy cannot run {source}: {reason_of(error)}") from error
    import onnxruntime

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
        raise ModelError(f"onnxruntime {onnxruntime.__version__} cannot load {source}: {reason_of(error)}") from error


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
    """The answers of a bare session to (n, 1, 28, 28) uint8, all at once and as they are.

    Raises:
        ModelError: the engine cannot run it, or it answers with what is no number.
    """
    outputs = Outputs(*_run(session, OUTPUT_NAMES, {INPUT_NAME: inputs}))
    wanted = (len(inputs), CLASS_COUNT)
    if outputs.logits.shape != wanted or outputs.probabilities.shape != wanted:
        raise ModelError(f"the model answers in the shape {outputs.logits.shape}, not {wanted}; export it again")
    # A sum is finite where every item is, and costs a tenth of looking at each.
    if not math.isfinite(float(outputs.probabilities.sum()) + float(outputs.logits.sum(dtype=np.float64))):
        raise ModelError("the model answers with what is no finite number; export it again")
    return outputs


def _run(session: Any, names: Sequence[str], inputs: dict[str, NDArray[np.uint8]]) -> list[Any]:
    try:
        found: list[Any] = session.run(names, inputs)
    except Exception as error:  # onnxruntime's own exceptions share no base below Exception
        raise ModelError(f"{engine_name(session)} cannot run the model: {reason_of(error)}") from error
    return found


def engine_name(session: Any) -> str:
    """What runs a session, with its version: `onnxruntime 1.32.0`."""
    if isinstance(session, NumpySession):
        return f"numpy {np.__version__}"
    return f"onnxruntime {onnxruntime_version()}"


def onnxruntime_version() -> str:
    """The version of the onnxruntime that runs here."""
    import onnxruntime

    return str(onnxruntime.__version__)
