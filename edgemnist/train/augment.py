"""Augmentation: whole batches on the device, no image on its own."""

import torch
from torch import Tensor

from edgemnist.train.habits import add_habits
from edgemnist.train.ink import change_ink
from edgemnist.train.recipe import Recipe
from edgemnist.train.warp import warp


def augment(inputs: Tensor, labels: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) with labels (N,), each changed in its own random way, still in [0, 1].

    The first images of the batch get the strong augmentation, the rest the gentle one, and the last ones the strokes
    of other countries' handwriting: batches are drawn in random order, so that it meets other images in every epoch.
    """
    usual = len(inputs) - round(len(inputs) * recipe.habits_share)
    inputs = torch.cat([inputs[:usual], add_habits(inputs[usual:], labels[usual:], generator)])
    strong = round(len(inputs) * recipe.strong_share)
    parts = zip(inputs.split([strong, len(inputs) - strong]), (recipe.strong, recipe.gentle), strict=True)
    changed = [change_ink(warp(part, amounts, generator), amounts, generator) for part, amounts in parts]
    return torch.cat(changed).clamp_(0, 1)
