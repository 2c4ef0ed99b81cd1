"""What is particular to a classifier's file: one image in, ten probabilities out."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.model.contract import Interface, ModelInfo, Tensor, parse_common
from edgemnist.model.records import read_names, read_record, to_json

INPUT_NAME = "image"
"""uint8 (N, 1, 28, 28), 0 = background, 255 = full ink: raw pixels go in, scaling lives in the graph."""
OUTPUT_NAMES = ("probabilities", "logits")
"""float32 (N, 10) each; probabilities = softmax(logits)."""
INTERFACE = Interface(
    Tensor(INPUT_NAME, "uint8", ("N", 1, IMAGE_SIZE, IMAGE_SIZE)),
    tuple(Tensor(name, "float", ("N", CLASS_COUNT)) for name in OUTPUT_NAMES),
)


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
class ConfidenceRecord:
    """The confidence below which an answer is called doubtful.

    Chosen on all validation images. Coverage and error rate are those of thresholds chosen on every other image, that
    of `OutlierRecord` among them, and tried on the rest, both ways round.
    """

    threshold: float
    target_error_rate: float
    coverage: float
    """Share of images answered."""
    error_rate: float
    """Share of wrong answers among those answered."""


@dataclass(frozen=True)
class OutlierRecord:
    """The evidence, log sum exp of the logits, below which an answer is called doubtful: it may be no digit."""

    threshold: float
    lost: float
    """Share of validation images that are below it."""
    answered: float
    """Share of images that are no digits (training's own kinds, a seed of their own) that pass both thresholds."""
    count: int
    """Such images."""


@dataclass(frozen=True)
class OwnRecord:
    """Digits of one hand that were learned beside the data."""

    sha256: str
    """`DataSet.sha256` of them."""
    learned: int
    """How many were learned from."""
    correct: int
    """Right answers to the others."""
    count: int
    """The others; there may be none."""


@dataclass(frozen=True)
class SelfTest:
    """A few dozen images with the logits that the exporter saw: proves the file right on any device."""

    images: NDArray[np.uint8]
    """(K, 28, 28) uint8."""
    logits: NDArray[np.float32]
    """(K, 10) float32."""


@dataclass(frozen=True)
class ClassifierInfo(ModelInfo):
    """Everything that a classifier's file says about itself."""

    kind = "classifier"
    format_version = 1
    file_names = {"fp32": "edgemnist-fp32.onnx", "int8": "edgemnist-int8.onnx"}  # noqa: RUF012
    float_agreement = 1.0

    labels: tuple[str, ...]
    """Ten class names."""
    validation: ValidationRecord
    confidence: ConfidenceRecord
    selftest: SelfTest
    outliers: OutlierRecord | None = None
    """None for a network that never saw images that are no digits."""
    own: OwnRecord | None = None
    """None for a network that learned from its data alone."""

    @property
    def interface(self) -> Interface:
        """As in docs/model-format.md."""
        return INTERFACE

    @property
    def score(self) -> float:
        """The accuracy."""
        return self.validation.accuracy

    @property
    def recorded(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Images and logits."""
        return self.selftest.images, self.selftest.logits

    def values(self, output: NDArray[Any]) -> NDArray[np.float32]:
        """Logits as they are."""
        return output

    def particulars(self) -> dict[str, str]:
        """A file without the key `kind` is a classifier's; only one that was taught has the key `own`."""
        own = {"own": to_json(self.own)} if self.own else {}
        return own | {
            "labels": json.dumps(self.labels, ensure_ascii=False),
            "validation": to_json(self.validation),
            "confidence": to_json(self.confidence),
            "outliers": to_json(self.outliers) if self.outliers else "null",
            "selftest": encode_selftest(self.selftest),
        }

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Self:
        """As `ModelInfo.parse`."""
        validation = read_record(ValidationRecord, fields["validation"])
        if not 0 <= validation.correct <= validation.count or not validation.count:
            raise ValueError(f"validation: {validation.correct} of {validation.count} images")
        outliers = fields.get("outliers", "null")
        return cls(
            **parse_common(fields),
            labels=read_names(fields["labels"], CLASS_COUNT),
            validation=validation,
            confidence=read_record(ConfidenceRecord, fields["confidence"]),
            selftest=decode_selftest(fields["selftest"]),
            outliers=None if outliers == "null" else read_record(OutlierRecord, outliers),
            own=read_record(OwnRecord, fields["own"]) if "own" in fields else None,
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
