"""Allographs: shapes of digits that people of other countries write, and MNIST's American writers seldom do.

    0  its line ends inside the ring                 7  a bar across the stem
    1  an upstroke, long enough to be taken for a 7  8  the ring stays open at the upper right
    4  the stem begins at the bar, the arm leans     9  a foot that runs to the left, as that of a g

Each is MNIST's own digit with a straight stroke more, or with one less. The digit is then centered by its mass again,
as every picture is before it is read.
"""

import torch
from torch import Tensor

from edgemnist.data import IMAGE_SIZE

_INKED = 0.5
"""Full ink is 1."""
_ABSENT = -1.0
"""The width of a stroke that is not there: narrower than nothing."""
_WIDTHS = (1.6, 3.0)
"""Pixels: how wide strokes are that are added, as MNIST's own."""
_END_LENGTHS, _END_ANGLES = (0.25, 0.6), (-45.0, 45.0)
"""Of the digit's height; degrees from straight down, to the left."""
_UPSTROKE_LENGTHS, _UPSTROKE_ANGLES = (0.25, 0.7), (20.0, 50.0)
"""As those of the end."""
_MOST_LEAN = 0.25
"""Pixels to the right for each pixel up: a 1 that leans more would hide its upstroke behind its stem."""
_STEM_SHARES, _STEM_WIDTHS = (0.1, 0.4), (4.0, 7.0)
"""Of the way from the stem's tip to its foot; pixels."""
_ARM_HEIGHT, _ARM_SLOPES = 0.55, (0.0, 0.5)
"""Of the digit's height, from its top; pixels to the right for each pixel up."""
_BAR_HEIGHTS, _BAR_LENGTHS, _BAR_SLOPES = (0.4, 0.65), (4.0, 9.0), (-0.3, 0.3)
"""Of the digit's height, from its top; pixels; pixels up for each pixel to the right."""
_OPENING_HEIGHTS, _OPENING_WIDTHS = (0.1, 0.4), (2.4, 5.0)
"""Of the digit's height, from its top; pixels."""
_FOOT_LENGTHS, _FOOT_SLOPES = (4.0, 9.0), (-0.1, 0.45)
"""Pixels; pixels up for each pixel to the left."""


def to_allographs(inputs: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), in the other shape of the digit that their labels (N,) say, centered as before."""
    images = inputs[:, 0]
    changed = change_strokes(images, labels, generator)
    for dim in (1, 2):
        away = _center(changed, dim) - _center(images, dim)
        changed = _moved_back(changed, dim, _column(away.round().long()))
    return changed.unsqueeze(1)


def change_strokes(images: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Images (N, 28, 28), in the other shape of the digit that their labels (N,) say, wherever that lies."""
    pixels = torch.arange(IMAGE_SIZE, device=images.device)
    inked = images > _INKED
    # Where nothing is inked, top and bottom still lie within the image.
    top = torch.where(inked.any(2), pixels, IMAGE_SIZE - 1).amin(1)
    bottom = torch.where(inked.any(2), pixels, 0).amax(1)
    strokes = _draw_strokes(inked, top, bottom, generator)
    stroke = torch.full_like(strokes[0], _ABSENT)
    for digit, drawn in strokes.items():
        stroke = torch.where(labels == digit, drawn, stroke)
    covered = segment(*stroke)
    more = torch.maximum(images, covered * images.amax((1, 2), keepdim=True))
    less = images * (1 - covered)
    changed = torch.where(_column((labels == 4) | (labels == 8)), less, more)
    # What lies above the bar of a 4 leans: each row is moved by how far above it lies.
    slope = _uniform(_ARM_SLOPES, top, generator) * (labels == 4)
    above = (top + _ARM_HEIGHT * (bottom - top)).unsqueeze(1) - pixels
    return _moved_back(changed, 2, -(slope.unsqueeze(1) * above.clamp_min(0)).round().long().unsqueeze(2))


