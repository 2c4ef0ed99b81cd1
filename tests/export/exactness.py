"""What the two rules of docs/int8.md are about, counted in Python's unbounded integers; nothing of ours is imported."""

from fractions import Fraction

import numpy as np

INT16_MAX = 32_767
FLOAT32_INTEGERS = 2**24
"""Every integer of at most this magnitude is a float32."""


def pair_and_sum(weight: np.ndarray, bias: np.ndarray, scale: np.ndarray) -> tuple[int, int]:
    """Of a layer's channels the largest sum of two products, and the largest sum of one sign in steps of the scale's
    lowest bit."""
    pairs, sums = [], []
    for row, shift, factor in zip(weight.reshape(len(weight), -1).tolist(), bias.tolist(), scale.tolist(), strict=True):
        pairs.append(255 * sum(sorted(map(abs, row))[-2:]))
        mantissa = Fraction(factor).numerator
        while mantissa % 2 == 0:
            mantissa //= 2
        up = 255 * sum(value for value in row if value > 0) + max(shift, 0)
        down = 255 * sum(-value for value in row if value < 0) + max(-shift, 0)
        sums.append(mantissa * max(up, down))
    return max(pairs), max(sums)


def require_exact(layer) -> None:
    """Return when a layer with `weight`, `bias` and `scale` keeps both rules."""
    largest_pair, largest_sum = pair_and_sum(layer.weight, layer.bias, layer.scale)
    assert largest_pair <= INT16_MAX
    assert largest_sum < FLOAT32_INTEGERS
