"""Bring what was drawn to MNIST's form: 20 pixels long, not too wide, centered by mass."""

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.reading.mnist_form import CENTER, INK_SIDE
from edgemnist.train.allographs import segment

PENS = (1.5, 3.2)
"""Pixels: how wide strokes are, as MNIST's own."""
ABSENT = -1.0
"""The width of a stroke that is not there."""
NARROW, WIDTH_KEPT = 0.6, 0.3
"""Width over height: as the reading does it, what is wider keeps this share of the width beyond."""
LEAST = 0.05
"""Of the longer side: no drawing is taken for narrower."""
INKED = 0.2
"""Full ink is 1; what is paler does not count for the length."""
SHORTEST = 5
"""Pixels: what is shorter is enlarged as if it were this long."""


def draw(paths: Tensor, present: Tensor, generator: torch.Generator) -> Tensor:
    """Images (N, 1, 28, 28) in MNIST's form of strokes (N, S, P, 2), each along P points, x and y in any unit.

    `present` (N, S) bool says which strokes are there; in each image one is.
    """
    width = PENS[0] + (PENS[1] - PENS[0]) * torch.rand(len(paths), generator=generator, device=paths.device)
    points = _fitted(paths, present, INK_SIDE - width)
    images = paths.new_zeros(len(paths), IMAGE_SIZE, IMAGE_SIZE)
    for stroke in range(paths.shape[1]):
        there = torch.where(present[:, stroke], width, ABSENT)
        for step in range(paths.shape[2] - 1):
            x, y = points[:, stroke, step].unbind(1)
            right, down = (points[:, stroke, step + 1] - points[:, stroke, step]).unbind(1)
            images = torch.maximum(images, segment(x, y, right, down, there))
    return centered(images.unsqueeze(1), paths.new_ones(len(paths)))


def _fitted(paths: Tensor, present: Tensor, side: Tensor) -> Tensor:
    """The points in pixels: their longer side is `side` (N,) long, their middle that of the image."""
    there = present[:, :, None, None]
    low = torch.where(there, paths, torch.inf).amin((1, 2))
    high = torch.where(there, paths, -torch.inf).amax((1, 2))
    size = high - low
    width, height = torch.maximum(size, LEAST * size.amax(1, keepdim=True)).unbind(1)
    aspect = width / height
    squeeze = torch.where(aspect > NARROW, (NARROW + WIDTH_KEPT * (aspect - NARROW)) / aspect, 1.0)
    scale = side / torch.maximum(width * squeeze, height)
    factors = torch.stack([scale * squeeze, scale], 1)
    return (paths - ((low + high) / 2)[:, None, None]) * factors[:, None, None] + (IMAGE_SIZE - 1) / 2


def to_form(inputs: Tensor) -> Tensor:
    """The inputs (N, 1, 28, 28) with their ink's longer side 20 pixels long, centered by mass."""
    pixels = torch.arange(IMAGE_SIZE, dtype=torch.float, device=inputs.device)
    inked = inputs[:, 0] > INKED
    spans = []
    for dim in (1, 2):
        line = inked.any(dim)
        last = torch.where(line, pixels, 0.0).amax(1)
        spans.append(last - torch.where(line, pixels, IMAGE_SIZE).amin(1) + 1)
    return centered(inputs, torch.maximum(*spans).clamp(SHORTEST, IMAGE_SIZE) / INK_SIDE)


def centered(inputs: Tensor, size: Tensor) -> Tensor:
    """The inputs (N, 1, 28, 28) with their center of mass in the middle, made smaller by `size` (N,)."""
    images = inputs[:, 0]
    pixels = torch.arange(IMAGE_SIZE, dtype=torch.float, device=inputs.device)
    mass = images.sum((1, 2)).clamp_min(1e-6)
    x, y = (images.sum(1) @ pixels) / mass, (images.sum(2) @ pixels) / mass
    nothing = torch.zeros_like(size)
    # grid_sample counts from -1 to 1 across the image.
    shifts = [_across(place) - size * _across(CENTER) for place in (x, y)]
    theta = torch.stack([size, nothing, shifts[0], nothing, size, shifts[1]], 1).view(-1, 2, 3)
    return resample(inputs, theta)


def _across(place: Tensor | int) -> Tensor | float:
    return (place + 0.5) * (2 / IMAGE_SIZE) - 1


def resample(inputs: Tensor, theta: Tensor) -> Tensor:
    """The inputs (N, 1, 28, 28), each pixel taken from where theta (N, 2, 3) puts it; outside is background."""
    grid = F.affine_grid(theta, list(inputs.shape), align_corners=False)
    return F.grid_sample(inputs, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
