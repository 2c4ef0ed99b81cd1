"""The kinds of network that can be trained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from edgemnist.data import CLASS_COUNT, DataSet
from edgemnist.model.contract import Kind
from edgemnist.train import recipe as recipes
from edgemnist.train.classifier import classifier_task
from edgemnist.train.finder import finder_task, recipe_from_dict
from edgemnist.train.finder_network import FinderCnn
from edgemnist.train.lesson import lesson_task
from edgemnist.train.network import DigitCnn
from edgemnist.train.task import Task, TrainingRecipe


@dataclass(frozen=True)
class Trainable:
    """One kind."""

    network: Callable[[], nn.Module]
    """Builds it, with random weights."""
    class_count: int
    """How many class names a checkpoint has; 0 where there are no classes."""
    recipe: Callable[[dict[str, Any]], TrainingRecipe]
    """Reads what `recipe.to_dict` wrote."""
    task: Callable[[DataSet, Any, int, torch.device, Path], Task]
    """What is learned from data, by a recipe and a seed, on a device; what is made for it may be kept in the run's
    folder."""
    checkpoint_format: int
    """The first version of checkpoints with such networks; raised by every change after which an older edgemnist could
    not read them."""


def _classifier_or_lesson(data: DataSet, recipe: recipes.Recipe, seed: int, device: torch.device, run: Path) -> Task:
    if recipe.lesson.steps:
        return lesson_task(data, recipe, seed, device)
    return classifier_task(data, recipe, seed, device, run)


KINDS: Mapping[Kind, Trainable] = {
    "classifier": Trainable(DigitCnn, CLASS_COUNT, recipes.from_dict, _classifier_or_lesson, checkpoint_format=1),
    "finder": Trainable(FinderCnn, 0, recipe_from_dict, finder_task, checkpoint_format=2),
}
