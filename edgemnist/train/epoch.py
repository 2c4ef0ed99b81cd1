"""One epoch: every training image once, in random order, then all validation images.

The whole set lies on the device as one uint8 tensor, and a batch is a slice of a random permutation: no worker
processes, no copies from host to device, and nothing in an epoch that waits for the device.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import Split
from edgemnist.train.augment import augment, change
from edgemnist.train.device import has_bfloat16
from edgemnist.train.learner import Learner
from edgemnist.train.network import DigitCnn, images_to_inputs, images_to_tensor
from edgemnist.train.progress import Progress, StepDone
from edgemnist.train.recipe import learning_rate

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


def move_split(split: Split, device: torch.device) -> DeviceSplit:
    """The split, copied to the device."""
    return DeviceSplit(images_to_tensor(split.images, device), torch.from_numpy(split.labels.copy()).to(device))


def train_epoch(learner: Learner, split: DeviceSplit, epoch: int, progress: Progress) -> float:
    """The mean cross-entropy over the training inputs of an epoch (1 for the first), each taken before its step."""
    recipe, network, optimizer = learner.recipe, learner.network, learner.optimizer
    device = split.images.device
    in_bfloat16 = recipe.bfloat16 and has_bfloat16(device)
    shuffle, changes = _generators(learner.seed, epoch, device)
    batches = torch.randperm(len(split), generator=shuffle).to(device).split(recipe.batch_size)
    steps = len(batches)
    total = torch.zeros((), device=device)
    network.train()
    for step, batch in enumerate(batches):
        optimizer.param_groups[0]["lr"] = learning_rate(recipe, (epoch - 1) * steps + step, recipe.epochs * steps)
        inputs, labels = images_to_inputs(split.images[batch]), split.labels[batch]
        if epoch <= recipe.epochs - recipe.clean_epochs:
            inputs = augment(inputs, labels, recipe, changes)
        else:
            inputs = change(inputs, labels, recipe.clean, changes)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=in_bfloat16):
            loss = F.cross_entropy(network(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(batch)
        progress(StepDone(epoch, recipe.epochs, step + 1, steps))
    return total.item() / len(split)


@torch.inference_mode()
def evaluate(network: DigitCnn, split: DeviceSplit) -> tuple[float, float]:
    """Mean cross-entropy and accuracy (0 to 1) of the network over a split."""
    network.eval()
    logits = torch.cat([network(images_to_inputs(part)) for part in split.images.split(VALIDATION_BATCH)])
    correct = (logits.argmax(1) == split.labels).sum()
    return F.cross_entropy(logits, split.labels).item(), correct.item() / len(split)


def _generators(seed: int, epoch: int, device: torch.device) -> tuple[torch.Generator, torch.Generator]:
    """The generators of the order (on the CPU, so that it is the same everywhere) and of the augmentation."""
    shuffle, changes = (int(word) for word in np.random.SeedSequence([seed, epoch]).generate_state(2, np.uint64))
    return torch.Generator().manual_seed(shuffle), torch.Generator(device).manual_seed(changes)
