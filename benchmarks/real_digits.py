"""Print how well the models that ship read other people's digits, set by set. Needs no torch.

    python benchmarks/real_digits.py FOLDER [--models FOLDER] [--mistakes FILE.png]

FOLDER holds a folder for each set: SET/labels.csv (columns file, label) with pictures, or SET/SET.npz with the arrays
`images` and `labels`, each image taken for a picture. A set with labels of several digits is read with predict_row;
of it whole strings and digits are counted (1 - edit distance / digits). `ok` is what the int8 model's answers say of
themselves, with all that reading doubts.
"""

import argparse
import csv
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgemnist import Classifier
from edgemnist.data import Split
from edgemnist.model.opened import default_model
from edgemnist.model.session import onnxruntime_version

CELL, COLUMNS, CAPTION = 84, 12, 26
"""Pixels; pictures in a line of the sheet of mistakes; pixels."""


@dataclass(frozen=True)
class Labeled:
    """Pictures with what they show."""

    pictures: list[Path | Image.Image]
    labels: list[str]


def read_sets(folder: Path) -> dict[str, Labeled]:
    """Every set in the folder."""
    sets = {}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        table, packed = place / "labels.csv", place / f"{place.name}.npz"
        if table.exists():
            with table.open() as file:
                rows = list(csv.DictReader(file))
            sets[place.name] = Labeled([place / row["file"] for row in rows], [row["label"] for row in rows])
        elif packed.exists():
            with np.load(packed) as arrays:
                labels = [str(label) for label in arrays["labels"].tolist()]
                sets[place.name] = Labeled([Image.fromarray(image) for image in arrays["images"]], labels)
    return sets


def read_digits(folder: Path) -> dict[str, Split]:
    """Every set of single digits in the folder, brought to MNIST's form."""
    classifier = Classifier()
    return {
        name: Split(
            np.stack([classifier.read_digit(picture).image for picture in found.pictures]),
            np.array(found.labels, np.int64),
        )
        for name, found in read_sets(folder).items()
        if is_single(found)
    }


def is_single(found: Labeled) -> bool:
    return all(len(label) == 1 for label in found.labels)


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest digits or words to put in, leave out or change (Levenshtein 1966)."""
    before = list(range(len(other) + 1))
    for place, first in enumerate(one, start=1):
        line = [place]
        for column, second in enumerate(other, start=1):
            line.append(min(before[column] + 1, line[-1] + 1, before[column - 1] + (first != second)))
        before = line
    return before[-1]


def print_singles(folder: Path, classifiers: list[Classifier]) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Prints the table; the images that the last classifier reads wrongly, each with its caption."""
    print("| set | images | fp32 % | int8 % | ok % | wrong | wrong and ok | right but doubtful |")
    print("|---|---|---|---|---|---|---|---|")
    shares: list[list[float]] = []
    counts = np.zeros(4, np.int64)
    for name, found in read_sets(folder).items():
        if not is_single(found):
            continue
        readings = [classifiers[-1].read_digit(picture) for picture in found.pictures]
        answers = [classifier.predict_readings(readings) for classifier in classifiers]
        rights = [np.array([a.label for a in given]) == np.array(found.labels) for given in answers]
        right, ok = rights[-1], np.array([answer.status == "ok" for answer in answers[-1]])
        shares.append([100 * part.mean() for part in (*rights, ok)])
        new = (len(readings), (~right).sum(), (~right & ok).sum(), (right & ~ok).sum())
        counts += new
        print(f"| {name} | {len(readings)} | {' | '.join(f'{share:.2f}' for share in shares[-1])} ", end="")
        print(f"| {new[1]} | {new[2]} | {new[3]} |")
        for index in np.flatnonzero(~right):
            answer = answers[-1][index]
            yield readings[index].image, f"{name} #{index}\n{found.labels[index]} read {answer.label or answer.status}"
    print(f"| mean, sums | {counts[0]} | {' | '.join(f'{share:.2f}' for share in np.mean(shares, axis=0))} ", end="")
    print(f"| {counts[1]} | {counts[2]} | {counts[3]} ({100 * counts[3] / counts[0]:.2f} %) |")


def print_rows(folder: Path, classifiers: list[Classifier]) -> None:
    """Prints the table of the sets of rows and their sums; `ok` counts the last classifier's answers."""
    print("\n| set | rows | digits | fp32: strings, digits % | int8: strings, digits % | right and ok | wrong and ok |")
    print("|---|---|---|---|---|---|---|")
    counts = np.zeros(3, np.int64)
    for name, found in read_sets(folder).items():
        if is_single(found):
            continue
        digits = sum(map(len, found.labels))
        cells = []
        for classifier in classifiers:
            answers = [classifier.predict_row(picture) for picture in found.pictures]
            texts = [answer.label for answer in answers]
            right = np.array([text == label for text, label in zip(texts, found.labels, strict=True)])
            ok = np.array([answer.status == "ok" for answer in answers])
            whole = int(right.sum())
            edits = sum(edit_distance(text, label) for text, label in zip(texts, found.labels, strict=True))
            cells.append(f"{whole} ({100 * whole / len(texts):.1f} %), {100 * (1 - edits / digits):.2f}")
        right_ok, wrong_ok = int((right & ok).sum()), int((~right & ok).sum())
        counts += (len(texts), right_ok, wrong_ok)
        print(f"| {name} | {len(texts)} | {digits} | {' | '.join(cells)} | {right_ok} | {wrong_ok} |")
    print(f"| sums | {counts[0]} | | | | {counts[1]} | {counts[2]} |")


def sheet_of(mistakes: list[tuple[NDArray[np.uint8], str]]) -> Image.Image:
    rows = max(1, -(-len(mistakes) // COLUMNS))
    sheet = Image.new("L", (COLUMNS * (CELL + 8) + 8, rows * (CELL + CAPTION + 8) + 8), 255)
    draw = ImageDraw.Draw(sheet)
    for place, (image, caption) in enumerate(mistakes):
        row, column = divmod(place, COLUMNS)
        left, top = 8 + column * (CELL + 8), 8 + row * (CELL + CAPTION + 8)
        sheet.paste(Image.fromarray(image).resize((CELL, CELL), Image.Resampling.NEAREST), (left, top))
        draw.multiline_text((left, top + CELL + 1), caption, fill=0, spacing=0)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mistakes", type=Path, help="save what the int8 model saw of its mistakes, as a picture")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="take the pair that an export left here")
    options = parser.parse_args()
    classifiers = [
        Classifier(options.models / f"edgemnist-{precision}.onnx" if options.models else default_model(precision))
        for precision in ("fp32", "int8")
    ]
    mistakes = list(print_singles(options.folder, classifiers))
    print_rows(options.folder, classifiers)
    print(
        f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}, one thread"
    )
    if options.mistakes:
        sheet_of(mistakes).save(options.mistakes)


if __name__ == "__main__":
    main()
