"""Filled shapes: each a few rectangles, triangles and ellipses together."""

import torch
from torch import Tensor

from edgemnist.data import IMAGE_SIZE
from edgemnist.train.outliers.form import to_form

PARTS = (1, 4)
"""In one shape."""
RADII = (2.0, 9.0)
"""Pixels: half of a part's length and of its width."""
PLACES = 6.0
"""Pixels from the middle, either way, along both axes."""
TAPERS = (0.0, 1.0)
"""By how much the upper end of a part is narrower than its lower one: a triangle at 1."""
OVALS = 0.35
"""Share of the parts that are ellipses."""
TEXTURE = 0.3
"""Largest share of the ink that a shape lacks here and there."""


def filled(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) in MNIST's form."""
    device = generator.device

    def uniform(low: float, high: float) -> Tensor:
        draws = torch.rand(count, PARTS[1], 1, 1, generator=generator, device=device)
        return low + (high - low) * draws

    pixels = torch.arange(IMAGE_SIZE, dtype=torch.float, device=device) - (IMAGE_SIZE - 1) / 2
    right, down = pixels - uniform(-PLACES, PLACES), pixels[:, None] - uniform(-PLACES, PLACES)
    angle = uniform(0, 2 * torch.pi)
    across, along = right * angle.cos() + down * angle.sin(), down * angle.cos() - right * angle.sin()
    half_width, half_length = uniform(*RADII), uniform(*RADII)
    share = (along / half_length).clamp(-1, 1)
    limit = half_width * (1 - uniform(*TAPERS) * (1 - share) / 2)
    straight = torch.minimum(limit - across.abs(), half_length - along.abs())
    oval = (1 - torch.hypot(across / half_width, along / half_length)) * torch.minimum(half_width, half_length)
    inside = torch.where(uniform(0, 1) < OVALS, oval, straight)
    number = torch.randint(PARTS[0], PARTS[1] + 1, (count, 1, 1, 1), generator=generator, device=device)
    there = torch.arange(PARTS[1], device=device).view(1, -1, 1, 1) < number
    shapes = (torch.where(there, inside, -1.0).amax(1, keepdim=True) + 0.5).clamp(0, 1)
    coarse = torch.rand(count, 1, 4, 4, generator=generator, device=device)
    light = torch.nn.functional.interpolate(coarse, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", align_corners=True)
    return to_form(shapes) * (1 - TEXTURE * light)
