"""What is particular to exporting a finder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgemnist.export.builder import interface
from edgemnist.export.calibrate import Calibration
from edgemnist.export.quantize import ACTIVATION_MAX
from edgemnist.export.subject import Gate, MeasuredGraph, Subject
from edgemnist.model.finder import FinderInfo, FindingRecord, Map, PageTest
from edgemnist.model.parity import ParityLimits
from edgemnist.model.session import new_session, run_outputs
from edgemnist.train.predict import predict_maps


@dataclass(frozen=True)
class FinderSubject(Subject):
    """A finder with its pages."""

    info = FinderInfo
    gate = Gate("F1 of what is found", max_drop=0.5, min_agreement=0.0)
    fp32_limits = ParityLimits(max_abs_diff=1e-4, min_agreement=FinderInfo.float_agreement)

    network: torch.nn.Module
    """BatchNorm unfolded: maps of pages in [0, 1]."""
    words: str
    """The network in words."""
    named_maps: Sequence[tuple[str, int]]
    """The name of each map, and how many channels it has."""
    judge: Callable[[NDArray[np.float32]], FindingRecord]
    """What is found on the validation pages by the values of their maps, (N, C, H / 4, W / 4)."""
    selftest_pages: NDArray[np.uint8]
    """(K, H, W); they and their maps are in the file."""

    def ask(self) -> NDArray[np.float32]:
        """Maps."""
        return predict_maps(self.network, self.inputs)

    def score(self, values: NDArray[np.float32]) -> float:
        """F1 of the finds."""
        return self.judge(values).score

    def maps(self, calibration: Calibration | None) -> tuple[Map, ...]:
        """Each from its least to its greatest value on training pages in 255 steps, with an integer that is 0."""
        if calibration is None:
            return tuple(Map(name, channels, 1.0, 0) for name, channels in self.named_maps)
        least, most = np.concatenate([calibration.output_ranges[name] for name in self.folded.outputs], axis=1)
        ends = np.cumsum([0, *(channels for _, channels in self.named_maps)])
        return tuple(
            _map(name, channels, float(least[at : at + channels].min()), float(most[at : at + channels].max()))
            for (name, channels), at in zip(self.named_maps, ends, strict=False)
        )

    def particulars(self, model: MeasuredGraph) -> dict[str, Any]:
        """Maps, what is found, and self-test."""
        return {
            "network": self.words,
            "maps": model.maps,
            "validation": self.judge(model.values),
            "selftest": PageTest(self.selftest_pages, self._selftest_maps(model)),
        }

    def _selftest_maps(self, model: MeasuredGraph) -> NDArray[Any]:
        session = new_session(model.graph.SerializeToString(), model.precision)
        (maps,) = run_outputs(session, self.selftest_pages, interface(self.folded, model.precision))
        return maps


def _map(name: str, channels: int, least: float, most: float) -> Map:
    least, most = min(least, 0.0), max(most, 0.0)
    scale = (most - least or 1.0) / ACTIVATION_MAX
    return Map(name, channels, scale, round(-least / scale))
