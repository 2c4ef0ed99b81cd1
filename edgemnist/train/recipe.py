"""What a training does, as plain values: optimizer, schedule and augmentation.

docs/training.md tells what the default does and how far it gets.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar

from edgemnist.errors import UsageError
from edgemnist.model.contract import Kind
from edgemnist.train.task import TrainingRecipe

CLEAN_EPOCHS = 3
"""Epochs on clean images that end every run; a run of no more than these is clean from its start."""

SCHEDULES = ("triangle", "constant")


def _require(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise UsageError(f"{name} {value} is not possible: must be {wanted}")


@dataclass(frozen=True)
class Augmentation:
    """How far images may be changed; every amount is drawn anew for every image, and 0 switches a change off."""

    rotation: float = 0.0
    """Degrees, either way."""
    shift: float = 0.0
    """Pixels, either way, along both axes."""
    scale: float = 0.0
    """The size is multiplied by exp(u * scale), u uniform in [-1, 1]."""
    aspect: float = 0.0
    """The width is multiplied by exp(u * aspect) and the height divided by it."""
    shear: float = 0.0
    """Pixels of slant for each pixel of height, either way."""
    elastic: float = 0.0
    """Standard deviation in pixels of a smooth random displacement."""
    thickness: float = 0.0
    """Share of images whose strokes are made thicker or thinner."""
    blur: float = 0.0
    """Share of images that are blurred."""
    contrast: float = 0.0
    """Largest share of the ink's brightness that is taken away."""
    erasing: float = 0.0
    """Share of images of which a box of 5 to 9 pixels a side is blanked."""
    noise: float = 0.0
    """Largest standard deviation of the noise that half of the images get; 1 is full ink."""
    gaps: float = 0.0
    """Share of images whose stroke is broken at one place."""
    allographs: float = 0.0
    """Share of the 0s, 1s, 4s, 7s, 8s and 9s that get the shape of other countries' handwriting."""

    lines: float = 0.0
    """Share of images with a piece of a straight line, or a corner of a box, left in."""
    background: float = 0.0
    """Share of images on a gray, uneven background, with paler ink."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            amount = getattr(self, field.name)
            _require(math.isfinite(amount) and amount >= 0, f"augmentation {field.name}", amount, "0 or more")

    @property
    def bends(self) -> bool:
        """Whether pixels move at all."""
        return any((self.rotation, self.shift, self.scale, self.aspect, self.shear, self.elastic))


@dataclass(frozen=True)
class Outliers:
    """Images that are no digits, from which a network learns to object; without epochs there are none."""

    epochs: int = 0
    """How many at the end see them."""
    share: float = 0.0
    """Outliers for each image of a batch."""
    weight: float = 0.0
    """Of their mean loss, beside the digits'."""
    letters: float = 0.0
    """Part of all that are letters and signs as a pen writes them; here and below only ratios count."""
    printed: float = 0.0
    """Part: letters and signs of fonts."""
    glyphs: float = 0.0
    """Part: a few strokes, as in no alphabet."""
    scribbles: float = 0.0
    """Part: a pen that wanders."""
    box_sides: float = 0.0
    """Part: corners and sides of boxes, without a digit."""
    filled: float = 0.0
    """Part: filled shapes."""
    halves: float = 0.0
    """Part: half a digit, or halves of two, one above the other."""
    pairs: float = 0.0
    """Part: two digits side by side."""
    turned: float = 0.0
    """Part: digits on their side, upside down, mirrored or transposed."""
    inverted: float = 0.0
    """Part: dark digits on full ink."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            amount = getattr(self, field.name)
            _require(math.isfinite(amount) and amount >= 0, f"outliers {field.name}", amount, "0 or more")
        _require(not self.epochs or any(self.parts.values()), "epochs of outliers", self.epochs, "0 without any kind")

    @property
    def parts(self) -> dict[str, float]:
        """The parts of all kinds, by name."""
        return {name: value for name, value in vars(self).items() if name not in ("epochs", "share", "weight")}


@dataclass(frozen=True)
class Lesson:
    """How a finished network learns one hand beside MNIST; without steps it is no lesson.

    Only the dense layers learn: what the convolutions make of an image is computed once and used several times.
    """

    steps: int = 0
    """Batches in each epoch."""
    share: float = 0.0
    """Of each batch: digits of that hand, each drawn as often. The rest are MNIST's."""
    images: int = 0
    """Of MNIST, drawn anew for each epoch."""
    outliers: int = 0
    """Made anew for each epoch."""
    memory: float = 0.0
    """Weight of what all but own digits' logits moved since the epoch began (`lesson`)."""

    def __post_init__(self) -> None:
        _require(self.steps >= 0, "lesson steps", self.steps, "0 or more")
        least = min(self.images, self.outliers)
        _require(not self.steps or least >= 1, "images or outliers of a lesson", least, "1 or more")
        _require(0 <= self.share < 1, "lesson share", self.share, "0 or more and below 1")
        _require(math.isfinite(self.memory) and self.memory >= 0, "lesson memory", self.memory, "0 or more")


COMMON = Augmentation(gaps=0.2, allographs=0.4)
GENTLE = Augmentation(
    rotation=10, shift=1, scale=0.12, aspect=0.11, shear=0.12, elastic=1.1, thickness=0.2
)  # fmt: skip
STRONG = Augmentation(
    rotation=15, shift=2, scale=0.18, aspect=0.215, shear=0.2, elastic=1.3, thickness=0.4,
    blur=0.2, contrast=0.3, erasing=0.1, noise=0.15, lines=0.15, background=0.2,
)  # fmt: skip
NEARLY_NONE = Augmentation(gaps=0.02, allographs=0.2, lines=0.02, background=0.02)
NONE = Augmentation()
OUTLIERS = Outliers(
    epochs=5, share=0.25, weight=0.05, letters=2, printed=2, glyphs=1, scribbles=1.5, box_sides=0.5, filled=1, halves=1,
    pairs=1, turned=1.5, inverted=0.75,
)  # fmt: skip
NO_OUTLIERS = Outliers()
NO_LESSON = Lesson()


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
        _require(self.epochs >= 1, "epochs", self.epochs, "1 or more")
        _require(self.batch_size >= 1, "batch size", self.batch_size, "1 or more")
        rate = self.peak_learning_rate
        _require(math.isfinite(rate) and rate > 0, "learning rate", rate, "a finite number above 0")
        _require(self.schedule in SCHEDULES, "schedule", self.schedule, " or ".join(SCHEDULES))
        _require(0 <= self.warmup < 1, "warm-up", self.warmup, "0 or more and below 1")
        _require(0 <= self.beta2 < 1, "beta2", self.beta2, "0 or more and below 1")
        _require(self.clean_epochs >= 0, "clean epochs", self.clean_epochs, "0 or more")
        _require(not self.lesson.steps or self.outliers.epochs > 0, "a lesson", "without outliers", "beside some")
        _require(0 <= self.strong_share <= 1, "strong share", self.strong_share, "from 0 to 1")


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
