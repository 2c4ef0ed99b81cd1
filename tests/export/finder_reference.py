"""A finder's int8 maps in numpy integers, layer by layer; nothing of ours is imported.

float64 holds the integers: every sum stays below 2^53, and a product with a scale (a short mantissa times a power of
two) is exact, so there is no rounding but the one that the formula of docs/int8.md asks for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    weight: NDArray[np.int8]
    """(out, in, height, width)."""
    bias: NDArray[np.int32]
    scale: NDArray[np.float32]


def conv(x: Integers, layer: Layer, stride: int, padding: int) -> Integers:
    """(N, out, H', W') integers 0..255 of (N, C, H, W)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, layer.weight.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    rows = windows.reshape(*windows.shape[:3], -1) @ layer.weight.reshape(len(layer.weight), -1).T.astype(np.float64)
    real = (rows + layer.bias) * layer.scale.astype(np.float64)
    return np.rint(real).clip(0, 255).transpose(0, 3, 1, 2)


def upsample(x: Integers) -> Integers:
    return x.repeat(2, axis=2).repeat(2, axis=3)


def add(x: Integers, y: Integers) -> Integers:
    return (x + y).clip(0, 255)
