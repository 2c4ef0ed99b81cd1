"""A training, from random weights to the last checkpoint, in a folder from which it can go on at any time.

`begin` writes the checkpoint of epoch 0, `resume` goes on from whatever checkpoint it finds, and `train` is one
after the other: an interrupted training and one that was not take exactly the same steps. Whatever else lies in
the folder (config.json, metrics.jsonl, curves.png) follows from the checkpoint.
"""

import dataclasses
import json
import math
import os
import time
from pathlib import Path

import torch

from edgemnist.atomic import write_text
from edgemnist.data import DataSet
from edgemnist.errors import CheckError, ModelError, UsageError
from edgemnist.train import recipe as recipes
from edgemnist.train.checkpoint import (
    Checkpoint,
    EpochRecord,
    library_versions,
    load_checkpoint,
    save_checkpoint,
)
from edgemnist.train.device import choose_device
from edgemnist.train.epoch import train_epoch
from edgemnist.train.kinds import KINDS
from edgemnist.train.learner import load_learner, next_checkpoint
from edgemnist.train.network import new_network
from edgemnist.train.plot import save_curves
from edgemnist.train.progress import EpochDone, Progress
from edgemnist.train.runs import checkpoint_path, locked
from edgemnist.train.task import TrainingRecipe
from edgemnist.train.taught import Taught

MAX_SEED = 2**63 - 1

CONFIG_NAME = "config.json"
METRICS_NAME = "metrics.jsonl"
CURVES_NAME = "curves.png"


def train(
    data: DataSet, recipe: TrainingRecipe, run: Path, *, seed: int, device: str, progress: Progress
) -> Checkpoint:
    """The last checkpoint of a training from random weights; its files lie in the folder `run`.

    Raises:
        UsageError: `run` already holds a training, the seed is impossible, or there is no such device.
        CheckError: the loss is no longer a finite number.
        StorageError: writing fails; the checkpoint of the epoch before stays.
    """
    choose_device(device)
    begin(data, recipe, run, seed=seed)
    return resume(data, run, device=device, progress=progress)


def begin(
    data: DataSet,
    recipe: TrainingRecipe,
    run: Path,
    *,
    seed: int,
    initial: Checkpoint | None = None,
    taught: Taught | None = None,
) -> Checkpoint:
    """The checkpoint of epoch 0, written to `run`: random weights, or those of `initial` to fine-tune it.

    A lesson's recipe goes with what is `taught` beside `data`.

    Raises:
        UsageError: `run` already holds a training or files of its names, one is at work there, or the seed is
            impossible.
        StorageError: writing fails.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"seed {seed} is not possible: must be from 0 to {MAX_SEED}")
    kind = KINDS[recipe.kind]
    checkpoint = Checkpoint(
        recipe=recipe,
        seed=seed,
        class_names=data.class_names if kind.class_count else (),
        data_sha256=data.sha256,
        data_canonical=data.canonical,
        state=new_network(seed, kind.network).state_dict() if initial is None else initial.state,
        optimizer={},
        history=(),
        versions=library_versions(),
        taught=taught,
    )
    with locked(run):
        path = checkpoint_path(run)
        if path.exists():
            raise UsageError(f"{run} already holds a training: resume it, or choose another folder")
        foreign = next((name for name in (CONFIG_NAME, METRICS_NAME, CURVES_NAME) if os.path.lexists(run / name)), None)
        if foreign:
            raise UsageError(f"{run / foreign} is there and not from a training; choose another folder with --out")
        save_checkpoint(path, checkpoint)
    return checkpoint


def resume(data: DataSet, run: Path, *, device: str, progress: Progress) -> Checkpoint:
    """The last checkpoint of the training in `run`, carried on from the newest one there.

    On the same CPU, with as many threads, its weights are those of a training that was never interrupted, bit for
    bit. A finished training takes no step.

    Raises:
        ModelError: `run` holds no usable checkpoint.
        UsageError: `data` is not what the training began with, another training is at work in `run`, or there is no
            such device.
        CheckError: the loss is no longer a finite number.
        StorageError: writing fails; the checkpoint of the epoch before stays.
    """
    place = choose_device(device)
    path = checkpoint_path(run)
    if not path.exists():
        raise ModelError(f"cannot read the checkpoint {path}: No such file or directory")
    with locked(run):
        return _carry_on(data, path, place, progress)


def _carry_on(data: DataSet, path: Path, place: torch.device, progress: Progress) -> Checkpoint:
    run = path.parent
    checkpoint = load_checkpoint(path)
    if checkpoint.data_sha256 != data.sha256:
        way = "; it holds its own digits: leave --data out, or name MNIST's" if checkpoint.taught else ""
        raise UsageError(
            f"{run} was begun with other data: SHA-256 {checkpoint.data_sha256[:12]}..., not {data.sha256[:12]}...{way}"
        )
    _write_config(run, checkpoint)
    _write_metrics(run, checkpoint)
    if checkpoint.taught:
        data = dataclasses.replace(data, own=checkpoint.taught.own)
    learner = load_learner(checkpoint, place)
    recipe = checkpoint.recipe
    task = KINDS[recipe.kind].task(data, recipe, checkpoint.seed, place, run)
    for epoch in range(checkpoint.epoch + 1, recipe.epochs + 1):
        started = time.perf_counter()
        loss = train_epoch(learner, task, epoch, progress)
        validation_loss, metric = task.evaluate(learner.network)
        if not math.isfinite(loss + validation_loss):
            raise CheckError(f"the loss is no longer finite in epoch {epoch}; epoch {epoch - 1} is kept in {path}")
        record = EpochRecord(epoch, loss, validation_loss, metric, learner.optimizer.param_groups[0]["lr"])
        checkpoint = next_checkpoint(checkpoint, learner, record)
        save_checkpoint(path, checkpoint)
        _write_metrics(run, checkpoint)
        progress(EpochDone(record, recipe.epochs, time.perf_counter() - started))
    save_curves(run / CURVES_NAME, checkpoint.history)
    return checkpoint


def _write_config(run: Path, checkpoint: Checkpoint) -> None:
    config = {
        "recipe": recipes.to_dict(checkpoint.recipe),
        "seed": checkpoint.seed,
        "data_sha256": checkpoint.data_sha256,
        "data_canonical": checkpoint.data_canonical,
        "versions": checkpoint.versions,
    }
    if checkpoint.taught:
        config["own_sha256"] = checkpoint.taught.own.sha256
        config["initial_sha256"] = checkpoint.taught.initial_sha256
    write_text(run / CONFIG_NAME, json.dumps(config, indent=2, allow_nan=False) + "\n")


def _write_metrics(run: Path, checkpoint: Checkpoint) -> None:
    lines = [json.dumps(dataclasses.asdict(record), allow_nan=False) for record in checkpoint.history]
    write_text(run / METRICS_NAME, "".join(f"{line}\n" for line in lines))
