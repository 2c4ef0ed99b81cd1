"""What `edgemnist train` begins: a training on its data alone, or a lesson of own digits beside MNIST."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from edgemnist.data import DIGITS, DataSet, Split
from edgemnist.data.mnist import load_dataset
from edgemnist.errors import DataError, ModelError, UsageError
from edgemnist.model.arrays import wrong_way
from edgemnist.model.contract import Kind
from edgemnist.model.opened import default_model, open_model
from edgemnist.model.shipped import checkpoint_path
from edgemnist.reading.own_data import load_data
from edgemnist.train.checkpoint import Checkpoint, build_network, load_checkpoint, parse_checkpoint, read_checkpoint
from edgemnist.train.predict import predict_logits
from edgemnist.train.recipe import lesson_recipe
from edgemnist.train.recipes import recipe_for
from edgemnist.train.task import TrainingRecipe
from edgemnist.train.taught import Taught, too_few

Announce = Callable[[str], None]

DATA_VARIABLE = "EDGEMNIST_DATA"
"""The environment's word for --data: where MNIST is, when --data names one's own pictures."""


@dataclass(frozen=True)
class Wish:
    """What a person asked for; None leaves a recipe's own numbers."""

    network: Kind
    data: Path | None
    init: Path | None
    only_mine: bool
    epochs: int | None
    batch_size: int | None
    bfloat16: bool


@dataclass(frozen=True)
class Start:
    """What `loop.begin` is given."""

    data: DataSet
    recipe: TrainingRecipe
    initial: Checkpoint | None
    taught: Taught | None


def prepare(wish: Wish, announce: Announce) -> Start:
    """What begins for a wish. Own pictures of digits are a lesson, unless they alone are asked for.

    Raises:
        UsageError: a number is impossible.
        ModelError: --init is no usable checkpoint, or of another kind of network, or a lesson has none to begin with.
        DataError, StorageError: as `load_data`, or too few pictures.
    """
    recipe = recipe_for(wish.network, wish.epochs, wish.batch_size, bfloat16=wish.bfloat16)
    initial = load_checkpoint(wish.init) if wish.init else None
    if initial and initial.recipe.kind != wish.network:
        kind = initial.recipe.kind
        raise ModelError(f"{wish.init} is a {kind}; what is needed here is a {wish.network}, or --network {kind}")
    data = load_data(wish.data, announce)
    if data.pictures and data.class_names == DIGITS and wish.network == "classifier" and not wish.only_mine:
        return _lesson(wish, data, announce)
    if data.pictures:
        _require_both_sides(data, wish.data)
    if not data.canonical and (way := wrong_way(open_model(default_model()), data.train.images)):
        announce(f"the training images look like MNIST's, but {way}; as they are, they teach to read such images alone")
    return Start(data, recipe(data), initial, None)


def _lesson(wish: Wish, own: DataSet, announce: Announce) -> Start:
    if not len(own.train):
        raise DataError(f"all {len(own.validation)} pictures in {wish.data} are to judge by; add some to learn from")
    path = wish.init or checkpoint_path()
    content = read_checkpoint(path)
    initial = parse_checkpoint(content, path)
    if initial.class_names != DIGITS or not initial.epoch:
        raise UsageError(
            f"{path} does not know digits yet; begin with one that does, or train on yours with --only-mine"
        )
    beside = os.environ.get(DATA_VARIABLE)
    mnist = load_dataset(Path(beside) if beside and Path(beside) != wish.data else None, announce)
    announce(f"{path} learns them beside MNIST; --only-mine leaves MNIST out")
    taught = first_look(initial, hashlib.sha256(content).hexdigest(), own, mnist)
    numbers = {"epochs": wish.epochs, "batch_size": wish.batch_size}
    recipe = lesson_recipe(**{name: number for name, number in numbers.items() if number is not None})
    return Start(mnist, replace(recipe, bfloat16=wish.bfloat16), initial, taught)


def first_look(initial: Checkpoint, sha256: str, own: DataSet, mnist: DataSet) -> Taught:
    """A lesson of `own` digits, and how the network of `initial`, a file of that SHA-256, does before it."""
    network = build_network(initial)
    right = _right(network, mnist.validation)
    return Taught(own, sha256, _right(network, own.validation), right / len(mnist.validation))


def comparison(checkpoint: Checkpoint, taught: Taught) -> str:
    """How many own digits and MNIST's a lesson's network reads rightly, before and after, in a line."""
    judged = len(taught.own.validation)
    few = too_few(taught.own)
    after = _right(build_network(checkpoint), taught.own.validation)
    if len(few) == len(taught.own.class_names):
        yours = f"{taught.own_before} -> {after} of {judged}, too few to tell"
    else:
        doubt = f"; of {', '.join(few)} too few to tell" if few else ""
        yours = f"{100 * taught.own_before / judged:.1f} -> {100 * after / judged:.1f} % (of {judged}{doubt})"
    mnist = (100 * accuracy for accuracy in (taught.accuracy_before, checkpoint.history[-1].validation_accuracy))
    return f"yours {yours}, MNIST {' -> '.join(f'{accuracy:.2f}' for accuracy in mnist)} %"


def _right(network: nn.Module, split: Split) -> int:
    """How many of a split's images the network answers rightly."""
    return int((predict_logits(network, split.images).argmax(1) == split.labels).sum()) if len(split) else 0


def _require_both_sides(data: DataSet, path: Path | None) -> None:
    """Return when pictures alone can teach and judge.

    Raises:
        DataError: they are of one class, or none is on one of the sides.
    """
    if not len(data.train) or not len(data.validation):
        raise DataError(
            f"{path}: {len(data.train)} pictures to learn from and {len(data.validation)} to judge by, which hashes "
            "of their pixels decide; add more"
        )
    if len(set(data.train.labels.tolist())) == 1:
        raise DataError(f"{path} holds one class alone, from which nothing is learned; add others")
