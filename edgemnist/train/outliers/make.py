"""Outliers for a whole epoch at once, in parts as the recipe says, changed as the digits beside them are."""

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate

import torch
from torch import Tensor

from edgemnist.train.augment import change
from edgemnist.train.outliers.digits import Digits, halves, inverted, pairs, turned
from edgemnist.train.outliers.filled import filled
from edgemnist.train.outliers.pen import box_sides, glyphs, letters, scribbles
from edgemnist.train.outliers.printed import printed
from edgemnist.train.recipe import Recipe

_DRAWN: dict[str, Callable[[int, torch.Generator], Tensor]] = {
    "letters": letters,
    "printed": printed,
    "glyphs": glyphs,
    "scribbles": scribbles,
    "box_sides": box_sides,
    "filled": filled,
}
_OF_DIGITS: dict[str, Callable[[Digits, int, torch.Generator], Tensor]] = {
    "halves": halves,
    "pairs": pairs,
    "turned": turned,
}


def make_outliers(digits: Digits, count: int, recipe: Recipe, *, clean: bool, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) float in [0, 1]: images that are no digits, in random order.

    Some are made of `digits`. Before the clean epochs they are bent and inked as the digits of a batch, some strongly;
    in them gently, so that neither noise nor a gray background ever tells them from digits.
    """
    numbers = _shares(recipe.outliers.parts, count)
    dark = numbers.pop("inverted")
    kinds = [_make(name, digits, number, generator) for name, number in numbers.items() if number]
    images = torch.cat(kinds)[_order(count - dark, generator)]
    strong = 0 if clean else round(len(images) * recipe.strong_share)
    nothing = digits.labels[:0]
    halves = [(images[:strong], recipe.strong), (images[strong:], recipe.gentle)]
    parts = [
        change(some, nothing, replace(amounts, allographs=0.0), generator) for some, amounts in halves if len(some)
    ]
    return torch.cat([*parts, inverted(digits, dark, generator)])[_order(count, generator)]


def _shares(parts: dict[str, float], count: int) -> dict[str, int]:
    """How many of each kind, `count` in all."""
    ends = [round(count * end / sum(parts.values())) for end in accumulate(parts.values())]
    return {name: end - start for name, start, end in zip(parts, [0, *ends], ends, strict=False)}


def _make(name: str, digits: Digits, count: int, generator: torch.Generator) -> Tensor:
    if name in _DRAWN:
        return _DRAWN[name](count, generator)
    return _OF_DIGITS[name](digits, count, generator)


def _order(count: int, generator: torch.Generator) -> Tensor:
    return torch.randperm(count, generator=generator, device=generator.device)
