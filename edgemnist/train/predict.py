"""What the torch network answers: the reference that every exported file is held against."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgemnist.train.checkpoint import build_network, load_checkpoint
from edgemnist.train.network import images_to_inputs, images_to_tensor

_BATCH = 1_000


@torch.inference_mode()
def predict_logits(network: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits (N, 10) float32 of `network` in eval mode, BatchNorm unfolded, for images (N, 28, 28) uint8."""
    network.eval()
    parts = images_to_tensor(images, torch.device("cpu")).split(_BATCH)
    logits: NDArray[np.float32] = torch.cat([network(images_to_inputs(part)) for part in parts]).numpy()
    return logits


def predict_checkpoint(path: Path, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Probabilities (N, 10) float32 of the checkpoint in `path` for images (N, 28, 28) uint8, and its class names.

    Raises:
        ModelError: not a usable checkpoint.
    """
    checkpoint = load_checkpoint(path)
    logits = torch.from_numpy(predict_logits(build_network(checkpoint), images))
    return torch.softmax(logits, 1).numpy(), checkpoint.class_names
