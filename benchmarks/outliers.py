"""Print how often the shipped int8 model answers arrays that show no digit, made of validation images, and letters.

    python benchmarks/outliers.py [--data DIR] [--letters FILE.npz] [--model FILE]

All are taken as they are, one by one. FILE.npz holds letters that people wrote: `images` (N, H, W) uint8, dark on
light, and `names` alphabet/character/writer; they are read as pictures. `answered` is what gets a digit at the model's
own thresholds; of digits turned or inverted only wrong answers count.
"""

import argparse
import platform
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgemnist import Classifier
from edgemnist.data.mnist import load_dataset
from edgemnist.model.arrays import answered
from edgemnist.model.opened import run
from edgemnist.model.session import onnxruntime_version
from edgemnist.reading.mnist_form import extent, to_mnist_form

Images = NDArray[np.uint8]
NONE_TRANSPOSED = (2, 3, 4, 5, 7, 9)
"""Digits that are none when transposed."""
LEAST_INK = 10
"""Pixels of a half, for it to show anything."""


def formed(ink: Images) -> Images:
    return to_mnist_form(ink[extent(ink > 0)])[0]


def pairs(digits: Images) -> Images:
    """Two digits side by side that touch."""
    found = []
    for left, right in zip(digits[0:1000:2], digits[1:1000:2], strict=True):
        left, right = (digit[:, extent(digit > 0)[1]] for digit in (left, right))
        width = left.shape[1] + right.shape[1] - 3
        sheet = np.zeros((28, width), np.uint8)
        sheet[:, : left.shape[1]] = left
        sheet[:, -right.shape[1] :] = np.maximum(sheet[:, -right.shape[1] :], right)
        found.append(formed(sheet))
    return np.stack(found)


def halves(digits: Images) -> Images:
    """The left, right, upper or lower half of a digit alone. Some are still a digit to anybody."""
    found = []
    for index, digit in enumerate(digits[1000:2000]):
        half = digit.copy()
        (half[:, 14:], half[:, :14], half[14:], half[:14])[index % 4][:] = 0
        if (half > 128).sum() > LEAST_INK:
            found.append(formed(half))
    return np.stack(found)


def two_halves(digits: Images, labels: NDArray[np.int64]) -> Images:
    """The upper or left half of one digit with the lower or right half of another class's."""
    found = []
    for index in range(2000, 3000, 2):
        if labels[index] != labels[index + 1]:
            both = digits[index].copy()
            part = (slice(14, 28), slice(28)) if index % 4 else (slice(28), slice(14, 28))
            both[part] = digits[index + 1][part]
            found.append(formed(both))
    return np.stack(found)


def print_letters(classifier: Classifier, file: Path) -> None:
    with np.load(file) as arrays:
        statuses = np.array([classifier.predict(Image.fromarray(picture)).status for picture in arrays["images"]])
        alphabets = np.array([name.split("/")[0] for name in arrays["names"]])
    for alphabet in np.unique(alphabets):
        of_it = statuses[alphabets == alphabet]
        print(f"| letters that people wrote: {alphabet} | {len(of_it)} | {100 * (of_it == 'ok').mean():.1f} |")
    print(f"| letters that people wrote, all | {len(statuses)} | {100 * (statuses == 'ok').mean():.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--letters", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    digits, labels = split.images, split.labels
    classifier = Classifier(options.model or "int8")
    model = classifier.model
    print("| images | number | answered % |")
    print("|---|---|---|")
    for name, images in (
        ("two digits that touch", pairs(digits)),
        ("half a digit", halves(digits)),
        ("halves of two digits", two_halves(digits, labels)),
    ):
        print(f"| {name} | {len(images)} | {100 * answered(run(model, images), model.info).mean():.1f} |")
    turned = np.isin(labels, NONE_TRANSPOSED)
    transposed = np.ascontiguousarray(digits[turned].transpose(0, 2, 1))
    for name, images, truth in (
        ("black on white", 255 - digits, labels),
        ("transposed 2 3 4 5 7 9", transposed, labels[turned]),
    ):
        outputs = run(model, images)
        wrong = answered(outputs, model.info) & (outputs.logits.argmax(1) != truth)
        print(f"| {name}, answered wrongly | {len(images)} | {100 * wrong.mean():.1f} |")
    if options.letters:
        print_letters(classifier, options.letters)
    print(f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}")


if __name__ == "__main__":
    main()
