"""What a training does, as plain values: optimizer, schedule, and the amounts of all else.

docs/training.md tells what the default does and how far it gets.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar

from edgemnist.model.contract import Kind
from edgemnist.train.amounts import (
    COMMON,
    GENTLE,
    NEARLY_NONE,
    NO_LESSON,
    NO_OUTLIERS,
    NONE,
    OUTLIERS,
    STRONG,
    Augmentation,
    Lesson,
    Outliers,
    require,
)
from edgemnist.train.task import TrainingRecipe

CLEAN_EPOCHS = 3
"""Epochs on clean images that end every run; a run of no more than these is clean from its start."""

SCHEDULES = ("triangle", "constant")


@dataclass(frozen=True)
class Recipe:
    """Everything but the data and the seed that decides what a training makes."""

    kind: ClassVar[Kind] = "classifier"

    epochs: int = 20
    """Passes over the training images."""
    batch_size: int = 128
    """Images for each step; the last batch of an epoch holds what is left."""
    schedule: str = "triangle"
    """`triangle`: the learning rate rises from 0 to its peak and falls back to 0; `constant`: always the peak."""
    peak_learning_rate: float = 3e-3
    """Adam's highest learning rate."""
    warmup: float = 0.15
    """Share of all steps over which a triangle rises."""
    beta2: float = 0.999
    """How slowly Adam's average of squared gradients forgets."""
    clean_epochs: int = CLEAN_EPOCHS
    """Epochs at the end that see the images as they are, or nearly so."""
    clean: Augmentation = NEARLY_NONE
    """What all images get in the clean epochs."""
    common: Augmentation = COMMON
    """What all images get before the clean epochs."""
    gentle: Augmentation = GENTLE
    """What some of each batch gets on top of it."""
    strong: Augmentation = STRONG
    """What the rest of each batch gets on top of it."""
    strong_share: float = 0.5
    """Share of each batch that gets the strong augmentation."""
    bfloat16: bool = True
    """Whether to compute in bf16 on devices that are faster at it."""
    outliers: Outliers = NO_OUTLIERS
    """Images that are no digits, and how much they count."""
    lesson: Lesson = NO_LESSON
    """How one's own digits are learned beside MNIST."""

    def __post_init__(self) -> None:
        require(self.epochs >= 1, "epochs", self.epochs, "1 or more")
        require(self.batch_size >= 1, "batch size", self.batch_size, "1 or more")
        rate = self.peak_learning_rate
        require(math.isfinite(rate) and rate > 0, "learning rate", rate, "a finite number above 0")
        require(self.schedule in SCHEDULES, "schedule", self.schedule, " or ".join(SCHEDULES))
        require(0 <= self.warmup < 1, "warm-up", self.warmup, "0 or more and below 1")
        require(0 <= self.beta2 < 1, "beta2", self.beta2, "0 or more and below 1")
        require(self.clean_epochs >= 0, "clean epochs", self.clean_epochs, "0 or more")
        require(not self.lesson.steps or self.outliers.epochs > 0, "a lesson", "without outliers", "beside some")
        require(0 <= self.strong_share <= 1, "strong share", self.strong_share, "from 0 to 1")


def default_recipe(epochs: int = 20, batch_size: int = 128) -> Recipe:
    """The recipe of the models that ship; a run too short to augment learns fast instead.

    The last three epochs are always nearly clean, and the last quarter sees outliers. A run of one to three epochs is
    clean throughout, without outliers, and takes a higher learning rate that warms up longer.
    """
    if epochs <= CLEAN_EPOCHS:
        return Recipe(epochs, batch_size, peak_learning_rate=1e-2, warmup=0.25, beta2=0.98, clean=NONE)
    return Recipe(epochs, batch_size, outliers=dataclasses.replace(OUTLIERS, epochs=epochs // 4))


def for_other_images(recipe: Recipe) -> Recipe:
    """The recipe for images that are not MNIST's: nobody knows that they are digits, nor what is none."""
    clean, common = (dataclasses.replace(amounts, allographs=0.0) for amounts in (recipe.clean, recipe.common))
    return dataclasses.replace(recipe, clean=clean, common=common, outliers=NO_OUTLIERS)


def plain_recipe(epochs: int = 20, batch_size: int = 128) -> Recipe:
    """The specification taken at its word: Adam at its usual constant 1e-3, no augmentation."""
    return Recipe(epochs, batch_size, schedule="constant", peak_learning_rate=1e-3, clean_epochs=epochs, clean=NONE)


def lesson_recipe(epochs: int = 1, batch_size: int = 128) -> Recipe:
    """The recipe by which a finished network learns one hand and forgets nothing.

    Own digits are changed gently; MNIST's and the outliers are nearly clean, as in the last epochs of the default.
    """
    return Recipe(
        epochs,
        batch_size,
        peak_learning_rate=1e-3,
        clean_epochs=epochs,
        outliers=dataclasses.replace(OUTLIERS, epochs=epochs),
        lesson=Lesson(steps=200, share=0.25, images=6_000, outliers=1_000, memory=1.0),
    )


def learning_rate(recipe: TrainingRecipe, step: int, steps: int) -> float:
    """The rate of step 0, 1, ... steps - 1 of a run; a triangle is 0 just before the first and just after the last."""
    if recipe.schedule == "constant":
        return recipe.peak_learning_rate
    done = (step + 1) / (steps + 1)
    if done < recipe.warmup:
        return recipe.peak_learning_rate * done / recipe.warmup
    return recipe.peak_learning_rate * (1 - done) / (1 - recipe.warmup)


def to_dict(recipe: Any) -> dict[str, Any]:
    """A recipe of any kind as plain types, for JSON and checkpoints; one without a lesson does not name it."""
    values = dataclasses.asdict(recipe)
    if values.get("lesson") == dataclasses.asdict(NO_LESSON):
        del values["lesson"]
    return values


def from_dict(values: dict[str, Any]) -> Recipe:
    """The recipe that `to_dict` wrote; one from before there were outliers has none, and most have no lesson.

    Raises:
        TypeError, KeyError: a field is missing, unknown, or of a type that cannot be meant.
        UsageError: a value is impossible.
    """
    amounts = {name: Augmentation(**values[name]) for name in ("clean", "common", "gentle", "strong")}
    outliers = Outliers(**values["outliers"]) if "outliers" in values else NO_OUTLIERS
    lesson = Lesson(**values["lesson"]) if "lesson" in values else NO_LESSON
    recipe = Recipe(**{**values, **amounts, "outliers": outliers, "lesson": lesson})
    parts: list[Recipe | Outliers | Lesson | Augmentation] = [recipe, outliers, lesson, *amounts.values()]
    for part in parts:
        _check_types(part)
    return recipe


def _check_types(part: Recipe | Outliers | Lesson | Augmentation) -> None:
    for field in dataclasses.fields(part):
        found = type(getattr(part, field.name))
        if found is not field.type and (found, field.type) != (int, float):
            raise TypeError(f"{field.name} is of type {found.__name__}")
