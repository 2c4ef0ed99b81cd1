"""The training loop: the whole set on the device, a batch is a slice of a permutation, a checkpoint every epoch.

A run starts by writing the checkpoint of epoch 0, and goes on from whatever checkpoint it finds: an interrupted
training and one that was not take the same steps.
"""

import dataclasses
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.atomic import write_text
from edgemnist.data import DataSet, Split
from edgemnist.errors import CheckError, UsageError
from edgemnist.train import recipe as recipes
from edgemnist.train.augment import augment
from edgemnist.train.checkpoint import (
    Checkpoint,
    EpochRecord,
    load_checkpoint,
    save_checkpoint,
)
from edgemnist.train.device import choose_device
from edgemnist.train.network import DigitCnn, images_to_inputs, images_to_tensor, new_network
from edgemnist.train.plot import save_curves
from edgemnist.train.recipe import Recipe, learning_rate

VALIDATION_BATCH = 1000
"""Images at once."""


@dataclass(frozen=True)
class StepDone:
    """A step was handed to the device; carries nothing that would have to be waited for."""

    epoch: int
    """1 for the first."""
    epochs: int
    step: int
    """1 for the first of the epoch."""
    steps: int
    """Of each epoch."""


@dataclass(frozen=True)
class EpochDone:
    """An epoch is finished and its checkpoint written."""

    record: EpochRecord
    epochs: int
    seconds: float
    """Training and validation of this epoch."""


Progress = Callable[[StepDone | EpochDone], None]
"""Called from the loop, on its thread; whatever it raises ends the training."""


@dataclass(frozen=True)
class _Tensors:
    """A split on the device."""

    images: Tensor
    """(N, 1, 28, 28) uint8"""
    labels: Tensor
    """(N,) int64"""


def train(
    data: DataSet, recipe: Recipe, run: Path, *, seed: int, device: str, progress: Progress
) -> Checkpoint:
    """The last checkpoint of a training from random weights; its files lie in the folder `run`.

    Raises:
        UsageError: `run` already holds a training, or there is no such device.
        CheckError: the loss is no longer a finite number.
        StorageError: writing fails; the checkpoint of the epoch before stays.
    """
    choose_device(device)
    begin(data, recipe, run, seed=seed)
    return resume(data, run, device=device, progress=progress)


def begin(data: DataSet, recipe: Recipe, run: Path, *, seed: int, initial: Checkpoint | None = None) -> None:
    """Write the checkpoint of epoch 0 into `run`: random weights, or those of `initial` to fine-tune; `resume` does the rest.

    Raises:
        UsageError: `run` already holds a training.
        StorageError: writing fails.
    """
    if _checkpoint_path(run).exists():
        raise UsageError(f"{run} already holds a training: resume it, or choose another folder")
    network = new_network(seed)
    if initial is not None:
        network.load_state_dict(initial.state)
    checkpoint = Checkpoint(
        recipe=recipe,
        seed=seed,
        class_names=data.class_names,
        data_sha256=data.sha256,
        data_canonical=data.canonical,
        state=network.state_dict(),
        optimizer=_adam(network, recipe).state_dict(),
    )
    config = {
        "recipe": recipes.to_dict(recipe),
        "seed": seed,
        "data_sha256": data.sha256,
        "versions": checkpoint.versions,
    }
    write_text(run / "config.json", json.dumps(config, indent=2) + "\n")
    save_checkpoint(_checkpoint_path(run), checkpoint)


