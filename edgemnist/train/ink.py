"""Change the ink of images: stroke thickness, blur, contrast, erased boxes and noise."""

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.recipe import Augmentation

THICKER_SHARE = 0.55
"""Of the images whose strokes change, this share gets thicker, the rest thinner."""
THINNEST = 0.7
"""A stroke gets at most this share of the way to its 3x3 minimum, which would wipe out the thin ones."""
BLUR_LIMIT = 0.25
"""Largest weight of a neighbour; 0.25 is the binomial filter 1 2 1."""
BOX_SIDES = (5.0, 9.0)
"""Pixels."""


def change_thickness(inputs: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), a share of them moved some of the way to their 3x3 maximum or minimum."""
    thicker = _uniform(inputs, generator) < THICKER_SHARE
    amount = _uniform(inputs, generator) * _chosen(inputs, share, generator)
    # The minimum is the maximum of the negative: one pooling serves both.
    sign = torch.where(thicker, 1.0, -1.0)
    extreme = sign * F.max_pool2d(sign * inputs, kernel_size=3, stride=1, padding=1)
    return torch.lerp(inputs, extreme, amount * torch.where(thicker, 1.0, THINNEST))


def change_ink(inputs: Tensor, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) with every change of ink that `amounts` asks for, in [0, 1]."""
    if amounts.thickness:
        inputs = change_thickness(inputs, amounts.thickness, generator)
    if amounts.blur:
        inputs = _blur(inputs, BLUR_LIMIT * _uniform(inputs, generator) * _chosen(inputs, amounts.blur, generator))
    if amounts.contrast:
        inputs = inputs * (1 - amounts.contrast * _uniform(inputs, generator))
    if amounts.erasing:
        inputs = inputs * ~(_box(inputs, generator) & _chosen(inputs, amounts.erasing, generator))
    if amounts.noise:
        deviation = amounts.noise * _uniform(inputs, generator) * _chosen(inputs, 0.5, generator)
        noise = torch.randn(inputs.shape, generator=generator, device=inputs.device)
        inputs = torch.addcmul(inputs, noise, deviation).clamp_(0, 1)
    return inputs


def _blur(inputs: Tensor, weight: Tensor) -> Tensor:
    """Each pixel mixed with its neighbours along x, then along y; each neighbour has the weight (N, 1, 1, 1)."""
    for padding, dim in (((1, 1, 0, 0), 3), ((0, 0, 1, 1), 2)):
        padded = F.pad(inputs, padding)
        neighbors = padded.narrow(dim, 0, IMAGE_SIZE) + padded.narrow(dim, 2, IMAGE_SIZE)
        inputs = inputs + weight * (neighbors - 2 * inputs)
    return inputs


def _box(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) bool: one box in each image, of random size, whole within the image."""
    positions = torch.arange(IMAGE_SIZE, device=inputs.device)
    inside = []
    for shape in ((-1, 1), (1, -1)):
        side = BOX_SIDES[0] + (BOX_SIDES[1] - BOX_SIDES[0]) * _uniform(inputs, generator)
        start = (IMAGE_SIZE - side) * _uniform(inputs, generator)
        line = positions.view(shape)
        inside.append((line >= start) & (line < start + side))
    return inside[0] & inside[1]


def _uniform(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 1, 1) uniform in [0, 1)."""
    return torch.rand(len(inputs), 1, 1, 1, generator=generator, device=inputs.device)


def _chosen(inputs: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """(N, 1, 1, 1) bool: a random share of the images."""
    return _uniform(inputs, generator) < share
