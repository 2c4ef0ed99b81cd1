"""Open a model file: its bytes proven, its metadata read, its tensors what the contract says.

What runs it is session.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from edgemnist.data.regular import read_regular
from edgemnist.errors import ModelError, UsageError
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import Interface, Kind, ModelInfo, Precision
from edgemnist.model.digest import check_digest
from edgemnist.model.finder import FinderInfo
from edgemnist.model.inspect import MAX_BYTES, require_plain
from edgemnist.model.kinds import KINDS, from_metadata
from edgemnist.model.session import Engine, Outputs, engine_name, new_session, run_outputs, run_session
from edgemnist.model.shipped import model_path

MAX_THREADS = 256
"""More cores than any machine has that this is for; with thousands onnxruntime hangs."""

Info = TypeVar("Info", bound=ModelInfo, covariant=True)


@dataclass(frozen=True)
class Model(Generic[Info]):
    """An opened model file."""

    name: str
    """The file's name, for messages."""
    session: Any
    """onnxruntime.InferenceSession, or a NumpySession, which answers alike."""
    info: Info
    sha256: str
    """The file's content digest."""

    @property
    def engine(self) -> str:
        """What runs it, with its version: `onnxruntime 1.32.0`."""
        return engine_name(self.session)


AnyModel = Model[ClassifierInfo | FinderInfo]


def default_model(precision: Precision = "int8") -> Path:
    """The model that ships: inside the installed package, else in the exports/ of a checkout.

    Raises:
        ModelError: neither is there.
    """
    return model_path(precision)


def open_model(
    path: Path, *, threads: int = 1, optimize: bool = True, engine: Engine = "auto"
) -> Model[ClassifierInfo]:
    """The classifier in `path`, its digest proven, ready to run.

    `threads` is the number of intra-op threads; `optimize` False switches onnxruntime's graph optimisation off;
    `engine` is what runs it.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, of a newer format version, or a finder.
        MissingExtraError: the engine is not installed.
        UsageError: `threads` is not positive, or there is no such engine.
    """
    return as_classifier(open_any(path, threads=threads, optimize=optimize, engine=engine))


def as_classifier(model: Model[ModelInfo]) -> Model[ClassifierInfo]:
    """`model`, known to be a classifier.

    Raises:
        ModelError: it is not.
    """
    if isinstance(model.info, ClassifierInfo):
        return Model(model.name, model.session, model.info, model.sha256)
    raise _another_kind(model, "classifier")


def open_finder(path: Path, *, threads: int = 1, optimize: bool = True, engine: Engine = "auto") -> Model[FinderInfo]:
    """The finder in `path`, as `open_model` has it.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, of a newer format version, or a classifier.
        MissingExtraError: the engine is not installed.
        UsageError: `threads` is not positive, or there is no such engine.
    """
    return as_finder(open_any(path, threads=threads, optimize=optimize, engine=engine))


def as_finder(model: Model[ModelInfo]) -> Model[FinderInfo]:
    """`model`, known to be a finder.

    Raises:
        ModelError: it is not.
    """
    if isinstance(model.info, FinderInfo):
        return Model(model.name, model.session, model.info, model.sha256)
    raise _another_kind(model, "finder")


def open_any(path: Path, *, threads: int = 1, optimize: bool = True, engine: Engine = "auto") -> AnyModel:
    """The model in `path`, whatever its kind, as `open_model` has it.

    Raises:
        ModelError: missing, damaged, not a model of edgemnist, or of a newer format version.
        MissingExtraError: the engine is not installed.
        UsageError: `threads` is not 1 to `MAX_THREADS`, or there is no such engine.
    """
    if threads < 1:
        raise UsageError(f"--threads must be 1 or more, not {threads}")
    if threads > MAX_THREADS:
        raise UsageError(f"--threads must be {MAX_THREADS} or less, not {threads}")
    content = _content(path)
    sha256 = check_digest(content, str(path))
    require_plain(content, str(path))
    session = new_session(content, str(path), threads=threads, optimize=optimize, engine=engine)
    info = from_metadata(session.get_modelmeta().custom_metadata_map, str(path))
    _require_interface(session, info.interface, path)
    return Model(path.name, session, info, sha256)


def run(model: Model[ClassifierInfo], images: NDArray[np.uint8]) -> Outputs:
    """The model's answers to (N, 28, 28) uint8 images, computed in chunks of `CHUNK`.

    Raises:
        ValueError: another shape or type.
    """
    return run_session(model.session, images)


def run_values(model: Model[ModelInfo], inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What parity and the self-test look at, for (N, H, W) uint8: logits, or the values of maps.

    Raises:
        ValueError: a shape that the model does not take.
    """
    return model.info.values(run_outputs(model.session, inputs, model.info.interface)[-1])


def _content(path: Path) -> bytes:
    try:
        content = read_regular(path, MAX_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"cannot read the model {path}: {reason}; check the path") from error
    if content is None:
        raise ModelError(f"{path} is larger than {MAX_BYTES >> 20} MB: that is not a model of edgemnist")
    return content


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