def _draw_strokes(inked: Tensor, top: Tensor, bottom: Tensor, generator: torch.Generator) -> dict[int, Tensor]:
    """(5, N) for each digit that has one, drawn anew for each image: x, y, right, down and width, as in `segment`."""
    height = bottom - top
    width = _uniform(_WIDTHS, height, generator)

    length = height * _uniform(_END_LENGTHS, height, generator)
    angle = torch.deg2rad(_uniform(_END_ANGLES, height, generator))
    end = (_middle(inked, top), top, -length * angle.sin(), length * angle.cos(), width)

    length = height * _uniform(_UPSTROKE_LENGTHS, height, generator)
    angle = torch.deg2rad(_uniform(_UPSTROKE_ANGLES, height, generator))
    lean = (_middle(inked, top) - _middle(inked, bottom)) / height.clamp_min(1)
    visible = torch.where(lean <= _MOST_LEAN, width, _ABSENT)
    upstroke = (_middle(inked, top), top, -length * angle.sin(), length * angle.cos(), visible)

    pixels = torch.arange(IMAGE_SIZE, device=inked.device)
    tip = torch.where(inked, pixels - pixels[:, None], -IMAGE_SIZE).flatten(1).argmax(1)
    x, y = tip % IMAGE_SIZE, tip // IMAGE_SIZE
    share = _uniform(_STEM_SHARES, height, generator)
    right, down = share * (_middle(inked, bottom) - x), share * (bottom - y)
    stem = (x, y, right, down, _uniform(_STEM_WIDTHS, height, generator))

    row = top + (height * _uniform(_BAR_HEIGHTS, height, generator)).round().long()
    length, slope = (_uniform(limits, height, generator) for limits in (_BAR_LENGTHS, _BAR_SLOPES))
    bar = (_middle(inked, row) - length / 2, row + slope * length / 2, length, -slope * length, width)

    row = top + (height * _uniform(_OPENING_HEIGHTS, height, generator)).round().long()
    rightmost = torch.where(_row(inked, row), pixels, 0).amax(1)
    nowhere = torch.zeros_like(width)
    opening = (rightmost, row, nowhere, nowhere, _uniform(_OPENING_WIDTHS, height, generator))

    length, slope = (_uniform(limits, height, generator) for limits in (_FOOT_LENGTHS, _FOOT_SLOPES))
    foot = (_middle(inked, bottom), bottom, -length, -slope * length, width)

    strokes = {0: end, 1: upstroke, 4: stem, 7: bar, 8: opening, 9: foot}
    return {digit: torch.stack([value.float() for value in stroke]) for digit, stroke in strokes.items()}


def _center(images: Tensor, dim: int) -> Tensor:
    """(N,): the center of mass of images (N, 28, 28) along one dimension, as an index."""
    mass = images.sum(3 - dim)
    return mass @ torch.arange(IMAGE_SIZE, dtype=torch.float, device=images.device) / mass.sum(1).clamp_min(1e-6)


def _moved_back(images: Tensor, dim: int, pixels: Tensor) -> Tensor:
    """Images (N, 28, 28), moved toward index 0 of a dimension by whole pixels (N, 1 or 28, 1); background follows."""
    place = torch.arange(IMAGE_SIZE, device=images.device).view((-1, 1) if dim == 1 else (1, -1))
    sources = (place + pixels).expand_as(images)
    within = (sources >= 0) & (sources < IMAGE_SIZE)
    return images.gather(dim, sources.clamp(0, IMAGE_SIZE - 1)) * within


def _middle(inked: Tensor, rows: Tensor) -> Tensor:
    """(N,): the column in the middle of what is inked in one row (N,) of each mask (N, 28, 28)."""
    lines = _row(inked, rows).float()
    return lines @ torch.arange(IMAGE_SIZE, dtype=torch.float, device=lines.device) / lines.sum(1).clamp_min(1)


def _row(inked: Tensor, rows: Tensor) -> Tensor:
    """(N, 28): one row (N,) of each mask (N, 28, 28)."""
    return inked.gather(1, _column(rows).expand(-1, 1, IMAGE_SIZE))[:, 0]


def segment(x: Tensor, y: Tensor, right: Tensor, down: Tensor, width: Tensor) -> Tensor:
    """(N, 28, 28) in [0, 1]: straight strokes with round ends, from (x, y) on; all arguments (N,) in pixels."""
    place = torch.arange(IMAGE_SIZE, dtype=torch.float, device=x.device)
    across, below = place - _column(x), place[:, None] - _column(y)
    along = (across * _column(right) + below * _column(down)) / _column(right * right + down * down).clamp_min(1e-6)
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
