"""What an edgemnist .onnx file is: metadata that makes one file the whole model, here what both kinds have.

The exporter writes a `ModelInfo` into the file's metadata strings, the runtime reads it back through
onnxruntime alone. What is particular to a kind stands in `classifier` and `finder`; `kinds` is the table of both.
docs/model-format.md describes every key for people who read such files without us.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.records import read_record, to_json

PRODUCER = "edgemnist"

Kind = Literal["classifier", "finder"]
Precision = Literal["fp32", "int8"]


@dataclass(frozen=True)
class Tensor:
    """What goes into a graph, or comes out of it."""

    name: str
    type: Literal["uint8", "float"]
    shape: tuple[int | str, ...]
    """Numbers, and names of sizes that are free."""


@dataclass(frozen=True)
class Interface:
    """The tensors of a graph; parity and the self-test look at the last output."""

    input: Tensor
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class ParityRecord:
    """How the model agreed with the unfolded torch network over the validation inputs."""

    max_abs_diff: float
    """Largest absolute difference of logits, or of the values of maps, graph optimisation off and on."""
    agreement: float
    """Share of equal answers (`parity`), 0..1; the worse of graph optimisation off and on."""
    count: int


@dataclass(frozen=True)
class QuantizationRecord:
    """How an int8 file came from its fp32 sibling."""

    method: str
    weight_bits: int
    calibration_count: int
    """Training inputs from which the activation ranges were taken."""
    accuracy_drop: float
    """Percentage points of the score lost against fp32 over the validation inputs; negative = gained."""
    agreement: float
    """Share of answers equal to fp32's, 0..1."""


@dataclass(frozen=True)
class DataRecord:
    """What a network was trained on."""

    sha256: str
    canonical: bool


@dataclass(frozen=True)
class ModelInfo(ABC):
    """Everything that an edgemnist file says about itself, whatever its kind."""

    kind: ClassVar[Kind]
    format_version: ClassVar[int]
    """The first one with files of this kind: an edgemnist that knows no such version refuses them in one line."""
    file_names: ClassVar[Mapping[Precision, str]]
    float_agreement: ClassVar[float]
    """Share of answers (`parity`) that fp32 must keep where sums are taken in another order."""

    precision: Precision
    network: str
    """The layers in words."""
    training: str
    """The recipe and seed, as JSON text."""
    data_sha256: str
    data_canonical: bool
    """Whether the network was trained on MNIST's own files, byte for byte."""
    checkpoint_sha256: str
    parity: ParityRecord
    quantization: QuantizationRecord | None
    """None for fp32."""
    versions: str
    """Library versions of the exporting machine, as JSON text."""

    @property
    @abstractmethod
    def interface(self) -> Interface:
        """The tensors of the graph."""

    @property
    @abstractmethod
    def score(self) -> float:
        """How good the model is on its validation inputs, 0..1."""

    @property
    @abstractmethod
    def recorded(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The self-test: inputs (K, H, W) and what `values` makes of the exporter's answers."""

    @abstractmethod
    def values(self, output: NDArray[Any]) -> NDArray[np.float32]:
        """What the last output says, as real numbers."""

    @abstractmethod
    def particulars(self) -> dict[str, str]:
        """The metadata strings of this kind alone."""

    @classmethod
    @abstractmethod
    def parse(cls, fields: Mapping[str, str]) -> Self:
        """What `fields` say, the keys without their prefix.

        Raises:
            KeyError, TypeError, ValueError, zlib.error: they do not.
        """

    def fields(self) -> dict[str, str]:
        """The metadata strings of both kinds."""
        return {
            "format_version": str(self.format_version),
            "precision": self.precision,
            "network": self.network,
            "training": self.training,
            "data": to_json(DataRecord(self.data_sha256, self.data_canonical)),
            "checkpoint_sha256": self.checkpoint_sha256,
            "parity": to_json(self.parity),
            "quantization": to_json(self.quantization) if self.quantization else "null",
            "versions": self.versions,
        }


def parse_common(fields: Mapping[str, str]) -> dict[str, Any]:
    """The fields of `ModelInfo` by name, from metadata strings.

    Raises:
        KeyError, TypeError, ValueError: they are not there, or not in their form.
    """
    if fields["precision"] not in ("fp32", "int8"):
        raise ValueError(f"precision: {fields['precision']}")
    data = read_record(DataRecord, fields["data"])
    quantization = fields["quantization"]
    return {
        "precision": fields["precision"],
        "network": fields["network"],
        "training": fields["training"],
        "data_sha256": data.sha256,
        "data_canonical": data.canonical,
        "checkpoint_sha256": fields["checkpoint_sha256"],
        "parity": read_record(ParityRecord, fields["parity"]),
        "quantization": None if quantization == "null" else read_record(QuantizationRecord, quantization),
        "versions": fields["versions"],
    }
