"""What a classifier learns: the labels of images.

The whole set lies on the device as one uint8 tensor, and a batch is a slice of a random permutation: no worker
processes, no copies from host to device, and nothing in an epoch that waits for the device.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.data import DataSet, Split
from edgemnist.train.augment import augment, change
from edgemnist.train.network import images_to_inputs, images_to_tensor
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

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Augmented images with their labels."""
        split, recipe = self.training, self.recipe
        device = split.images.device
        shuffle, changes = generators(self.seed, epoch, device)
        clean = epoch > recipe.epochs - recipe.clean_epochs
        for batch in torch.randperm(len(split), generator=shuffle).to(device).split(recipe.batch_size):
            inputs, labels = images_to_inputs(split.images[batch]), split.labels[batch]
            if clean:
                inputs = change(inputs, labels, recipe.clean, changes)
            else:
                inputs = augment(inputs, labels, recipe, changes)
            yield Batch(inputs, labels, len(batch))

    def loss(self, outputs: Tensor, target: Tensor) -> Losses:
        """Mean cross-entropy."""
        loss = F.cross_entropy(outputs, target)
        return Losses(loss, loss.detach())

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
