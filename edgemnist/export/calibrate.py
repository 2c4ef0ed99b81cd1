"""What the layers see of training images: how large activations get, and how the inputs of each layer vary together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from edgemnist.export.fold import FoldedNetwork
from edgemnist.export.forward import Parameters, forward
from edgemnist.export.layers import Conv, Dense

_BATCH_PIXELS = 784_000
"""Of inputs computed at once: 1,000 of MNIST's images."""
MOMENT_IMAGES = 5_000
"""More change nothing beyond chance (docs/int8.md)."""


@dataclass(frozen=True)
class Calibration:
    """All that quantization needs to know of the data, by the names of the layers."""

    ranges: Mapping[str, float]
    """The largest value that each layer answers; where it is no output, the smallest is 0."""
    output_ranges: Mapping[str, NDArray[np.float64]]
    """The smallest and the largest value of each channel, (2, channels), of each output."""
    moments: Mapping[str, NDArray[np.float64]]
    """The second moments E[x x^T], (K, K), of the K inputs x of one output of each convolution and dense layer, in the
    order of its weights. Their unit is any, for only ratios count."""


def calibrate(network: FoldedNetwork, images: Sequence[NDArray[np.uint8]]) -> Calibration:
    """The calibration on training images, (N, H, W) uint8 for each of some sizes: ranges on all, moments on an even
    choice.

    Percentiles, ranges of least squared error and bias correction change no answers beyond chance (docs/int8.md),
    and the plain maximum clips nothing.
    """
    parameters = {
        name: (torch.from_numpy(layer.weight.astype(np.float32)), torch.from_numpy(layer.bias.astype(np.float32)))
        for name, layer in network.numbers.items()
    }
    ranges = {layer.name: 0.0 for layer in network.layers}
    output_ranges = {name: np.array([[np.inf], [-np.inf]]) for name in network.outputs}
    for answers in _answers(network, parameters, images):
        ranges = {name: max(most, float(answers[name].max())) for name, most in ranges.items()}
        for name, (least, most) in output_ranges.items():
            channels = answers[name].transpose(0, 1).flatten(1).double().numpy()
            output_ranges[name] = np.array([np.minimum(least, channels.min(1)), np.maximum(most, channels.max(1))])
    every = max(1, sum(map(len, images)) // MOMENT_IMAGES)
    moments: dict[str, NDArray[np.float64]] = {}
    for answers in _answers(network, parameters, [some[::every] for some in images]):
        for layer in network.layers:
            if isinstance(layer, Conv | Dense):
                inputs = _inputs_of_one_output(layer, answers[layer.sources[0]], parameters[layer.name][0])
                moments[layer.name] = moments.get(layer.name, 0.0) + (inputs @ inputs.T).double().numpy()
    return Calibration(ranges, output_ranges, moments)


@torch.inference_mode()
def _answers(
    network: FoldedNetwork, parameters: Parameters, images: Sequence[NDArray[np.uint8]]
) -> Iterator[dict[str, Tensor]]:
    """What each layer answers, batch by batch."""
    for some in images:
        batch = max(1, _BATCH_PIXELS // some[0].size)
        for start in range(0, len(some), batch):
            yield forward(network, parameters, torch.tensor(some[start : start + batch]).unsqueeze(1).float() / 255)


def _inputs_of_one_output(layer: Conv | Dense, values: Tensor, weight: Tensor) -> Tensor:
    """(K, number of outputs)."""
    if isinstance(layer, Dense):
        return values.flatten(1).T
    return F.unfold(values, weight.shape[2:], padding=layer.padding, stride=layer.stride).transpose(0, 1).flatten(1)
