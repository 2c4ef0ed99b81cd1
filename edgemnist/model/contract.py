"""What an edgemnist .onnx file is: tensor names, shapes and the metadata that makes one file the whole model.

The exporter writes a `ModelInfo` into the file's metadata strings, the runtime reads it back through
onnxruntime alone. docs/model-format.md describes every key for people who read such files without us.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.errors import ModelError

FORMAT_VERSION = 1
"""Raised when an older runtime would misread a newer file."""

PRODUCER = "edgemnist"
INPUT_NAME = "image"
"""uint8 (N, 1, 28, 28), 0 = background, 255 = full ink: raw pixels go in, scaling lives in the graph."""
OUTPUT_NAMES = ("probabilities", "logits")
"""float32 (N, 10) each; probabilities = softmax(logits)."""

Kind = Literal["classifier", "finder"]
Precision = Literal["fp32", "int8"]
FILE_NAMES: Mapping[Precision, str] = {"fp32": "edgemnist-fp32.onnx", "int8": "edgemnist-int8.onnx"}

_PREFIX = "edgemnist."


@dataclass(frozen=True)
class Tensor:
    """What goes into a graph, or comes out of it."""

    name: str
    type: Literal["uint8", "float"]
    shape: tuple[int | str, ...]
    """Numbers, and names of sizes that are free."""


@dataclass(frozen=True)
class Interface:
    """The tensors of a graph."""

    input: Tensor
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class ValidationRecord:
    """How the model answered the validation images, counted by the exporter through onnxruntime."""

    correct: int
    count: int

    @property
    def accuracy(self) -> float:
        """0..1."""
        return self.correct / self.count


@dataclass(frozen=True)
class ParityRecord:
    """How the model agreed with the unfolded torch network over the validation images."""

    max_abs_diff: float
    """Largest absolute difference of logits, graph optimisation off and on."""
    agreement: float
    """Share of equal top-1, 0..1; the worse of graph optimisation off and on."""
    count: int


@dataclass(frozen=True)
class ConfidenceRecord:
    """The threshold below which an answer is called doubtful.

    Chosen on the even-numbered validation images; coverage and error rate are those of the odd-numbered ones.
    """

    threshold: float
    target_error_rate: float
    coverage: float
    """Share of images answered."""
    error_rate: float
    """Share of wrong answers among those answered."""


@dataclass(frozen=True)
class QuantizationRecord:
    """How an int8 file came from its fp32 sibling."""

    method: str
    weight_bits: int
    calibration_count: int
    """Training images from which the activation ranges were taken."""
    accuracy_drop: float
    """Percentage points lost against fp32 over the validation images; negative = gained."""
    agreement: float
    """Share of top-1 equal to fp32's, 0..1."""


@dataclass(frozen=True)
class SelfTest:
    """A few dozen images with the logits that the exporter saw: proves the file right on any device."""

    images: NDArray[np.uint8]
    """(K, 28, 28) uint8."""
    logits: NDArray[np.float32]
    """(K, 10) float32."""


@dataclass(frozen=True)
class ModelInfo:
    """Everything that an edgemnist file says about itself."""

    precision: Precision
    labels: tuple[str, ...]
    """Ten class names."""
    network: str
    """The layers in words."""
    training: str
    """The recipe and seed, as JSON text."""
    data_sha256: str
    data_canonical: bool
    """Whether the network was trained on MNIST's own files, byte for byte."""
    checkpoint_sha256: str
    validation: ValidationRecord
    parity: ParityRecord
    confidence: ConfidenceRecord
    quantization: QuantizationRecord | None
    """None for fp32."""
    versions: str
    """Library versions of the exporting machine, as JSON text."""
    selftest: SelfTest


