"""Augmentation: whole batches on the device, no image on its own."""

import torch
from torch import Tensor

from edgemnist.train.ink import change_ink
from edgemnist.train.recipe import Recipe
from edgemnist.train.warp import warp


def augment(inputs: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), each changed in its own random way, still in [0, 1].

    The first images of the batch get the strong augmentation, the rest the gentle one: batches are drawn in
    random order, so that it meets other images in every epoch.
    """
    strong = round(len(inputs) * recipe.strong_share)
    parts = zip(inputs.split([strong, len(inputs) - strong]), (recipe.strong, recipe.gentle), strict=True)
    changed = [change_ink(warp(part, amounts, generator), amounts, generator) for part, amounts in parts]
    return torch.cat(changed).clamp_(0, 1)
