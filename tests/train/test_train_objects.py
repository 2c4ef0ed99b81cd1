"""A network that was trained beside outliers objects to others of their kind; one that was not does not."""

import dataclasses
from pathlib import Path

import numpy as np
import torch

from edgemnist.data import DataSet
from edgemnist.train import loop
from edgemnist.train.amounts import NO_OUTLIERS, OUTLIERS
from edgemnist.train.checkpoint import build_network
from edgemnist.train.network import images_to_inputs, images_to_tensor
from edgemnist.train.outliers.digits import Digits
from edgemnist.train.outliers.make import make_outliers
from edgemnist.train.recipe import Recipe

UNSEEN = 2_026
"""The seed of outliers that no training drew."""
BESIDE = Recipe(
    epochs=8, batch_size=32, clean_epochs=8, outliers=dataclasses.replace(OUTLIERS, epochs=6, share=0.5, weight=0.5)
)


def evidence(data: DataSet, recipe: Recipe, run: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """log sum exp of the logits of validation images and of outliers, after a training."""
    network = build_network(loop.train(data, recipe, run, seed=0, device="cpu", progress=lambda event: None))
    images = images_to_tensor(data.validation.images, torch.device("cpu"))
    digits = Digits(images, torch.from_numpy(data.validation.labels))
    generator = torch.Generator().manual_seed(UNSEEN)
    outliers = make_outliers(digits, 200, BESIDE, clean=True, generator=generator)
    with torch.inference_mode():
        logits = network(images_to_inputs(images))
        assert (logits.argmax(1) == digits.labels).float().mean() > 0.95
        return logits.logsumexp(1), network(outliers).logsumexp(1)


def test_outliers_make_a_network_object(tiny: DataSet, tmp_path: Path) -> None:
    digits, outliers = evidence(tiny, BESIDE, tmp_path / "with")
    assert (outliers < digits.quantile(0.05)).float().mean() > 0.8  # measured below
    _, before = evidence(tiny, dataclasses.replace(BESIDE, outliers=NO_OUTLIERS), tmp_path / "without")
    assert outliers.median() < before.median() - 2


def test_outliers_do_not_change_the_epochs_before_them(tiny: DataSet, tmp_path: Path) -> None:
    runs = {}
    for name, recipe in (("with", BESIDE), ("without", dataclasses.replace(BESIDE, outliers=NO_OUTLIERS))):
        runs[name] = loop.train(tiny, recipe, tmp_path / name, seed=0, device="cpu", progress=lambda event: None)
    losses = {name: [record.loss for record in run.history] for name, run in runs.items()}
    assert losses["with"][:2] == losses["without"][:2]
    assert not np.isclose(losses["with"][2:], losses["without"][2:], rtol=1e-6).any()