def resume(data: DataSet, run: Path, *, device: str, progress: Progress) -> Checkpoint:
    """The last checkpoint of the training in `run`, carried on from the last one that was written there.

    On the same machine with as many threads, the weights are those of a training that was never interrupted, bit for
    bit. A finished training takes no step.

    Raises:
        ModelError: `run` holds no usable checkpoint.
        UsageError: `data` is not what the training began with, or there is no such device.
        CheckError: the loss is no longer a finite number.
        StorageError: writing fails; the checkpoint of the epoch before stays.
    """
    place = choose_device(device)
    path = _checkpoint_path(run)
    checkpoint = load_checkpoint(path)
    if checkpoint.data_sha256 != data.sha256:
        raise UsageError(f"{run} was begun with other data (SHA-256 {checkpoint.data_sha256[:12]}...)")
    for leftover in run.glob(".*.part"):
        leftover.unlink()
    recipe = checkpoint.recipe
    network = DigitCnn().to(place)
    network.load_state_dict(checkpoint.state)
    optimizer = _adam(network, recipe)
    optimizer.load_state_dict(checkpoint.optimizer)
    training, validation = _to_device(data.train, place), _to_device(data.validation, place)
    for epoch in range(checkpoint.epoch + 1, recipe.epochs + 1):
        started = time.perf_counter()
        shuffle, changes = _generators(checkpoint.seed, epoch, place)
        order = torch.randperm(len(data.train), generator=shuffle).to(place)
        batches = order.split(recipe.batch_size)
        total = torch.zeros((), device=place)
        network.train()
        for step, batch in enumerate(batches):
            rate = learning_rate(recipe, (epoch - 1) * len(batches) + step, recipe.epochs * len(batches))
            optimizer.param_groups[0]["lr"] = rate
            inputs = images_to_inputs(training.images[batch])
            if epoch <= recipe.epochs - recipe.clean_epochs:
                inputs = augment(inputs, recipe, changes)
            with torch.autocast(place.type, dtype=torch.bfloat16, enabled=place.type == "cuda"):
                loss = F.cross_entropy(network(inputs), training.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
            progress(StepDone(epoch, recipe.epochs, step + 1, len(batches)))
        validation_loss, accuracy = evaluate(network, validation.images, validation.labels)
        record = EpochRecord(epoch, total.item() / len(data.train), validation_loss, accuracy, rate)
        if not math.isfinite(record.loss + record.validation_loss):
            raise CheckError(f"the loss is no longer finite in epoch {epoch}: epoch {epoch - 1} is kept in {path}; "
                             "try a lower learning rate")
        checkpoint = dataclasses.replace(
            checkpoint,
            state=network.state_dict(),
            optimizer=optimizer.state_dict(),
            history=(*checkpoint.history, record),
        )
        save_checkpoint(path, checkpoint)
        _write_metrics(run, checkpoint)
        progress(EpochDone(record, recipe.epochs, time.perf_counter() - started))
    _write_metrics(run, checkpoint)
    save_curves(run / "curves.png", checkpoint.history)
    return checkpoint


@torch.inference_mode()
def evaluate(network: DigitCnn, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean cross-entropy and accuracy (0 to 1) over images (N, 1, 28, 28) uint8 with labels (N,), all on one device."""
    network.eval()
    logits = torch.cat([network(images_to_inputs(part)) for part in images.split(VALIDATION_BATCH)])
    correct = (logits.argmax(1) == labels).sum()
    return F.cross_entropy(logits, labels).item(), correct.item() / len(labels)


def _adam(network: DigitCnn, recipe: Recipe) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), betas=(0.9, recipe.beta2), fused=True)


def _checkpoint_path(run: Path) -> Path:
    return run / "checkpoint.pt"


def _generators(seed: int, epoch: int, device: torch.device) -> tuple[torch.Generator, torch.Generator]:
    shuffle, changes = (int(word) for word in np.random.SeedSequence([seed, epoch]).generate_state(2, np.uint64))
    return torch.Generator().manual_seed(shuffle), torch.Generator(device).manual_seed(changes)


def _to_device(split: Split, device: torch.device) -> _Tensors:
    return _Tensors(images_to_tensor(split.images, device), torch.from_numpy(split.labels.copy()).to(device))


def _write_metrics(run: Path, checkpoint: Checkpoint) -> None:
    lines = (json.dumps(dataclasses.asdict(record)) for record in checkpoint.history)
    write_text(run / "metrics.jsonl", "".join(f"{line}\n" for line in lines))
