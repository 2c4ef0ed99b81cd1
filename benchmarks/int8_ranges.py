"""What other activation ranges, roundings and bias correction would change: the search behind export/calibrate.py.

    python benchmarks/int8_ranges.py CHECKPOINT [--data DIR]

Judged against the float network on the validation images and on as many training images that calibrated nothing:
the error of the logits, which is the sensitive measure, and the changed answers, which are what counts.
"""

import argparse
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data.mnist import load_dataset
from edgemnist.export import calibrate as calibrating
from edgemnist.export import quantize
from edgemnist.export.calibrate import Calibration, calibrate
from edgemnist.export.classifier import fold_network
from edgemnist.export.fold import FoldedLayer, FoldedNetwork
from edgemnist.export.quantize import QuantizedNetwork, quantize_network
from edgemnist.train.checkpoint import build_network, load_checkpoint

CALIBRATION_COUNT = 5_000
LAYERS = ("conv1", "conv2", "dense1", "dense2")
Float = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    data = load_dataset(options.data, print)
    weights = fold_network(build_network(load_checkpoint(options.checkpoint)))
    calibration = data.train.images[:CALIBRATION_COUNT]
    unseen = np.concatenate([data.validation.images, data.train.images[-10_000:]])
    reference = layer_outputs(float_layers(weights), unseen, 1 / 255)[-1].numpy()
    seen = [x.relu().numpy() for x in layer_outputs(float_layers(weights), calibration, 1 / 255)[:3]]
    ours = calibrate(weights, [calibration])

    choices: dict[str, Callable[[Float], float]] = {
        "maximum (ours)": lambda x: float(x.max()),
        "99.9999th percentile": lambda x: float(np.percentile(x, 99.9999)),
        "99.999th percentile": lambda x: float(np.percentile(x, 99.999)),
        "least squared error": least_squares,
    }

    def show(name: str, network: QuantizedNetwork) -> None:
        logits = layer_outputs(integer_layers(network), unseen, 1, integer=True)[-1].numpy()
        error = logits - reference
        changed = np.count_nonzero(logits.argmax(1) != reference.argmax(1))
        rms = np.sqrt((error**2).mean())
        print(f"| {name} | {rms:.4f} | {np.abs(error).max():.2f} | {changed} |", flush=True)

    print("| ranges and rounding | logits' error, rms | largest | answers changed of 20,000 |")
    print("|---|---|---|---|")
    alone = {name: np.eye(len(moment)) for name, moment in ours.moments.items()}
    show("maximum, each weight rounded by itself", quantize_network(weights, dataclasses.replace(ours, moments=alone)))
    for name, choose in choices.items():
        conv1, conv2, dense1 = (choose(x) for x in seen)
        ranges = {"conv1": conv1, "pool1": conv1, "conv2": conv2, "pool2": conv2, "dense1": dense1, "dense2": 1.0}
        tried = dataclasses.replace(ours, ranges=ranges)
        show(f"{name}, weights rounded jointly", quantize_network(weights, tried))
        show(f"{name}, jointly, biases corrected", quantize_network(correct_biases(weights, tried, calibration), tried))
    for count in (1_000, 20_000):
        with mock.patch.object(calibrating, "MOMENT_IMAGES", count):
            moments = calibrate(weights, [data.train.images[:count]]).moments
        show(
            f"maximum, jointly by {count:,} images",
            quantize_network(weights, dataclasses.replace(ours, moments=moments)),
        )
    with mock.patch.object(quantize, "FLOAT32_EXACT", float("inf")):
        show("maximum, jointly, without the rule of exact floats", quantize_network(weights, ours))


def float_layers(weights: FoldedNetwork) -> list[tuple[Tensor, Tensor]]:
    layers = [weights.numbers[name] for name in LAYERS]
    return [(torch.from_numpy(np.float32(layer.weight)), torch.from_numpy(np.float32(layer.bias))) for layer in layers]


def integer_layers(network: QuantizedNetwork) -> list[tuple[Tensor, Tensor]]:
    """Dequantized: float32 computes the integers exactly (export/quantize.py)."""
    layers = [network.numbers[name] for name in LAYERS]
    scales = [layer.scale.reshape(-1, *[1] * (layer.weight.ndim - 1)) for layer in layers]
    return [
        (torch.from_numpy(layer.weight * scale), torch.from_numpy(np.float32(layer.bias * layer.scale)))
        for layer, scale in zip(layers, scales, strict=True)
    ]


def layer_outputs(
    layers: list[tuple[Tensor, Tensor]], images: NDArray[np.uint8], step: float, *, integer: bool = False
) -> list[Tensor]:
    """What each layer computes, pooled and before its ReLU, for images in steps of `step`."""
    parts = [list(_outputs(layers, torch.tensor(part), step, integer)) for part in batches(images)]
    return [torch.cat(outputs) for outputs in zip(*parts, strict=True)]


def _outputs(layers: list[tuple[Tensor, Tensor]], images: Tensor, step: float, integer: bool) -> Iterator[Tensor]:
    x = images.unsqueeze(1).float() * step
    for at, (weight, bias) in enumerate(layers):
        with torch.inference_mode():
            if at < 2:
                x = F.max_pool2d(F.conv2d(x, weight, bias, padding=1), 2)
            else:
                x = F.linear(x.flatten(1), weight, bias)
            yield x
            x = x.round().clamp(0, 255) if integer else x.relu()


def batches(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return np.split(images, range(500, len(images), 500))


def least_squares(values: Float) -> float:
    """The range whose rounding and clipping errors have the least mean square."""
    positive = values[values > 0][::50]

    def error(top: float) -> float:
        step = top / 255
        return float(((np.rint(positive / step).clip(0, 255) * step - positive) ** 2).mean())

    return min(np.linspace(0.4, 1, 25) * float(positive.max()), key=error)


def correct_biases(weights: FoldedNetwork, calibration: Calibration, images: NDArray[np.uint8]) -> FoldedNetwork:
    """`weights` with each bias moved by what quantization does to its channel's mean, layer after layer.

    Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2, with
    images in place of its estimate.
    """
    ranges = calibration.ranges
    steps = (ranges["conv1"] / 255, ranges["conv2"] / 255, ranges["dense1"] / 255, 1.0)
    wanted = layer_outputs(float_layers(weights), images, 1 / 255)
    for at, name in enumerate(LAYERS):
        network = quantize_network(weights, calibration)
        found = layer_outputs(integer_layers(network), images, 1, integer=True)[at] * steps[at]
        shift = (wanted[at] - found).transpose(0, 1).flatten(1).mean(1).double().numpy()
        layer = weights.numbers[name]
        corrected = {**weights.numbers, name: FoldedLayer(layer.weight, layer.bias + shift)}
        weights = dataclasses.replace(weights, numbers=corrected)
    return weights


if __name__ == "__main__":
    main()
