"""What a network learns, as the training loop sees it: batches, a loss and a metric.

`classifier` is one; the loop knows nothing else of it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from edgemnist.model.contract import Kind


class TrainingRecipe(Protocol):
    """What the loop reads of a recipe, a frozen dataclass of plain values; `recipe.Recipe` says what they mean."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def schedule(self) -> str: ...  # noqa: D102
    @property
    def peak_learning_rate(self) -> float: ...  # noqa: D102
    @property
    def warmup(self) -> float: ...  # noqa: D102
    @property
    def beta2(self) -> float: ...  # noqa: D102
    @property
    def bfloat16(self) -> bool: ...  # noqa: D102


class Batch(NamedTuple):
    """What one step learns from, on the device."""

    inputs: Tensor
    target: Any
    """What `Task.loss` takes."""
    size: int
    """Its weight in an epoch's mean loss."""


class Losses(NamedTuple):
    """Of one batch; both scalars on the device."""

    learned: Tensor
    """What the step makes smaller."""
    told: Tensor
    """What of it the history tells."""


class Task(Protocol):
    """What a network learns."""

    @property
    def steps(self) -> int:
        """Batches in each epoch."""

    def batches(self, epoch: int, network: nn.Module) -> Iterator[Batch]:
        """Those of an epoch, 1 for the first, always the same for the same epoch (`generators`).

        A lesson asks the network what those of its layers that do not learn make of the images.
        """

    def loss(self, outputs: Any, target: Any) -> Losses:
        """How far the network's outputs for a batch's inputs are from its target."""

    def evaluate(self, network: nn.Module) -> tuple[float, float]:
        """Loss and metric of the network over validation data; the metric from 0 to 1, which is best."""


def generators(seed: int, epoch: int, device: torch.device) -> tuple[torch.Generator, torch.Generator]:
    """The generators of the order (on the CPU, so that it is the same everywhere) and of all else in an epoch."""
    shuffle, changes = (int(word) for word in np.random.SeedSequence([seed, epoch]).generate_state(2, np.uint64))
    return torch.Generator().manual_seed(shuffle), torch.Generator(device).manual_seed(changes)
