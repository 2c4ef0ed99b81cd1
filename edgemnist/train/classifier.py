"""What a classifier learns: the labels of images.

The whole set lies on the device as one uint8 tensor, and a batch is a slice of a random permutation: no worker
processes, no copies from host to device, and nothing in an epoch that waits for the device.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.data import DataSet, Split
from edgemnist.train.augment import augment, change
from edgemnist.train.loss import digit_loss, outlier_loss
from edgemnist.train.network import images_to_inputs, images_to_tensor
from edgemnist.train.outliers.digits import Digits
from edgemnist.train.outliers.make import make_outliers
from edgemnist.train.recipe import Recipe
from edgemnist.train.task import Batch, Losses, generators

VALIDATION_BATCH = 1_000
"""Images at once."""


@dataclass(frozen=True)
class DeviceSplit:
    """A split on the device."""

    images: Tensor
    """(N, 1, 28, 28) uint8"""
    labels: Tensor
    """(N,) int64"""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ClassifierTask:
    """A `task.Task`: each epoch every training image once, in random order; the metric is the accuracy."""

    training: DeviceSplit
    validation: DeviceSplit
    recipe: Recipe
    seed: int

    @property
    def steps(self) -> int:
        """As in `Task`."""
        return -(-len(self.training) // self.recipe.batch_size)

    def batches(self, epoch: int, network: nn.Module) -> Iterator[Batch]:  # noqa: ARG002
        """Augmented images with their labels; behind them outliers, which have none."""
        split, recipe = self.training, self.recipe
        device = split.images.device
        shuffle, changes = generators(self.seed, epoch, device)
        clean = epoch > recipe.epochs - recipe.clean_epochs
        outliers = self._outliers(epoch, clean=clean)
        batches = torch.randperm(len(split), generator=shuffle).to(device).split(recipe.batch_size)
        for step, batch in enumerate(batches):
            inputs, labels = images_to_inputs(split.images[batch]), split.labels[batch]
            if clean:
                inputs = change(inputs, labels, recipe.clean, changes)
            else:
                inputs = augment(inputs, labels, recipe, changes)
            if outliers is not None:
                inputs = torch.cat([inputs, outliers[step]])
            yield Batch(inputs, labels, len(batch))

    def _outliers(self, epoch: int, *, clean: bool) -> Tensor | None:
        """Those of each step, (steps, M, 1, 28, 28); None in an epoch without."""
        each = round(self.recipe.batch_size * self.recipe.outliers.share)
        if not each or epoch <= self.recipe.epochs - self.recipe.outliers.epochs:
            return None
        split, device = self.training, self.training.images.device
        word = int(np.random.SeedSequence([self.seed, epoch]).generate_state(3, np.uint64)[2])
        generator = torch.Generator(device).manual_seed(word)
        digits = Digits(split.images, split.labels)
        made = make_outliers(digits, self.steps * each, self.recipe, clean=clean, generator=generator)
        return made.view(self.steps, each, *made.shape[1:])

    def loss(self, outputs: Tensor, target: Tensor) -> Losses:
        """Mean cross-entropy of the digits, and beside it that of the outliers with its weight (`loss.py`)."""
        digits, outliers = outputs[: len(target)], outputs[len(target) :]
        if not len(outliers):
            loss = digit_loss(digits, target, beside_outliers=False)
            return Losses(loss, loss.detach())
        loss = digit_loss(digits, target, beside_outliers=True)
        return Losses(loss + self.recipe.outliers.weight * outlier_loss(outliers), loss.detach())

    @torch.inference_mode()
    def evaluate(self, network: nn.Module) -> tuple[float, float]:
        """Mean cross-entropy and accuracy (0 to 1) of the network over the validation images."""
        network.eval()
        split = self.validation
        logits = torch.cat([network(images_to_inputs(part)) for part in split.images.split(VALIDATION_BATCH)])
        correct = (logits.argmax(1) == split.labels).sum()
        return F.cross_entropy(logits, split.labels).item(), correct.item() / len(split)


def classifier_task(data: DataSet, recipe: Recipe, seed: int, device: torch.device, run: Path) -> ClassifierTask:  # noqa: ARG001
    """The task of `data`, copied to the device; nothing is kept in the folder `run`."""
    return ClassifierTask(move_split(data.train, device), move_split(data.validation, device), recipe, seed)


def move_split(split: Split, device: torch.device) -> DeviceSplit:
    """The split, copied to the device."""
    return DeviceSplit(images_to_tensor(split.images, device), torch.from_numpy(split.labels.copy()).to(device))
