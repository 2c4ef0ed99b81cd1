"""Learning curves as a picture."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from edgemnist.atomic import atomic_path
from edgemnist.train.checkpoint import EpochRecord


def save_curves(path: Path, history: Sequence[EpochRecord]) -> None:
    """Write a PNG of loss and validation error over the epochs.

    Raises:
        StorageError: writing fails.
    """
    epochs = [record.epoch for record in history]
    figure = Figure(figsize=(10, 4), layout="constrained")
    losses, errors = figure.subplots(1, 2)
    losses.plot(epochs, [record.loss for record in history], marker=".", label="training, as augmented")
    losses.plot(epochs, [record.validation_loss for record in history], marker=".", label="validation")
    losses.set(title="Loss", xlabel="epoch", yscale="log")
    losses.legend(loc="upper right")
    errors.plot(epochs, [100 * (1 - record.validation_accuracy) for record in history], marker=".")
    errors.set(title="Validation: what is wrong, %", xlabel="epoch", ylim=(0, None))
    for axes in (losses, errors):
        axes.grid(visible=True, which="both", alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
