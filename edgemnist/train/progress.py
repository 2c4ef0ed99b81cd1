"""What a training tells whoever watches it."""

from collections.abc import Callable
from dataclasses import dataclass

from edgemnist.train.checkpoint import EpochRecord


@dataclass(frozen=True)
class StepDone:
    """A step was handed to the device; carries nothing that would have to be waited for."""

    epoch: int
    """1 for the first."""
    epochs: int
    """In all."""
    step: int
    """1 for the first of each epoch."""
    steps: int
    """In each epoch."""


@dataclass(frozen=True)
class EpochDone:
    """An epoch is finished and its checkpoint written."""

    record: EpochRecord
    """What the epoch brought."""
    epochs: int
    """In all."""
    seconds: float
    """This epoch's training, validation and writing."""


Progress = Callable[[StepDone | EpochDone], None]
"""Called from the training, on its thread; whatever it raises ends the training."""