def to_metadata(info: ModelInfo) -> dict[str, str]:
    """The metadata strings of `info`, `edgemnist.sha256` not among them (`digest.stamp` fills it in)."""
    fields = {
        "format_version": str(FORMAT_VERSION),
        "precision": info.precision,
        "labels": json.dumps(info.labels, ensure_ascii=False),
        "network": info.network,
        "training": info.training,
        "data": json.dumps({"sha256": info.data_sha256, "canonical": info.data_canonical}),
        "checkpoint_sha256": info.checkpoint_sha256,
        "validation": json.dumps(asdict(info.validation)),
        "parity": json.dumps(asdict(info.parity)),
        "confidence": json.dumps(asdict(info.confidence)),
        "quantization": json.dumps(asdict(info.quantization) if info.quantization else None),
        "versions": info.versions,
        "selftest": encode_selftest(info.selftest),
    }
    return {_PREFIX + key: value for key, value in fields.items()}


def from_metadata(metadata: Mapping[str, str], source: str) -> ModelInfo:
    """The `ModelInfo` in a file's metadata strings; `source` names the file in errors.

    Raises:
        ModelError: not a file of ours, of a newer format version, or with a record that cannot be read.
    """
    version = metadata.get(_PREFIX + "format_version", "")
    if not version:
        raise ModelError(f"{source} is not an edgemnist model; make one with: edgemnist export")
    if not version.isdecimal() or int(version) > FORMAT_VERSION:
        raise ModelError(
            f"{source} has format version {version}, this edgemnist reads up to {FORMAT_VERSION}; "
            "update with: pip install --upgrade edgemnist"
        )
    try:
        return _parse({key.removeprefix(_PREFIX): value for key, value in metadata.items()})
    except (KeyError, TypeError, ValueError, zlib.error, binascii.Error) as error:
        raise ModelError(f"{source} has unreadable metadata ({error}); export it again") from error


def _parse(fields: Mapping[str, str]) -> ModelInfo:
    labels = tuple(json.loads(fields["labels"]))
    if len(labels) != CLASS_COUNT or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"labels: {CLASS_COUNT} names expected")
    precision: Precision = "int8" if fields["precision"] == "int8" else "fp32"
    if fields["precision"] != precision:
        raise ValueError(f"precision: {fields['precision']}")
    data: dict[str, Any] = json.loads(fields["data"])
    quantization = json.loads(fields["quantization"])
    return ModelInfo(
        precision=precision,
        labels=labels,
        network=fields["network"],
        training=fields["training"],
        data_sha256=data["sha256"],
        data_canonical=data["canonical"],
        checkpoint_sha256=fields["checkpoint_sha256"],
        validation=ValidationRecord(**json.loads(fields["validation"])),
        parity=ParityRecord(**json.loads(fields["parity"])),
        confidence=ConfidenceRecord(**json.loads(fields["confidence"])),
        quantization=QuantizationRecord(**quantization) if quantization else None,
        versions=fields["versions"],
        selftest=decode_selftest(fields["selftest"]),
    )


_PIXELS = IMAGE_SIZE * IMAGE_SIZE
_SELFTEST_ITEM_BYTES = _PIXELS + 4 * CLASS_COUNT
_SELFTEST_MAX_BYTES = 1024 * _SELFTEST_ITEM_BYTES
"""A bound on what a hostile file can make us unpack: 0.8 MB."""


def encode_selftest(selftest: SelfTest) -> str:
    """Base64 of the zlib-compressed images, then the logits as little-endian float32."""
    raw = selftest.images.tobytes() + selftest.logits.astype("<f4").tobytes()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def decode_selftest(text: str) -> SelfTest:
    """What `encode_selftest` packed.

    Raises:
        ValueError, zlib.error: the text is not such a record.
    """
    unpacker = zlib.decompressobj()
    raw = unpacker.decompress(base64.b64decode(text, validate=True), _SELFTEST_MAX_BYTES)
    count, rest = divmod(len(raw), _SELFTEST_ITEM_BYTES)
    if rest or not count or not unpacker.eof:
        raise ValueError("selftest: not a whole number of images")
    images = np.frombuffer(raw, np.uint8, count * _PIXELS).reshape(count, IMAGE_SIZE, IMAGE_SIZE)
    logits = np.frombuffer(raw, "<f4", offset=count * _PIXELS).reshape(count, CLASS_COUNT)
    return SelfTest(images, logits.astype(np.float32))
