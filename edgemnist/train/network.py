"""The classifier, layer by layer as specified."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.data import CLASS_COUNT
from edgemnist.train.norm_pool import normalize_and_pool

DENSE = ("dense1", "dense2")
"""The layers behind `DigitCnn.features`."""


class DigitCnn(nn.Module):
    """Two convolutions and two dense layers: (N, 1, 28, 28) float inputs in [0, 1] to (N, 10) logits.

    Its 421,834 trainable parameters:

        conv1    32 kernels of 3x3x1, 32 biases              320
        bn1      32 scales, 32 shifts                         64
        conv2    64 kernels of 3x3x32, 64 biases          18,496
        bn2      64 scales, 64 shifts                        128
        dense1   3,136 (64 maps of 7x7) x 128, 128 biases 401,536
        dense2   128 x 10, 10 biases                       1,290

    The softmax of the specification is left to the loss in training and to the exported graph in use.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(64)
        self.dense1 = nn.Linear(64 * 7 * 7, 128)
        self.dense2 = nn.Linear(128, CLASS_COUNT)
        # The layout of the weights decides the layout of everything behind them: 153 -> 120 ms a step (one core).
        self.to(memory_format=torch.channels_last)

    def features(self, inputs: Tensor) -> Tensor:
        """What the convolutions make of inputs (N, 1, 28, 28) in [0, 1]: maps (N, 64, 7, 7)."""
        # ReLU after pooling is the same function as before it, on a quarter of the values.
        maps = F.relu(normalize_and_pool(self.conv1(inputs), self.bn1))
        return F.relu(normalize_and_pool(self.conv2(maps), self.bn2))

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (N, 10) of inputs (N, 1, 28, 28) in [0, 1], or of their `features`."""
        maps = self.features(inputs) if inputs.shape[1] == 1 else inputs
        hidden = F.relu(self.dense1(maps.flatten(1)))
        logits: Tensor = self.dense2(hidden)
        return logits


def new_network(seed: int, build: Callable[[], nn.Module] = DigitCnn) -> nn.Module:
    """What `build` makes with random weights, the same for the same seed; torch's own generator is left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return build()


def images_to_inputs(images: Tensor) -> Tensor:
    """Float inputs (N, 1, 28, 28) in [0, 1] from uint8 images of the same shape."""
    return images.float().div_(255)


def images_to_tensor(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Images (N, 28, 28) uint8 as one tensor (N, 1, 28, 28) uint8 on the device."""
    # A copy, because arrays read from files are often read-only, which torch warns about.
    return torch.from_numpy(images.copy()).unsqueeze(1).to(device)
