"""Change the ink of images: gaps, stroke thickness, blur, contrast, erased boxes, lines, backgrounds and noise."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.amounts import Augmentation
from edgemnist.train.surroundings import lay_on_gray, leave_lines_in

GAP_RADII = (1.0, 2.5)
"""Pixels."""
THICKER_SHARE = 0.55
"""Of the images whose strokes change, this share gets thicker, the rest thinner."""
THINNEST = 0.7
"""A stroke gets at most this share of the way to its 3x3 minimum, which would wipe out the thin ones."""
BLUR_LIMIT = 0.25
"""Largest weight of a neighbour; 0.25 is the binomial filter 1 2 1."""
BOX_SIDES = (5.0, 9.0)
"""Pixels."""


def change_ink(inputs: Tensor, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28) with every change of ink that `amounts` asks for; noise may leave [0, 1]."""
    if amounts.gaps:
        inputs = change_some(inputs, amounts.gaps, generator, lambda some: _break_strokes(inputs[some], generator))
    if amounts.thickness:
        inputs = _change_thickness(inputs, amounts.thickness, generator)
    if amounts.lines:
        inputs = change_some(inputs, amounts.lines, generator, lambda some: leave_lines_in(inputs[some], generator))
    if amounts.blur:
        weight = BLUR_LIMIT * _uniform(inputs, generator) * _chosen(inputs, amounts.blur, generator)
        inputs = blur(inputs, weight)
    if amounts.contrast:
        inputs = inputs * (1 - amounts.contrast * _uniform(inputs, generator))
    if amounts.erasing:
        inputs = inputs * ~(_box(inputs, generator) & _chosen(inputs, amounts.erasing, generator))
    if amounts.background:
        inputs = change_some(inputs, amounts.background, generator, lambda some: lay_on_gray(inputs[some], generator))
    if amounts.noise:
        deviation = amounts.noise * _uniform(inputs, generator) * _chosen(inputs, 0.5, generator)
        noise = torch.randn(inputs.shape, generator=generator, device=inputs.device)
        inputs = torch.addcmul(inputs, noise, deviation)
    return inputs


def change_some(inputs: Tensor, share: float, generator: torch.Generator, change: Callable[[Tensor], Tensor]) -> Tensor:
    """The inputs (N, ...), a random share of them replaced by what `change` makes of their indices (M,)."""
    order = torch.rand(len(inputs), generator=generator, device=inputs.device).argsort()
    some = order[: round(len(inputs) * share)]
    return inputs.index_copy(0, some, change(some))


def _break_strokes(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), each without a disc around a pixel that is drawn by how much ink it holds."""
    ink = inputs.flatten(1).cumsum(1)
    center = (ink <= ink[:, -1:] * _uniform(inputs, generator).flatten(1)).sum(1)
    row, column = (position.view(-1, 1, 1, 1) for position in (center // IMAGE_SIZE, center % IMAGE_SIZE))
    radius = GAP_RADII[0] + (GAP_RADII[1] - GAP_RADII[0]) * _uniform(inputs, generator)
    positions = torch.arange(IMAGE_SIZE, device=inputs.device)
    distance = torch.hypot((positions.view(-1, 1) - row).float(), (positions - column).float())
    return inputs * (distance - radius + 0.5).clamp(0, 1)


def _change_thickness(inputs: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """A share of the images moved some of the way to their 3x3 maximum (thicker strokes) or minimum (thinner)."""
    thicker = _uniform(inputs, generator) < THICKER_SHARE
    amount = _uniform(inputs, generator) * _chosen(inputs, share, generator)
    # The minimum is the maximum of the negative: one dilation serves both.
    sign = torch.where(thicker, 1.0, -1.0)
    extreme = sign * dilate(sign * inputs)
    return torch.lerp(inputs, extreme, amount * torch.where(thicker, 1.0, THINNEST))


def dilate(inputs: Tensor) -> Tensor:
    """The 3x3 maximum around every pixel of (N, 1, 28, 28)."""
    # Along x, then along y, as elementwise maxima: a fifth of the time of max_pool2d, which also finds positions.
    for dim in (3, 2):
        before, after = _neighbors(inputs, dim, outside=-torch.inf)
        inputs = torch.maximum(torch.maximum(before, after), inputs)
    return inputs


def blur(inputs: Tensor, weight: Tensor) -> Tensor:
    """The inputs (N, 1, 28, 28) filtered with [w, 1 - 2w, w] along x and along y; w is the weight (N, 1, 1, 1)."""
    for dim in (3, 2):
        before, after = _neighbors(inputs, dim, outside=0.0)
        inputs = inputs + weight * (before + after - 2 * inputs)
    return inputs


def _neighbors(inputs: Tensor, dim: int, outside: float) -> tuple[Tensor, Tensor]:
    """For each pixel the one before it and the one after it along `dim`, `outside` where there is none."""
    padded = F.pad(inputs, (1, 1, 0, 0) if dim == 3 else (0, 0, 1, 1), value=outside)
    return padded.narrow(dim, 0, IMAGE_SIZE), padded.narrow(dim, 2, IMAGE_SIZE)


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
