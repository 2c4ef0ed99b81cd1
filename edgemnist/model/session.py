"""Open a model file and run it: the only importer of onnxruntime.

onnxruntime's Linux wheels send usage data unless this variable is set before their import. A program that
imported onnxruntime first must set it itself (docs/architecture.md).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.data.idx import read_up_to
from edgemnist.errors import ModelError, UsageError, printable
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES, ClassifierInfo
from edgemnist.model.contract import Interface, Kind, ModelInfo, Precision
from edgemnist.model.digest import check_digest
from edgemnist.model.finder import SIZE_STEP, FinderInfo
from edgemnist.model.inspect import MAX_BYTES, require_plain
from edgemnist.model.kinds import KINDS, from_metadata
from edgemnist.model.shipped import model_path

CHUNK = 64
"""Images per run. Larger batches leave the caches: 64 at once are faster per image than 1,000."""
_CHUNK_PIXELS = CHUNK * IMAGE_SIZE**2
"""Of pages in a run: one page of more than 224x224 at a time."""

MAX_THREADS = 256
"""More cores than any machine has that this is for; with thousands onnxruntime hangs."""

_LONGEST_REASON = 300
"""Characters."""

_LOG_ERRORS = 3
"""onnxruntime's log severity: errors and worse, no warnings."""


Info = TypeVar("Info", bound=ModelInfo, covariant=True)


@dataclass(frozen=True)
class Model(Generic[Info]):
    """An opened model file."""

    name: str
    """The file's name, for messages."""
    session: Any
    """onnxruntime.InferenceSession."""
    info: Info
    sha256: str
    """The file's content digest."""


AnyModel = Model[ClassifierInfo | FinderInfo]


@dataclass(frozen=True)
class Outputs:
    """What a classifier answers."""

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


def open_model(path: Path, *, threads: int = 1, optimize: bool = True) -> Model[ClassifierInfo]:
    """The classifier in `path`, its digest proven, ready to run.

    `threads` is the number of intra-op threads; `optimize` False switches onnxruntime's graph optimisation off.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, of a newer format version, or a finder.
        UsageError: `threads` is not positive.
    """
    return as_classifier(open_any(path, threads=threads, optimize=optimize))


def as_classifier(model: Model[ModelInfo]) -> Model[ClassifierInfo]:
    """`model`, known to be a classifier.

    Raises:
        ModelError: it is not.
    """
    if isinstance(model.info, ClassifierInfo):
        return Model(model.name, model.session, model.info, model.sha256)
    raise _another_kind(model, "classifier")


def open_finder(path: Path, *, threads: int = 1, optimize: bool = True) -> Model[FinderInfo]:
    """The finder in `path`, as `open_model` has it.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, of a newer format version, or a classifier.
        UsageError: `threads` is not positive.
    """
    model = open_any(path, threads=threads, optimize=optimize)
    if isinstance(model.info, FinderInfo):
        return Model(model.name, model.session, model.info, model.sha256)
    raise _another_kind(model, "finder")


def open_any(path: Path, *, threads: int = 1, optimize: bool = True) -> AnyModel:
    """The model in `path`, whatever its kind, as `open_model` has it.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, or of a newer format version.
        UsageError: `threads` is not 1 to `MAX_THREADS`.
    """
    if threads < 1:
        raise UsageError(f"--threads must be 1 or more, not {threads}")
    if threads > MAX_THREADS:
        raise UsageError(f"--threads must be {MAX_THREADS} or less, not {threads}")
    content = _content(path)
    sha256 = check_digest(content, str(path))
    require_plain(content, str(path))
    session = new_session(content, str(path), threads=threads, optimize=optimize)
    info = from_metadata(session.get_modelmeta().custom_metadata_map, str(path))
    _require_interface(session, info.interface, path)
    return Model(path.name, session, info, sha256)


def run_values(model: Model[ModelInfo], inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What parity and the self-test look at, for (N, H, W) uint8: logits, or the values of maps.

    Raises:
        ValueError: a shape that the model does not take.
    """
    return model.info.values(run_outputs(model.session, inputs, model.info.interface)[-1])


def run_outputs(session: Any, inputs: NDArray[np.uint8], interface: Interface) -> tuple[NDArray[Any], ...]:
    """All outputs of a bare session for (N, H, W) uint8, as the file has them, computed in chunks.

    Raises:
        ValueError: another shape.
    """
    height, width = inputs.shape[1:]
    step = SIZE_STEP if interface.input.shape[2:] == ("H", "W") else None
    if (height % step or width % step) if step else interface.input.shape[2:] != (height, width):
        raise ValueError(f"{interface.input.name} must be {interface.input.shape}, not {inputs.shape}")
    chunk = max(1, _CHUNK_PIXELS // (height * width))
    names = [output.name for output in interface.outputs]
    parts = [
        _run(session, names, {interface.input.name: inputs[start : start + chunk, np.newaxis]})
        for start in range(0, len(inputs), chunk)
    ]
    outputs = tuple(np.concatenate(answers) for answers in zip(*parts, strict=True))
    if not all(np.isfinite(output.sum(dtype=np.float64)) for output in outputs):
        raise ModelError("the model answers with what is no finite number; export it again")
    return outputs


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than may be: what is too large is found out, and never read whole.
            content = bytes(read_up_to(file, MAX_BYTES + 1))
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"cannot read the model {path}: {reason}; check the path") from error
    if len(content) > MAX_BYTES:
        raise ModelError(f"{path} is larger than {MAX_BYTES >> 20} MB: that is not a model of edgemnist")
    return content


def run(model: Model[ClassifierInfo], images: NDArray[np.uint8]) -> Outputs:
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
        raise ModelError(f"onnxruntime {onnxruntime.__version__} cannot load {source}: {_reason(error)}") from error


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
        ModelError: onnxruntime cannot run it, or it answers with what is no number.
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
        raise ModelError(f"onnxruntime {onnxruntime.__version__} cannot run the model: {_reason(error)}") from error
    return found


def _reason(error: Exception) -> str:
    """What onnxruntime says, in one line: it quotes names out of the file as they are."""
    return printable(" ".join(str(error).split()))[:_LONGEST_REASON]


def onnxruntime_version() -> str:
    """The version of the onnxruntime that runs here."""
    return str(onnxruntime.__version__)


def _another_kind(model: Model[ModelInfo], wanted: Kind) -> ModelError:
    return ModelError(
        f"{model.name} is a {model.info.kind}; what is needed here is a {wanted}, as {KINDS[wanted].file_names['int8']}"
    )


def _require_interface(session: Any, interface: Interface, path: Path) -> None:
    found = [
        [(tensor.name, tensor.type, _numbers(tensor.shape)) for tensor in tensors]
        for tensors in (session.get_inputs(), session.get_outputs())
    ]
    wanted = [
        [(tensor.name, f"tensor({tensor.type})", _numbers(tensor.shape)) for tensor in tensors]
        for tensors in ((interface.input,), interface.outputs)
    ]
    if found != wanted:
        raise ModelError(f"{path} does not have the inputs and outputs of an edgemnist model; export it again")


def _numbers(shape: Sequence[int | str | None]) -> list[int | None]:
    """The sizes that are not free."""
    return [size if isinstance(size, int) else None for size in shape]
