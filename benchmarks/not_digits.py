"""Print what the shipped int8 model answers to pictures that show no digit, or several: all drawn here.

    python benchmarks/not_digits.py [--count 200]

`answered` is the share that gets a digit at the model's own thresholds: for these pictures every such answer is wrong.
"""

import argparse
import platform
import string
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from edgemnist import Classifier
from edgemnist.model.session import onnxruntime_version

SIDE = 200
LOOKALIKES = frozenset("BDIOQSZbgijloqsyz|")
"""Letters that are digits to anybody who sees one alone."""


def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("L", (SIDE, SIDE), 235)
    return picture, ImageDraw.Draw(picture)


def written(text: str, rng: Generator) -> Image.Image:
    picture, draw = sheet()
    font = ImageFont.load_default(size=int(rng.integers(80, 130)))
    draw.text((SIDE / 2, SIDE / 2), text, fill=30, anchor="mm", font=font, stroke_width=int(rng.integers(0, 4)))
    return picture.rotate(rng.uniform(-12, 12), fillcolor=235)


def letter(rng: Generator) -> Image.Image:
    return written(str(rng.choice(sorted(set(string.ascii_letters) - LOOKALIKES))), rng)


def lookalike(rng: Generator) -> Image.Image:
    return written(str(rng.choice(sorted(LOOKALIKES))), rng)


def symbol(rng: Generator) -> Image.Image:
    return written(str(rng.choice(list("!?&%#@+=*$<>{}"))), rng)


def scribble(rng: Generator) -> Image.Image:
    """A pen that wanders: a smooth closed curve of random harmonics."""
    picture, draw = sheet()
    turn = np.linspace(0, 2 * np.pi, 400)
    x, y = (
        sum(rng.normal(0, 1 / order) * np.sin(order * turn + rng.uniform(0, 2 * np.pi)) for order in range(1, 9))
        for _ in range(2)
    )
    points = [(SIDE / 2 + 38 * a, SIDE / 2 + 38 * b) for a, b in zip(x, y, strict=True)]
    draw.line(points, fill=30, width=int(rng.integers(3, 10)), joint="curve")
    return picture


def garment(rng: Generator) -> Image.Image:
    """A filled silhouette: a shirt, trousers, a shoe, a bag or a dress."""
    outlines = [
        [(60, 40), (140, 40), (185, 80), (160, 105), (140, 85), (140, 170), (60, 170), (60, 85), (40, 105), (15, 80)],
        [(65, 20), (135, 20), (145, 185), (110, 185), (100, 80), (90, 185), (55, 185)],
        [(20, 90), (70, 90), (110, 120), (175, 130), (185, 160), (20, 160)],
        [(40, 80), (70, 80), (75, 45), (125, 45), (130, 80), (160, 80), (170, 170), (30, 170)],
        [(85, 20), (115, 20), (120, 80), (155, 185), (45, 185), (80, 80)],
    ]
    picture, draw = sheet()
    outline = outlines[rng.integers(len(outlines))]
    draw.polygon([(x + rng.normal(0, 4), y + rng.normal(0, 4)) for x, y in outline], fill=int(rng.integers(30, 120)))
    return picture


def noise(rng: Generator) -> Image.Image:
    return Image.fromarray(rng.integers(0, 256, (SIDE, SIDE)).astype(np.uint8))


def small_noise(rng: Generator) -> Image.Image:
    return Image.fromarray(rng.integers(0, 256, (28, 28)).astype(np.uint8))


def empty(rng: Generator) -> Image.Image:
    """An empty sheet in uneven light, with the grain of a camera."""
    light = rng.uniform(120, 250) * np.linspace(1, rng.uniform(0.5, 1), SIDE)
    return Image.fromarray((light + rng.normal(0, 4, (SIDE, SIDE))).clip(0, 255).astype(np.uint8))


def grainy(rng: Generator) -> Image.Image:
    """An empty sheet with strong grain, fine as a camera's in the dark or soft as the paper's own."""
    grain = rng.normal(0, 1, (SIDE, SIDE))
    for _ in range(rng.integers(4)):
        for axis in (0, 1):
            grain = (np.roll(grain, 1, axis) + grain + np.roll(grain, -1, axis)) / 3
    light = rng.uniform(120, 250) * np.linspace(1, rng.uniform(0.5, 1), SIDE)
    return Image.fromarray((light + rng.uniform(4, 24) / grain.std() * grain).clip(0, 255).astype(np.uint8))


def two_digits(rng: Generator) -> Image.Image:
    return written(f"{rng.integers(10)} {rng.integers(10)}", rng)


KINDS: dict[str, Callable[[Generator], Image.Image]] = {
    "letters": letter,
    "letters that look like digits": lookalike,
    "symbols": symbol,
    "scribbles": scribble,
    "filled shapes": garment,
    "noise": noise,
    "noise, 28x28": small_noise,
    "empty sheets": empty,
    "empty sheets, strong grain": grainy,
    "two digits": two_digits,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="pictures of each kind")
    count = parser.parse_args().count
    classifier = Classifier()
    info = classifier.model.info
    asked = f", evidence {info.outliers.threshold:.2f}" if info.outliers else ""
    print(f"confidence {info.confidence.threshold:.4f}{asked}, {count} pictures of each kind, seed 0\n")
    print("| pictures | answered % | doubtful % | blank % | several % |")
    print("|---|---|---|---|---|")
    for name, draw in KINDS.items():
        rng = np.random.default_rng(0)
        statuses = Counter(classifier.predict(draw(rng)).status for _ in range(count))
        shares = [f"{100 * statuses[status] / count:.1f}" for status in ("ok", "doubtful", "blank", "several")]
        print(f"| {name} | {' | '.join(shares)} |")
    print(f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}")


if __name__ == "__main__":
    main()
