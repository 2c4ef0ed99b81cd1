"""What is exported: a trained network with what it is measured on. `classifier` and `finder` say how, for each kind."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import onnx
from numpy.typing import NDArray

from edgemnist.export.calibrate import Calibration
from edgemnist.export.fold import FoldedNetwork
from edgemnist.model.contract import ModelInfo, Precision
from edgemnist.model.finder import Map
from edgemnist.model.parity import ParityLimits, ParityReport


@dataclass(frozen=True)
class MeasuredGraph:
    """A graph with what onnxruntime answered to the validation inputs."""

    precision: Precision
    graph: onnx.ModelProto
    outputs: tuple[NDArray[Any], ...]
    """As the file has them, with graph optimisation on."""
    values: NDArray[np.float32]
    """What the last of them says in real numbers."""
    parity: tuple[ParityReport, ...]
    """Graph optimisation off, then on."""
    maps: tuple[Map, ...]
    """Of a finder."""


@dataclass(frozen=True)
class Gate:
    """What int8 may lose against fp32."""

    measure: str
    """The score's name."""
    max_drop: float
    """Percentage points of the score."""
    min_agreement: float
    """Share of answers (`parity`) that must be the torch network's."""
    spare: int = 0
    """Answers that may change, however few there are: one of twenty proves nothing."""

    def drop_allowed(self, count: int) -> float:
        """Percentage points of the score that may be lost on so many inputs."""
        return round(max(self.max_drop, 100 * self.spare / count), 6)

    def agreement_needed(self, count: int) -> float:
        """The least agreement on so many inputs."""
        return min(self.min_agreement, 1 - self.spare / count)


@dataclass(frozen=True)
class Subject(ABC):
    """A network, folded, with the inputs that it is measured on."""

    info: ClassVar[type[ModelInfo]]
    gate: ClassVar[Gate]
    fp32_limits: ClassVar[ParityLimits]

    folded: FoldedNetwork
    inputs: NDArray[np.uint8]
    """Validation inputs, (N, H, W)."""
    training: Sequence[NDArray[np.uint8]]
    """Training inputs that calibrate int8, (N, H, W) for each of some sizes."""

    @cached_property
    def reference(self) -> NDArray[np.float32]:
        """What the unfolded torch network answers to `inputs`: logits, or the values of maps."""
        return self.ask()

    @abstractmethod
    def ask(self) -> NDArray[np.float32]:
        """`reference`, computed."""

    @abstractmethod
    def score(self, values: NDArray[np.float32]) -> float:
        """How good such answers are, 0..1."""

    @abstractmethod
    def maps(self, calibration: Calibration | None) -> tuple[Map, ...]:
        """The maps of a finder, in integers where there is a calibration; none of a classifier."""

    @abstractmethod
    def particulars(self, model: MeasuredGraph) -> dict[str, Any]:
        """The fields of its file's `ModelInfo` that this kind alone has, and `network`."""
