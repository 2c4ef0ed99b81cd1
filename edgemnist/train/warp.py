"""Bend images: rotation, shift, scale, aspect, shear and an elastic deformation in one resampling.

For each pixel p of a result (x and y, from the image's center) the source is  M p + shift + elastic * e(p),  all in
pixels. The displacement e is that of Simard, Steinkraus and Platt (2003), but drawn on a coarse grid of control
points and spread by cubic B-splines instead of a blur: e = B C B', with C random and B the same for all images.
"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.amounts import Augmentation

GRID_SPACING = 6
"""Pixels between two control points."""


def warp(inputs: Tensor, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), each bent in its own random way; what comes from outside is background."""
    matrices, shifts = _draw_transforms(len(inputs), amounts, generator)
    place = torch.arange(IMAGE_SIZE, device=inputs.device) - (IMAGE_SIZE - 1) / 2
    across = matrices[:, :, 0, None, None] * place
    down = matrices[:, :, 1, None, None] * place[:, None] + shifts[:, :, None, None]
    sources = across + down
    if amounts.elastic:
        sources += amounts.elastic * _draw_displacements(len(inputs), generator)
    # grid_sample counts from -1 to 1 across the image.
    grid = (sources * (2 / IMAGE_SIZE)).permute(0, 2, 3, 1)
    return F.grid_sample(inputs, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _draw_transforms(count: int, amounts: Augmentation, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """M (N, 2, 2) and the shifts (N, 2) in pixels."""
    names = ("rotation", "scale", "aspect", "shear", "shift", "shift")
    draws = torch.rand(count, len(names), generator=generator, device=generator.device) * 2 - 1
    rotation, scale, aspect, shear, right, down = (
        draw * getattr(amounts, name) for draw, name in zip(draws.unbind(1), names, strict=True)
    )
    cosine, sine = torch.deg2rad(rotation).cos(), torch.deg2rad(rotation).sin()
    # A result twice as wide comes from a source half as wide: hence the minus signs.
    width, height = torch.exp(-scale - aspect), torch.exp(-scale + aspect)
    of_x = torch.stack([cosine * width, sine * width], 1)
    of_y = torch.stack([(cosine * shear - sine) * height, (sine * shear + cosine) * height], 1)
    return torch.stack([of_x, of_y], 2), torch.stack([right, down], 1)


def _draw_displacements(count: int, generator: torch.Generator) -> Tensor:
    """e (N, 2, 28, 28): smooth displacements along x and y, of standard deviation 1 at every pixel."""
    basis = _spline_basis(generator.device)
    points = basis.shape[1]
    control = torch.randn(count, 2, points, points, generator=generator, device=generator.device)
    return basis @ control @ basis.T


@cache
def _spline_basis(device: torch.device) -> Tensor:
    """B (28, control points): each row the weights of the control points at one pixel, scaled to unit length."""
    points = math.ceil((IMAGE_SIZE - 1) / GRID_SPACING) + 3
    pixels = torch.arange(IMAGE_SIZE) / GRID_SPACING + 1
    distance = (pixels[:, None] - torch.arange(points)).abs()
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = (2 - distance).clamp(min=0) ** 3 / 6
    return F.normalize(torch.where(distance < 1, near, far), dim=1).to(device)
