"""The parts of a recipe, as plain values: how much augmentation, which outliers, what a lesson is.

Each has a value that switches it off, and those that the recipes use stand at the end.
"""

import math
from dataclasses import dataclass

from edgemnist.errors import UsageError


def require(holds: bool, name: str, value: object, wanted: str) -> None:
    """Raise UsageError, which says what is wanted, unless it holds."""
    if not holds:
        raise UsageError(f"{name} {value} is not possible: must be {wanted}")


def _require_amounts(of: str, amounts: object) -> None:
    for name, amount in vars(amounts).items():
        require(math.isfinite(amount) and amount >= 0, f"{of} {name}", amount, "0 or more")


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
        _require_amounts("augmentation", self)

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
        _require_amounts("outliers", self)
        require(not self.epochs or any(self.parts.values()), "epochs of outliers", self.epochs, "0 without any kind")

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
        require(self.steps >= 0, "lesson steps", self.steps, "0 or more")
        least = min(self.images, self.outliers)
        require(not self.steps or least >= 1, "images or outliers of a lesson", least, "1 or more")
        require(0 <= self.share < 1, "lesson share", self.share, "0 or more and below 1")
        require(math.isfinite(self.memory) and self.memory >= 0, "lesson memory", self.memory, "0 or more")


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
