"""A lesson: what a finished network learns when one hand's digits are taught to it beside MNIST.

Only its dense layers learn. What the convolutions make of an image is then the same at every step, and is computed
once an epoch; MNIST's part is used several times. That makes a step a tenth as long.

With z the logits, and z0 those when the epoch began, the loss is

    cross-entropy of own and MNIST's digits + outliers (loss.py) + memory * mean((z - z0)^2) over MNIST's and outliers

The last term is what it forgets nothing by: MNIST's training images are long learned, and without it nothing in them
says where the network must not move.

Source: Z. Li, D. Hoiem, "Learning without forgetting" (2016), for logits of the network before as a second target.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.data import DataSet
from edgemnist.train.augment import change
from edgemnist.train.classifier import ClassifierTask, DeviceSplit, move_split
from edgemnist.train.network import DigitCnn, images_to_inputs
from edgemnist.train.outliers.digits import Digits
from edgemnist.train.outliers.make import make_outliers
from edgemnist.train.recipe import Recipe
from edgemnist.train.task import Batch, Losses, generators

_CHUNK = 1_000
"""Images at once."""


@dataclass(frozen=True)
class LessonTask(ClassifierTask):
    """A `task.Task`: batches of MNIST's digits and one's own; the metric is the accuracy on MNIST."""

    own: DeviceSplit
    """The digits of that hand."""

    @property
    def steps(self) -> int:
        """As in `Task`."""
        return self.recipe.lesson.steps

    def batches(self, epoch: int, network: nn.Module) -> Iterator[Batch]:
        """Features of own digits, of MNIST's and of outliers, in this order, with the labels of the first two."""
        assert isinstance(network, DigitCnn)  # whose lesson else
        recipe, lesson = self.recipe, self.recipe.lesson
        network.eval()
        order, changes = generators(self.seed, epoch, self.own.images.device)
        mine = max(1, round(recipe.batch_size * lesson.share))
        others = max(1, recipe.batch_size - mine)
        none = max(1, round(recipe.batch_size * recipe.outliers.share))
        own = _cycle(len(self.own), self.steps * mine, order).to(changes.device)
        known = torch.randperm(len(self.training), generator=order)[: lesson.images].to(changes.device)
        own_labels, known_labels = self.own.labels[own], self.training.labels[known]
        own_images, known_images = (
            change(images_to_inputs(split.images[chosen]), split.labels[chosen], amounts, changes)
            for split, chosen, amounts in ((self.own, own, recipe.gentle), (self.training, known, recipe.clean))
        )
        strangers = make_outliers(
            Digits(self.training.images, self.training.labels), lesson.outliers, recipe, clean=True, generator=changes
        )
        own_maps, known_maps, strange_maps = (
            _in_chunks(network.features, images) for images in (own_images, known_images, strangers)
        )
        known_before, strange_before = (_in_chunks(network, maps) for maps in (known_maps, strange_maps))
        network.train()
        draws = zip(
            torch.arange(len(own), device=changes.device).split(mine),
            _cycle(len(known), self.steps * others, order).to(changes.device).split(others),
            _cycle(len(strangers), self.steps * none, order).to(changes.device).split(none),
            strict=True,
        )
        for one, two, three in draws:
            labels = torch.cat([own_labels[one], known_labels[two]])
            before = torch.cat([known_before[two], strange_before[three]])
            inputs = torch.cat([own_maps[one], known_maps[two], strange_maps[three]])
            yield Batch(inputs, (labels, before), len(labels))

    def loss(self, outputs: Tensor, target: tuple[Tensor, Tensor]) -> Losses:  # type: ignore[override]
        """That of a classifier, and how far the logits of all but the own digits are from those before."""
        labels, before = target
        learned, told = super().loss(outputs, labels)
        moved = F.mse_loss(outputs[-len(before) :].float(), before)
        return Losses(learned + self.recipe.lesson.memory * moved, told)


def lesson_task(data: DataSet, recipe: Recipe, seed: int, device: torch.device) -> LessonTask:
    """The task of `data` with its own digits, copied to the device."""
    assert data.own is not None  # whoever begins a lesson has some
    train, validation, own = (move_split(split, device) for split in (data.train, data.validation, data.own.train))
    return LessonTask(train, validation, recipe, seed, own)


def _cycle(count: int, total: int, generator: torch.Generator) -> Tensor:
    """(total,): positions 0 to count - 1 in random order, all of them before any comes again."""
    rounds = -(-total // count)
    return torch.cat([torch.randperm(count, generator=generator) for _ in range(rounds)])[:total]


@torch.no_grad()
def _in_chunks(ask: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
    return torch.cat([ask(part) for part in inputs.split(_CHUNK)])
