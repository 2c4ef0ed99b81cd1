"""Print how well the shipped int8 model reads MNIST's validation images when they are corrupted, taken as arrays.

    python benchmarks/corruptions.py [--data DIR] [--count 2000] [--model FILE]

The corruptions are drawn here with numpy and Pillow alone, from other formulas than training's augmentation. Of the
fifteen of MNIST-C (N. Mu, J. Gilmer, 2019) training foresees two, fog and brightness, and lines across the image; here
these are `clouds`, `brighter` and `dotted line`.
"""

import argparse
import io
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from edgemnist.data.mnist import load_dataset
from edgemnist.model.arrays import answered
from edgemnist.model.opened import default_model, open_model, run
from edgemnist.model.session import onnxruntime_version

Ink = NDArray[np.float64]
"""(28, 28) in [0, 1]."""
ROW, COLUMN = np.indices((28, 28))


def filtered(ink: Ink, way: ImageFilter.Filter) -> Ink:
    return np.asarray(Image.fromarray((ink * 255).round().astype(np.uint8)).filter(way)) / 255


def bent(ink: Ink, matrix: tuple[float, ...]) -> Ink:
    """Pillow's affine transform around the middle."""
    a, b, c, d, e, f = matrix
    way = (a, b, c + 14 - 14 * a - 14 * b, d, e, f + 14 - 14 * d - 14 * e)
    picture = Image.fromarray(ink.astype(np.float32))
    return np.asarray(picture.transform((28, 28), Image.Transform.AFFINE, way, Image.Resampling.BICUBIC))


def hiss(ink: Ink, rng: Generator) -> Ink:
    return ink + rng.normal(0, rng.uniform(0.1, 0.3), ink.shape)


def salt_and_pepper(ink: Ink, rng: Generator) -> Ink:
    draws, share = rng.random(ink.shape), rng.uniform(0.03, 0.15)
    return np.where(draws < share / 2, 1.0, np.where(draws > 1 - share / 2, 0.0, ink))


def speckle(ink: Ink, rng: Generator) -> Ink:
    return ink * rng.gamma(2, 0.5, ink.shape)


def photons(ink: Ink, rng: Generator) -> Ink:
    return rng.poisson(ink * rng.uniform(4, 10)) / 6


def moved_while_taken(ink: Ink, rng: Generator) -> Ink:
    angle, length = rng.uniform(0, np.pi), rng.uniform(2, 5)
    steps = np.linspace(-length / 2, length / 2, 9)
    return np.mean([bent(ink, (1, 0, s * np.cos(angle), 0, 1, s * np.sin(angle))) for s in steps], axis=0)


def out_of_focus(ink: Ink, rng: Generator) -> Ink:
    return filtered(ink, ImageFilter.GaussianBlur(rng.uniform(0.7, 1.6)))


def coarse(ink: Ink, rng: Generator) -> Ink:
    side = int(rng.integers(10, 17))
    small = Image.fromarray(ink.astype(np.float32)).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small.resize((28, 28), Image.Resampling.NEAREST))


def two_levels(ink: Ink, rng: Generator) -> Ink:
    return (ink > rng.uniform(0.15, 0.8)).astype(float)


def compressed(ink: Ink, rng: Generator) -> Ink:
    file = io.BytesIO()
    Image.fromarray((ink * 255).astype(np.uint8)).save(file, "JPEG", quality=int(rng.integers(5, 20)))
    return np.asarray(Image.open(file)) / 255


def brighter(ink: Ink, rng: Generator) -> Ink:
    return ink + rng.uniform(0.1, 0.5)


def slanting_light(ink: Ink, rng: Generator) -> Ink:
    angle = rng.uniform(0, 2 * np.pi)
    ramp = ((COLUMN - 13.5) * np.cos(angle) + (ROW - 13.5) * np.sin(angle)) / 40 + 0.5
    return np.maximum(ink, rng.uniform(0.2, 0.6) * ramp)


