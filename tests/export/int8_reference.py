"""The int8 network in numpy, from the numbers of a file and the formula in docs/int8.md; nothing of ours is imported.

All arithmetic is on integers. float64 holds them: every sum stays below 2^53, and a product with a scale (a short
mantissa times a power of two) is exact, so there is no rounding but the one that the formula asks for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layer:
    weight: NDArray[np.int8]
    """(out, in, height, width) or (out, in), inputs of the first dense layer in the order channel, row, column."""
    bias: NDArray[np.int32]
    scale: NDArray[np.float32]


def read_layers(model: Path | onnx.ModelProto) -> dict[str, Layer]:
    """The four layers of an int8 file, be it the default or the portable one, as plain layers."""
    graph = (onnx.load(model) if isinstance(model, Path) else model).graph
    numbers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = ("conv1", "conv2", "dense1", "dense2")
    if "conv1_weight_quantized" in numbers:
        return {
            name: Layer(*(numbers[f"{name}_{part}"] for part in ("weight_quantized", "bias_quantized", "scale")))
            for name in names
        }
    layers = {name: Layer(*(numbers[f"{name}_{part}"] for part in ("weight", "bias", "scale"))) for name in names}
    # The first of the four window positions is the plain kernel; its rows are channels.
    first = slice(0, 32)
    kernel = layers["conv1"].weight[first, :3, :, :3].transpose(0, 2, 1, 3)
    layers["conv1"] = Layer(kernel, layers["conv1"].bias[first], layers["conv1"].scale[first])
    rows = layers["dense1"].weight.T.reshape(128, 7, 7, 64).transpose(0, 3, 1, 2).reshape(128, 3136)
    layers["dense1"] = Layer(rows, layers["dense1"].bias, layers["dense1"].scale)
    layers["dense2"] = Layer(layers["dense2"].weight.T, layers["dense2"].bias, layers["dense2"].scale)
    return layers


def integer_logits(layers: dict[str, Layer], images: NDArray[np.uint8], chunk: int = 250) -> NDArray[np.float32]:
    """(N, 10) float32 of (N, 28, 28) uint8."""
    return np.concatenate([_logits(layers, images[start : start + chunk]) for start in range(0, len(images), chunk)])


def _logits(layers: dict[str, Layer], images: NDArray[np.uint8]) -> NDArray[np.float32]:
    x = images[:, np.newaxis].astype(np.float64)
    for name in ("conv1", "conv2"):
        x = pool(activate(scaled_sums(layers[name], patches(x))).transpose(0, 3, 1, 2))
    x = activate(scaled_sums(layers["dense1"], x.reshape(len(x), -1)))
    logits = scaled_sums(layers["dense2"], x)
    assert np.array_equal(logits, logits.astype(np.float32))
    return logits.astype(np.float32)


def patches(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, H, W, C * 9): the 3x3 neighbourhood of every pixel of (N, C, H, W), zeros outside."""
    padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)
    return windows.reshape(*windows.shape[:3], -1)


def scaled_sums(layer: Layer, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """scale * (weight . inputs + bias), the layer's outputs last."""
    weight = layer.weight.reshape(len(layer.weight), -1).astype(np.float64)
    return (inputs @ weight.T + layer.bias) * layer.scale.astype(np.float64)


def activate(real: NDArray[np.float64]) -> NDArray[np.float64]:
    """To the integers 0..255, halves to the even one."""
    return np.rint(real).clip(0, 255)


def pool(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The maximum of each 2x2 window of (N, C, H, W)."""
    count, channels, height, width = maps.shape
    return maps.reshape(count, channels, height // 2, 2, width // 2, 2).max((3, 5))
