"""Augmentation: whole batches on the device, no image on its own."""

import torch
from torch import Tensor

from edgemnist.train.allographs import to_allographs
from edgemnist.train.amounts import Augmentation
from edgemnist.train.ink import change_ink, change_some
from edgemnist.train.recipe import Recipe
from edgemnist.train.warp import warp


def augment(inputs: Tensor, labels: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) with labels (N,), each changed in its own random way, still in [0, 1].

    The first images of the batch get the strong augmentation, the rest the gentle one: batches are drawn in
    random order, so that it meets other images in every epoch.
    """
    inputs = change(inputs, labels, recipe.common, generator)
    strong = round(len(inputs) * recipe.strong_share)
    sizes = [strong, len(inputs) - strong]
    parts = zip(inputs.split(sizes), labels.split(sizes), (recipe.strong, recipe.gentle), strict=True)
    return torch.cat([change(*part, generator) for part in parts])


def change(inputs: Tensor, labels: Tensor, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) with labels (N,), changed by these amounts, still in [0, 1]."""
    if amounts.allographs:
        inputs = change_some(
            inputs, amounts.allographs, generator, lambda some: to_allographs(inputs[some], labels[some], generator)
        )
    if amounts.bends:
        inputs = warp(inputs, amounts, generator)
    return change_ink(inputs, amounts, generator).clamp(0, 1)