def clouds(ink: Ink, rng: Generator) -> Ink:
    waves = np.zeros(ink.shape)
    for _ in range(12):
        across, down = rng.normal(0, 0.25, 2)
        waves += np.cos(across * COLUMN + down * ROW + rng.uniform(0, 2 * np.pi)) / 12
    return 0.6 * ink + rng.uniform(0.15, 0.4) * (0.5 + waves)


def pale(ink: Ink, rng: Generator) -> Ink:
    return ink * rng.uniform(0.15, 0.5)


def dotted_line(ink: Ink, rng: Generator) -> Ink:
    sheet = Image.fromarray((ink * 255).astype(np.uint8))
    start, end = rng.uniform(0, 28, (2, 2))
    start, end = start - 2 * (end - start), end + 2 * (end - start)
    for share in np.linspace(0, 1, int(np.hypot(*(end - start)) / 2)):
        x, y = start + share * (end - start)
        ImageDraw.Draw(sheet).point((x, y), fill=255)
    return np.asarray(sheet) / 255


def drops(ink: Ink, rng: Generator) -> Ink:
    for _ in range(rng.integers(2, 7)):
        row, column = rng.uniform(0, 28, 2)
        ink = np.maximum(ink, np.hypot(ROW - row, COLUMN - column) < rng.uniform(0.7, 1.8))
    return ink


def scratched(ink: Ink, rng: Generator) -> Ink:
    for _ in range(2):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-6, 6)
        away = (COLUMN - 13.5) * np.cos(angle) + (ROW - 13.5) * np.sin(angle) - offset
        ink = np.where(np.abs(away) < 0.8, 0.0, ink)
    return ink


def covered(ink: Ink, rng: Generator) -> Ink:
    row, column = rng.integers(2, 20, 2)
    height, width = rng.integers(4, 8, 2)
    ink = ink.copy()
    ink[row : row + height, column : column + width] = 0
    return ink


def moved(ink: Ink, rng: Generator) -> Ink:
    return np.roll(ink, rng.integers(-3, 4, 2), (0, 1))


def rotated(ink: Ink, rng: Generator) -> Ink:
    angle = np.radians(rng.uniform(10, 25) * rng.choice([-1, 1]))
    return bent(ink, (np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0))


def slanted(ink: Ink, rng: Generator) -> Ink:
    return bent(ink, (1, rng.uniform(0.2, 0.45) * rng.choice([-1, 1]), 0, 0, 1, 0))


def smaller_or_larger(ink: Ink, rng: Generator) -> Ink:
    size = np.exp(rng.uniform(0.15, 0.35) * rng.choice([-1, 1]))
    return bent(ink, (size, 0, 0, 0, size, 0))


CORRUPTIONS: tuple[Callable[[Ink, Generator], Ink], ...] = (
    hiss, salt_and_pepper, speckle, photons, moved_while_taken, out_of_focus, coarse, two_levels, compressed, brighter,
    slanting_light, clouds, pale, dotted_line, drops, scratched, covered, moved, rotated, slanted, smaller_or_larger,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=2_000, help="validation images, the first ones")
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    digits, labels = split.images[: options.count] / 255, split.labels[: options.count]
    model = open_model(options.model or default_model())
    print("| corruption | right % | answered % | answered wrongly % |")
    print("|---|---|---|---|")
    shares = []
    for corrupt in CORRUPTIONS:
        rng = np.random.default_rng(0)
        images = np.stack([(corrupt(ink, rng).clip(0, 1) * 255).round().astype(np.uint8) for ink in digits])
        outputs = run(model, images)
        right, given = outputs.logits.argmax(1) == labels, answered(outputs, model.info)
        shares.append([100 * share.mean() for share in (right, given, given & ~right)])
        print(f"| {corrupt.__name__.replace('_', ' ')} | {' | '.join(f'{share:.1f}' for share in shares[-1])} |")
    print(f"| mean | {' | '.join(f'{share:.1f}' for share in np.mean(shares, axis=0))} |")
    print(
        f"\n{options.count} images of each, seed 0; {platform.machine()}, Python {platform.python_version()}, ", end=""
    )
    print(f"onnxruntime {onnxruntime_version()}")


if __name__ == "__main__":
    main()
