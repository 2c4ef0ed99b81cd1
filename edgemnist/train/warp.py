"""Bend images: rotation, shift, scale, aspect, shear and an elastic deformation in one resampling.

The elastic displacement of Simard, Steinkraus and Platt (2003), drawn on a coarse grid of control points and spread
by cubic B-splines instead of a blur: displacement = B C B', with C random and B the same for all images.
"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.recipe import Augmentation

GRID_SPACING = 6
"""Pixels between two control points."""


def warp(inputs: Tensor, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """The inputs (N, 1, 28, 28), each bent in its own random way; what comes from outside is background."""
    transforms = _affine_transforms(len(inputs), amounts, generator)
    sources = F.affine_grid(transforms, list(inputs.shape), align_corners=False)
    if amounts.elastic:
        pixels = _elastic_displacements(len(inputs), generator) * amounts.elastic
        sources = sources + pixels * (2 / IMAGE_SIZE)
    return F.grid_sample(inputs, sources, mode="bilinear", padding_mode="zeros", align_corners=False)


def _affine_transforms(count: int, amounts: Augmentation, generator: torch.Generator) -> Tensor:
    """(N, 2, 3): where each pixel of a result comes from, in grid_sample's coordinates (-1 to 1 across the image)."""
    names = ("rotation", "scale", "aspect", "shear", "shift", "shift")
    limits = torch.tensor([getattr(amounts, name) for name in names], device=generator.device)
    draws = torch.rand(count, len(names), generator=generator, device=generator.device) * 2 - 1
    rotation, scale, aspect, shear, across, down = (draws * limits).unbind(1)
    cosine, sine = torch.deg2rad(rotation).cos(), torch.deg2rad(rotation).sin()
    # A result twice as wide comes from a source half as wide: hence the minus signs.
    width, height = torch.exp(-scale - aspect), torch.exp(-scale + aspect)
    shift = torch.stack([across, down], 1) * (2 / IMAGE_SIZE)
    rows = [cosine * width, (cosine * shear - sine) * height, sine * width, (sine * shear + cosine) * height]
    return torch.cat([torch.stack(rows, 1).view(-1, 2, 2), shift.unsqueeze(2)], 2)


def _elastic_displacements(count: int, generator: torch.Generator) -> Tensor:
    """(N, 28, 28, 2): smooth displacements in pixels, along x and y, of standard deviation 1 at every pixel."""
    basis = _spline_basis(generator.device)
    points = basis.shape[1]
    control = torch.randn(count, 2, points, points, generator=generator, device=generator.device)
    return (basis @ control @ basis.T).permute(0, 2, 3, 1)


@cache
def _spline_basis(device: torch.device) -> Tensor:
    """B (28, control points): each row the weights of the control points at one pixel, scaled to unit length."""
    points = math.ceil((IMAGE_SIZE - 1) / GRID_SPACING) + 3
    pixels = torch.arange(IMAGE_SIZE) / GRID_SPACING + 1
    distance = (pixels[:, None] - torch.arange(points)).abs()
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = (2 - distance).clamp(min=0) ** 3 / 6
    basis = torch.where(distance < 1, near, far)
    return (basis / basis.norm(dim=1, keepdim=True)).to(device)
