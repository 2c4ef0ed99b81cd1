"""Fold BatchNorm into the convolution before it.

In evaluation BatchNorm is an affine map per channel, so convolution and BatchNorm are one convolution:

    y  = gamma * (W x + b - mean) / sqrt(var + eps) + beta
    W' = W * gamma / sqrt(var + eps)
    b' = (b - mean) * gamma / sqrt(var + eps) + beta
    y  = W' x + b'

(Jacob et al. 2018, "Quantization and Training of Neural Networks", section 3.2.) Computed in float64, so that
the only rounding is the one to float32 at the end.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from edgemnist.train.network import DigitCnn


@dataclass(frozen=True)
class FoldedWeights:
    """The network without BatchNorm, for inputs in [0, 1]; float64 arrays in torch's layouts."""

    conv1_weight: NDArray[np.float64]
    """(32, 1, 3, 3)."""
    conv1_bias: NDArray[np.float64]
    """(32,)."""
    conv2_weight: NDArray[np.float64]
    """(64, 32, 3, 3)."""
    conv2_bias: NDArray[np.float64]
    """(64,)."""
    dense1_weight: NDArray[np.float64]
    """(128, 3136); inputs in the order channel, row, column."""
    dense1_bias: NDArray[np.float64]
    """(128,)."""
    dense2_weight: NDArray[np.float64]
    """(10, 128)."""
    dense2_bias: NDArray[np.float64]
    """(10,)."""


def fold_network(network: DigitCnn) -> FoldedWeights:
    """The weights of `network` with both BatchNorms folded into the convolutions before them."""
    conv1_weight, conv1_bias = fold_batchnorm(network.conv1, network.bn1)
    conv2_weight, conv2_bias = fold_batchnorm(network.conv2, network.bn2)
    return FoldedWeights(
        conv1_weight=conv1_weight,
        conv1_bias=conv1_bias,
        conv2_weight=conv2_weight,
        conv2_bias=conv2_bias,
        dense1_weight=_float64(network.dense1.weight),
        dense1_bias=_float64(network.dense1.bias),
        dense2_weight=_float64(network.dense2.weight),
        dense2_bias=_float64(network.dense2.bias),
    )


def fold_batchnorm(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W' (out, in, height, width) and b' (out,) of the convolution that equals `conv` followed by `bn`."""
    factor = _float64(bn.weight) / np.sqrt(_float64(bn.running_var) + bn.eps)
    weight = _float64(conv.weight) * factor[:, np.newaxis, np.newaxis, np.newaxis]
    bias = (_float64(conv.bias) - _float64(bn.running_mean)) * factor + _float64(bn.bias)
    return weight, bias


def _float64(tensor: torch.Tensor | None) -> NDArray[np.float64]:
    assert tensor is not None  # DigitCnn's layers have biases and running statistics
    return tensor.detach().cpu().numpy().astype(np.float64)
