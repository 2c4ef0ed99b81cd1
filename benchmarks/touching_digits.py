"""Print how well rows tell two digits that touch from one that is wide: drawn from MNIST's validation images.

    python benchmarks/touching_digits.py [--count 200] [--data DIR]

Pairs are pushed together until their ink overlaps by 30 pixels of a sheet 220 pixels high. The constants that decide
were chosen on pairs and digits from the training images.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist import Classifier
from edgemnist.data.mnist import load_dataset
from edgemnist.model.session import onnxruntime_version

SIDE, OVERLAP = 110, 30
STRETCHES = (1.3, 1.6, 1.9)


def enlarged(image: NDArray[np.uint8], stretch: float = 1.0) -> NDArray[np.uint8]:
    """The digit in an image, cropped to its ink."""
    large = Image.fromarray(image).resize((round(SIDE * stretch), SIDE), Image.Resampling.BICUBIC)
    return np.asarray(large.crop(large.point(lambda level: 255 * (level > 100)).getbbox()))


def together(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two digits on one line, the right one pushed to the left until they touch."""
    height, width = max(len(left), len(right)), left.shape[1] + right.shape[1]
    for place in range(left.shape[1], -1, -1):
        first, second = np.zeros((2, height, width), np.uint8)
        first[height - len(left) :, : left.shape[1]] = left
        second[height - len(right) :, place : place + right.shape[1]] = right
        if ((first > 100) & (second > 100)).sum() >= OVERLAP:
            break
    return np.maximum(first, second)


def sheet(ink: NDArray[np.uint8]) -> Image.Image:
    page = np.zeros((220, ink.shape[1] + 120), np.uint8)
    page[50 : 50 + len(ink), 60 : 60 + ink.shape[1]] = ink
    return Image.fromarray((225 - 0.75 * page).astype(np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="pictures in each line of the table")
    parser.add_argument("--data", type=Path, default=os.environ.get("EDGEMNIST_DATA"), help="folder with the IDX files")
    options = parser.parse_args()
    count = options.count
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    classifier = Classifier()
    rng = np.random.default_rng(0)

    def share(pictures: list[Image.Image], labels: list[str]) -> float:
        answers = [classifier.predict_row(picture).label for picture in pictures]
        return 100 * float(np.mean([answer == label for answer, label in zip(answers, labels, strict=True)]))

    print("| written | read rightly % |")
    print("|---|---|")
    pairs = rng.integers(len(split), size=(count, 2))
    pictures = [sheet(together(enlarged(split.images[i]), enlarged(split.images[j]))) for i, j in pairs]
    print(
        f"| two digits that touch | {share(pictures, [f'{split.labels[i]}{split.labels[j]}' for i, j in pairs]):.1f} |"
    )
    wide = rng.permutation(np.flatnonzero(split.labels != 1))[:count]  # a wide 1 is a blot
    labels = [str(split.labels[i]) for i in wide]
    for stretch in (1.0, *STRETCHES):
        pictures = [sheet(enlarged(split.images[i], stretch)) for i in wide]
        print(f"| one digit, {stretch} times as wide as it was | {share(pictures, labels):.1f} |")
    print(f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}")


if __name__ == "__main__":
    main()
