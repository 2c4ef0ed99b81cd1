"""What a torch network answers: the reference that every exported file is held against."""

from collections.abc import Callable
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


@torch.inference_mode()
def predict_maps(network: nn.Module, pages: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Maps (N, C, H / 4, W / 4) float32 of `network` in eval mode, BatchNorm unfolded, for pages (N, H, W) uint8."""
    network.eval()
    inputs = torch.from_numpy(pages.copy())[:, None]
    maps: NDArray[np.float32] = torch.cat([network(page / 255) for page in inputs.split(1)]).numpy()
    return maps


def checkpoint_answers(path: Path) -> tuple[tuple[str, ...], Callable[[NDArray[np.uint8]], NDArray[np.float32]]]:
    """The class names of the checkpoint in `path`, none of a finder, and what answers: probabilities (N, 10) float32
    for images, or maps for pages.

    Raises:
        ModelError: not a usable checkpoint.
    """
    checkpoint = load_checkpoint(path)
    network = build_network(checkpoint)
    if checkpoint.recipe.kind == "finder":
        return (), lambda pages: predict_maps(network, pages)
    return checkpoint.class_names, lambda images: torch.softmax(
        torch.from_numpy(predict_logits(network, images)), 1
    ).numpy()
