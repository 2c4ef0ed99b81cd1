"""Strokes that other countries' people write and MNIST's American writers seldom do, drawn into its digits.

A 1 gets an upstroke, long enough to be taken for a 7; a 7 gets a bar across its stem; a 9 gets a foot that runs to
the left, as that of a g.
"""

import torch
from torch import Tensor

from edgemnist.data import IMAGE_SIZE

_INKED = 0.5
"""Full ink is 1."""
_WIDTHS = (1.6, 3.0)
"""Pixels: how wide the strokes are, as MNIST's own."""
_UPSTROKE_LENGTHS, _UPSTROKE_ANGLES = (0.25, 0.7), (20.0, 60.0)
"""Of the digit's height; degrees from upright, to the lower left."""
_BAR_HEIGHTS, _BAR_LENGTHS, _BAR_SLOPES = (0.4, 0.65), (4.0, 9.0), (-0.3, 0.3)
"""Of the digit's height, from its top; pixels; pixels up for each pixel to the right."""
_FOOT_LENGTHS, _FOOT_SLOPES = (4.0, 9.0), (-0.1, 0.45)
"""Pixels; pixels up for each pixel to the left."""


def add_habits(inputs: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), with one more stroke in every 1, 7 and 9 by their labels (N,)."""
    images = inputs[:, 0]
    inked = images > _INKED
    pixels = torch.arange(IMAGE_SIZE, device=inputs.device)
    # Where nothing is inked, top and bottom still lie within the image.
    top = torch.where(inked.any(2), pixels, IMAGE_SIZE - 1).amin(1)
    bottom = torch.where(inked.any(2), pixels, 0).amax(1)
    height = bottom - top

    length = height * _uniform(_UPSTROKE_LENGTHS, height, generator)
    angle = torch.deg2rad(_uniform(_UPSTROKE_ANGLES, height, generator))
    upstroke = (_middle(inked, top), top, -length * angle.sin(), length * angle.cos())

    row = top + (height * _uniform(_BAR_HEIGHTS, height, generator)).round().long()
    length, slope = (_uniform(limits, height, generator) for limits in (_BAR_LENGTHS, _BAR_SLOPES))
    bar = (_middle(inked, row) - length / 2, row + slope * length / 2, length, -slope * length)

    length, slope = (_uniform(limits, height, generator) for limits in (_FOOT_LENGTHS, _FOOT_SLOPES))
    foot = (_middle(inked, bottom), bottom, -length, -slope * length)

    drawn = torch.zeros_like(images)
    width = _uniform(_WIDTHS, height, generator)
    for digit, (x, y, right, down) in ((1, upstroke), (7, bar), (9, foot)):
        drawn = torch.where(_column(labels == digit), _segment(x, y, right, down, width), drawn)
    return torch.maximum(images, drawn * images.amax((1, 2), keepdim=True)).unsqueeze(1)


def _middle(inked: Tensor, rows: Tensor) -> Tensor:
    """(N,): the column in the middle of what is inked in one row (N,) of each mask (N, 28, 28)."""
    lines = inked.gather(1, rows[:, None, None].expand(-1, 1, IMAGE_SIZE))[:, 0].float()
    return lines @ torch.arange(IMAGE_SIZE, dtype=torch.float, device=lines.device) / lines.sum(1).clamp_min(1)


def _segment(x: Tensor, y: Tensor, right: Tensor, down: Tensor, width: Tensor) -> Tensor:
    """(N, 28, 28) in [0, 1]: straight strokes with round ends, from (x, y) on; all arguments (N,) in pixels."""
    place = torch.arange(IMAGE_SIZE, dtype=torch.float, device=x.device)
    across, below = place - _column(x), place[:, None] - _column(y)
    along = (across * _column(right) + below * _column(down)) / _column(right * right + down * down).clamp_min(1)
    along = along.clamp(0, 1)
    distance = torch.hypot(across - along * _column(right), below - along * _column(down))
    return (_column(width) / 2 + 0.5 - distance).clamp(0, 1)


def _column(values: Tensor) -> Tensor:
    """(N,) as (N, 1, 1)."""
    return values[:, None, None]


def _uniform(limits: tuple[float, float], like: Tensor, generator: torch.Generator) -> Tensor:
    """(N,) uniform between the limits."""
    low, high = limits
    return low + (high - low) * torch.rand(len(like), generator=generator, device=like.device)
