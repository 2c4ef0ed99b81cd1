"""What lies around a digit and across it in arrays that were never cleaned: a gray background, pieces of lines."""

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.allographs import segment

LEVELS = (0.0, 0.55)
"""Of a background; 1 is full ink."""
UNEVENNESS = 0.5
"""A background departs from its level by at most this, either way, before it is cut to what follows."""
BRIGHTEST = 0.65
"""No background is brighter: more would leave no room for ink."""
CONTRASTS = (0.5, 1.0)
"""Of what lies between background and full ink, the share that ink still takes."""
COARSE, FINE = 3, 7
"""Points along a side from which a background's uneven light is spread."""

LINE_WIDTHS = (0.5, 1.6)
"""Pixels: thinner than most of MNIST's strokes."""
LINE_INK = (0.3, 1.0)
"""Full ink is 1."""
LINE_LENGTHS = (6.0, 40.0)
"""Pixels; the longest cross the image whichever way they run."""
ARM_LENGTHS = (3.0, 12.0)
"""Pixels: of the two sides of a box's corner."""
LEAN = 8.0
"""Degrees, either way, from level or upright."""
CORNER_SHARE, ANY_ANGLE_SHARE = 0.35, 0.2
"""Of the images with lines: corners of boxes; of the rest, lines of any angle."""


def lay_on_gray(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) on gray, uneven backgrounds, their ink paler, still in [0, 1]."""
    level = _uniform(LEVELS, inputs, generator)
    light = sum(share * _spread(points, inputs, generator) for points, share in ((COARSE, 0.7), (FINE, 0.3)))
    amount = _uniform((0.0, UNEVENNESS), inputs, generator)
    background = (level + amount * light).clamp(0, BRIGHTEST)
    return background + (1 - background) * _uniform(CONTRASTS, inputs, generator) * inputs


def leave_lines_in(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), each with a piece of a straight line, or of a box's corner, across it or beside it."""
    (x, y, angle, length, width, ink), second_length = _draw_lines(inputs, generator)
    right, down = angle.cos(), angle.sin()
    first = segment(x, y, length * right, length * down, width)
    second = segment(x, y, -second_length * down, second_length * right, torch.where(second_length > 0, width, -1.0))
    lines = ink[:, None, None] * torch.maximum(first, second)
    return torch.maximum(inputs, lines.unsqueeze(1))


def _draw_lines(inputs: Tensor, generator: torch.Generator) -> tuple[tuple[Tensor, ...], Tensor]:
    """Six of (N,): where each line begins, its angle, length, width and ink; and how long a corner's other side is."""

    def uniform(low: float, high: float) -> Tensor:
        return _uniform((low, high), inputs, generator).flatten()

    corner = uniform(0, 1) < CORNER_SHARE
    quarter = torch.pi / 2 * uniform(0, 4).floor()
    lean = torch.deg2rad(uniform(-LEAN, LEAN))
    angle = torch.where((uniform(0, 1) < ANY_ANGLE_SHARE) & ~corner, uniform(0, torch.pi), quarter + lean)
    length = torch.where(corner, uniform(*ARM_LENGTHS), uniform(*LINE_LENGTHS))
    x, y = uniform(0, IMAGE_SIZE - 1), uniform(0, IMAGE_SIZE - 1)
    # A line has its middle anywhere, a corner its tip.
    back = torch.where(corner, 0.0, length / 2)
    x, y = x - back * angle.cos(), y - back * angle.sin()
    return (x, y, angle, length, uniform(*LINE_WIDTHS), uniform(*LINE_INK)), corner * uniform(*ARM_LENGTHS)


def _spread(points: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) in about [-1, 1], smooth: random values at points x points, spread over the image."""
    values = torch.rand(len(inputs), 1, points, points, generator=generator, device=inputs.device) * 2 - 1
    return F.interpolate(values, (IMAGE_SIZE, IMAGE_SIZE), mode="bicubic", align_corners=True)


def _uniform(limits: tuple[float, float], like: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 1, 1) uniform between the limits."""
    low, high = limits
    return low + (high - low) * torch.rand(len(like), 1, 1, 1, generator=generator, device=like.device)
