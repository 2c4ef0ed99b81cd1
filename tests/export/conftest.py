"""One network trained for an epoch, and the models exported from it: what parity is shown on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from edgemnist.data import DataSet
from edgemnist.export.exporter import ExportedModel, export_checkpoint
from edgemnist.train.checkpoint import build_network, load_checkpoint
from edgemnist.train.loop import train
from edgemnist.train.network import DigitCnn
from edgemnist.train.recipe import default_recipe


@dataclass(frozen=True)
class Exported:
    """A checkpoint with its models and the logits of its torch network."""

    checkpoint: Path
    network: DigitCnn
    reference: NDArray[np.float32]
    """(10,000, 10): the unfolded torch network over the validation images."""
    fp32: ExportedModel
    int8: ExportedModel


def torch_logits(network: DigitCnn, images: NDArray[np.uint8], batch: int = 1_000) -> NDArray[np.float32]:
    """The network asked in the plainest way, without any code of ours but the network itself."""
    with torch.inference_mode():
        return np.concatenate(
            [
                network.eval()(torch.tensor(images[start : start + batch, None], dtype=torch.float32) / 255).numpy()
                for start in range(0, len(images), batch)
            ]
        )


@pytest.fixture(scope="session")
def checkpoint(mnist: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    train(mnist, default_recipe(epochs=1), run, seed=0, device="cpu", progress=lambda event: None)
    return run / "checkpoint.pt"


@pytest.fixture(scope="session")
def exported(mnist: DataSet, checkpoint: Path) -> Exported:
    fp32, int8 = export_checkpoint(checkpoint, checkpoint.parent, mnist, quantize=True, announce=lambda line: None)
    network = build_network(load_checkpoint(checkpoint))
    return Exported(checkpoint, network, torch_logits(network, mnist.validation.images), fp32, int8)


@pytest.fixture
def wild_network() -> DigitCnn:
    """Random weights and random BatchNorm statistics, scale and shift: with the defaults a broken fold goes unseen."""
    generator = torch.Generator().manual_seed(0)
    network = DigitCnn()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            spread = torch.rand(value.shape, generator=generator)
            if name.endswith("running_var"):
                value.copy_(0.2 + 3 * spread)
            elif name.startswith("bn"):
                value.copy_(4 * spread - 2)
            else:
                value.copy_((2 * spread - 1) / value[0].numel() ** 0.5)
    return network.eval()
