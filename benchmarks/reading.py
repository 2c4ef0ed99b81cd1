"""Print what reading makes of pages that nobody chose: digits in light, lines, boxes, cuts, and pages without digits.

    python benchmarks/reading.py [FOLDER] [--count 200] [--against WHEEL_OR_FOLDER] [--mistakes FILE.png] [--data DIR]

The pages are drawn from MNIST's validation images, by code of its own (benchmarks/scoreboard) on which nothing is
trained. FOLDER holds sets of other people's digits, as real_digits.py takes them: every other page is then written with
its scans of single digits, and each set gets a row of its own. `--against` lets another version of edgemnist answer the
same pictures, in turns: a wheel, a checkout or a virtual environment. Needs no torch.
"""

import argparse
import io
import os
import platform
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from real_digits import is_single, read_sets
from scoreboard import experiments, nothing
from scoreboard.digits import Hand, from_folder, from_mnist
from scoreboard.figures import Figures, answered, figures, said
from scoreboard.paper import Page
from scoreboard.sheet import Mistake, sheet_of, worst
from scoreboard.versions import Answer, Version, other_version, this_version

from edgemnist.data.mnist import load_dataset
from edgemnist.model.session import onnxruntime_version


@dataclass(frozen=True)
class Row:
    """Pages of one kind and what every version said to them."""

    name: str
    pages: list[Page]
    answers: list[list[Answer]]


def answer_all(name: str, pages: Iterable[Page], versions: list[Version], scratch: Path) -> Row:
    """The versions take turns at every page."""
    row = Row(name, [], [[] for _ in versions])
    for page in pages:
        scratch.write_bytes(page.encoded)
        row.pages.append(page)
        for version, answers in zip(versions, row.answers, strict=True):
            answers.append(version.answer(scratch, page.row))
    return row


def drawn(experiment: experiments.Experiment, hands: list[Hand], seed: int, count: int) -> Iterator[Page]:
    """Pages of an experiment; each depends on the seed, the experiment's name and its number alone."""
    name = zlib.crc32(experiment.name.encode())
    for number in range(max(len(hands), round(count * experiment.pages))):
        yield experiment.make(hands[number % len(hands)], np.random.default_rng([seed, name, number]))


def set_pages(folder: Path) -> Iterator[tuple[str, list[Page]]]:
    for name, found in read_sets(folder).items():
        row = not is_single(found)
        yield (
            name,
            [
                Page(picture.read_bytes() if isinstance(picture, Path) else as_png(picture), label, row)
                for picture, label in zip(found.pictures, found.labels, strict=True)
            ],
        )


def as_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def mistakes_of(row: Row) -> list[Mistake]:
    return worst(
        [
            Mistake(row.name, page.encoded, page.text, answer)
            for page, answer in zip(row.pages, row.answers[0], strict=True)
            if said(page.text, answer) != page.text
        ]
    )


def print_row(row: Row, hands: int) -> None:
    texts = [page.text for page in row.pages]
    own = figures(texts, row.answers[0])
    for number, answers in enumerate(row.answers):
        its: Figures = figures(texts, answers)
        of_each = (
            [figures(texts[hand::hands], answers[hand::hands]).right for hand in range(hands)] if hands > 1 else []
        )
        shares = [its.right, *of_each, its.symbols, its.sure, its.wrong_and_sure, its.right_and_doubtful]
        ms = f"{its.ms:.1f}" if number == 0 else f"{its.ms:.1f} (1 : {own.ms / its.ms:.2f})"
        print(
            f"| {'against' if number else row.name} | {' | '.join(f'{share:.1f}' for share in shares)} | {ms} |",
            flush=True,
        )


def print_nothing(row: Row) -> None:
    own = np.mean([answer.ms for answer in row.answers[0]])
    for number, answers in enumerate(row.answers):
        parts = [
            [answer for answer, page in zip(answers, row.pages, strict=True) if page.row == as_row]
            for as_row in (False, True)
        ]
        cells = " | ".join(f"{share:.1f}" for part in (answers, *parts) for share in answered(part))
        its = np.mean([answer.ms for answer in answers])
        ms = f"{its:.1f}" if number == 0 else f"{its:.1f} (1 : {own / its:.2f})"
        print(f"| {'against' if number else row.name} | {cells} | {ms} |", flush=True)


def head(first: str, cells: list[str]) -> None:
    print(f"\n| {' | '.join([first, *cells])} |\n|{'---|' * (len(cells) + 1)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="sets of other people's digits")
    parser.add_argument("--count", type=int, default=200, help="pictures in each row, fewer of pages of many digits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=os.environ.get("EDGEMNIST_DATA"), help="folder with the IDX files")
    parser.add_argument(
        "--against", type=Path, metavar="WHEEL_OR_FOLDER", help="another version, for a row beneath each"
    )
    parser.add_argument("--mistakes", type=Path, metavar="FILE.png", help="save the worst mistakes as a picture")
    options = parser.parse_args()
    hands = [from_mnist(load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation)]
    if options.folder:
        hands.append(from_folder(options.folder))
    mistakes: list[Mistake] = []
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place) / "page"
        versions = [this_version()]
        if options.against:
            versions.append(other_version(options.against, Path(place) / "wheel"))
        columns = ["digits right %", "ok %", "wrong and ok %", "right, doubtful %", "CPU ms"]
        head("pages", ["right %", *(["of MNIST's %", "of others' %"] if options.folder else []), *columns])
        for experiment in experiments.experiments():
            row = answer_all(experiment.name, drawn(experiment, hands, options.seed, options.count), versions, scratch)
            print_row(row, len(hands))
            mistakes += mistakes_of(row)
        kinds = [f"{kind}{what} %" for kind in ("", "one digit: ", "row: ") for what in ("answered", "ok")]
        head("pages without digits", [*kinds, "CPU ms"])
        for experiment in nothing.experiments():
            row = answer_all(experiment.name, drawn(experiment, hands, options.seed, options.count), versions, scratch)
            print_nothing(row)
            mistakes += mistakes_of(row)
        if options.folder:
            head("sets", ["right %", *columns])
            for name, pages in set_pages(options.folder):
                row = answer_all(f"{name} ({len(pages)})", pages, versions, scratch)
                print_row(row, 1)
                mistakes += mistakes_of(row)
        for version in versions:
            version.close()
    print(
        f"\n{options.count} pages of each kind, fewer where they hold many digits (scoreboard/experiments.py), seed "
        f"{options.seed}; {platform.machine()}, Python "
        f"{platform.python_version()}, onnxruntime {onnxruntime_version()}, one thread"
    )
    for version in versions[1:]:
        print(f"against: edgemnist {version.number} in {version.package}; in brackets this version's time to its own")
    if options.mistakes:
        sheet_of(mistakes).save(options.mistakes)


if __name__ == "__main__":
    main()
