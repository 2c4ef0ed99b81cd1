"""Teach the shipped network made hands and note how it does, or print the table of all that was noted.

    python benchmarks/own_hand.py run [--hands 20] [--data DIR]
    python benchmarks/own_hand.py table
    python benchmarks/own_hand.py draw FOLDER [--hand 0] [--data DIR]

A hand is MNIST's validation images, written anew: some of its digits in the shape of other countries, some with a
stroke of its own at a place of its own, all with its slant, turn, width and pen. Its digits go through the last step of
reading (`to_mnist_form`). Hands of which the shipped network misreads 10 to 30 % count; they are the first such seeds.
Judged are 30 other digits of each class, and MNIST on the validation images of which no digit to learn from was made.
Each lesson appends one line of JSON to benchmarks/results/own_hand.jsonl; those that are there are not done again.
"""

import argparse
import hashlib
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F

from edgemnist.data import CLASS_COUNT, DataSet, Split
from edgemnist.data.mnist import load_dataset
from edgemnist.export.doubt import Answers, answers, doubt, judging_outliers
from edgemnist.reading.mnist_form import extent, to_mnist_form
from edgemnist.train import loop
from edgemnist.train.allographs import segment, to_allographs
from edgemnist.train.checkpoint import Checkpoint, build_network, load_checkpoint
from edgemnist.train.device import has_bfloat16
from edgemnist.train.ink import dilate
from edgemnist.train.network import DigitCnn, images_to_inputs, images_to_tensor
from edgemnist.train.recipe import lesson_recipe
from edgemnist.train.start import first_look
from edgemnist.train.taught import own_digits

RESULTS = Path(__file__).parent / "results" / "own_hand.jsonl"
SHIPPED = Path(__file__).parent.parent / "exports" / "edgemnist.pt"
SEED = 2_026
JUDGED = 30
"""Digits a class."""
MOST_PER_CLASS = 20
MISREAD = (0.1, 0.3)
"""By the shipped network: hands that are easier or harder do not count."""
LESSONS = ((10, 0.0, 20), (10, 0.05, 20), (5, 0.0, 20), (20, 0.0, 20))
"""Digits a class to learn from, share of wrong labels among them, hands."""
ZOOM = 5
"""Pixels of a drawn picture for each of an image."""
PAPER = 40
"""Of 255: what is fainter is paper."""

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Hand:
    """How one writer writes."""

    slant: float
    """Pixels to the right for each pixel up."""
    turn: float
    """Degrees."""
    aspect: float
    """The width is multiplied by exp(aspect), and the height divided."""
    pen: float
    """Of the way to the 3x3 maximum; below 0, to the minimum."""
    foreign: NDArray[np.bool_]
    """(10,): the digits in the shape of other countries."""
    foreign_seed: int
    stroked: NDArray[np.bool_]
    """(10,): the digits with a stroke of their own."""
    strokes: NDArray[np.float64]
    """(10, 4): where it begins in the digit's box, 0 to 1, its angle and its length in heights of the digit."""
    width: float
    """Of such strokes, in pixels."""


def hand_of(seed: int) -> Hand:
    random = np.random.default_rng([SEED, seed])
    return Hand(
        slant=random.uniform(0.25, 0.65) * random.choice([-1, 1]),
        turn=random.uniform(-12, 12),
        aspect=random.uniform(-0.25, 0.25),
        pen=random.uniform(-0.4, 1.0),
        foreign=random.random(CLASS_COUNT) < 0.5,
        foreign_seed=int(random.integers(2**31)),
        stroked=random.random(CLASS_COUNT) < 0.7,
        strokes=random.uniform([0, 0, 0, 0.3], [1, 1, 2 * np.pi, 0.6], (CLASS_COUNT, 4)),
        width=random.uniform(1.8, 3.0),
    )


def write(hand: Hand, split: Split, seed: int) -> Split:
    """The digits of a split in that hand, each a little different."""
    random = np.random.default_rng([SEED, seed, 1])
    pairs = zip(split.images, split.labels.tolist(), strict=True)
    return Split(np.stack([write_digit(hand, image, label, random) for image, label in pairs]), split.labels)


def write_digit(hand: Hand, image: Images, label: int, random: np.random.Generator) -> Images:
    ink = torch.from_numpy(image.astype(np.float32) / 255)[None, None]
    if hand.foreign[label]:
        # The same seed for each digit: the shape is the writer's.
        ink = to_allographs(ink, torch.tensor([label]), torch.Generator().manual_seed(hand.foreign_seed))
    if hand.stroked[label]:
        rows, columns = extent(image > PAPER)
        height, across = rows.stop - rows.start, columns.stop - columns.start
        x, y, angle, length = hand.strokes[label]
        angle, length = angle + random.normal(0, 0.1), length * height
        line = (columns.start + x * across, rows.start + y * height, length * np.cos(angle), length * np.sin(angle))
        stroke = segment(*(torch.tensor([float(value)]) for value in (*line, hand.width)))
        ink = torch.maximum(ink, stroke[None] * ink.amax())
    ink = F.interpolate(F.pad(ink, (10,) * 4), scale_factor=2, mode="bilinear", align_corners=False)
    turn = np.deg2rad(hand.turn + random.normal(0, 3))
    slant = hand.slant + random.normal(0, 0.05)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[1, slant], [0, 1]]) @ np.diag([np.exp(-hand.aspect), np.exp(hand.aspect)])
    theta = torch.tensor(np.hstack([matrix, np.zeros((2, 1))])[None], dtype=torch.float32)
    ink = F.grid_sample(ink, F.affine_grid(theta, list(ink.shape), align_corners=False), align_corners=False)
    page = (ink[0, 0].numpy() * 255).round().astype(np.uint8)
    page[page <= PAPER] = 0
    formed = torch.from_numpy(to_mnist_form(page[extent(page > 0)])[0].astype(np.float32) / 255)[None, None]
    wide = dilate(formed) if hand.pen > 0 else -dilate(-formed)
    found: Images = (torch.lerp(formed, wide, abs(hand.pen))[0, 0].numpy() * 255).round().astype(np.uint8)
    return found


def digits_of(seed: int, validation: Split) -> tuple[Split, Split, NDArray[np.intp]]:
    """A hand's digits to learn from, class after class in turn, to judge by, and the images the first are made of."""
    random = np.random.default_rng([SEED, seed, 2])
    drawn = [
        random.permutation(np.flatnonzero(validation.labels == label))[: MOST_PER_CLASS + JUDGED]
        for label in range(CLASS_COUNT)
    ]
    learned = np.stack([places[:MOST_PER_CLASS] for places in drawn], 1).ravel()
    judged = np.concatenate([places[MOST_PER_CLASS:] for places in drawn])
    both = np.concatenate([learned, judged])
    written = write(hand_of(seed), Split(validation.images[both], validation.labels[both]), seed)
    cut = len(learned)
    return _part(written, slice(0, cut)), _part(written, slice(cut, None)), learned


def _part(split: Split, part: slice) -> Split:
    return Split(split.images[part], split.labels[part])


def with_wrong_labels(split: Split, share: float, seed: int) -> Split:
    random = np.random.default_rng([SEED, seed, 3])
    labels = split.labels.copy()
    wrong = random.permutation(len(labels))[: round(share * len(labels))]
    labels[wrong] = (labels[wrong] + random.integers(1, CLASS_COUNT, len(wrong))) % CLASS_COUNT
    return Split(split.images, labels)


class Judge:
    """What every network is asked. Lessons leave the convolutions alone, so what those make of MNIST is kept."""

    def __init__(self, mnist: DataSet, network: DigitCnn) -> None:
        self.labels = mnist.validation.labels
        outliers = judging_outliers(mnist.validation.images, self.labels, lesson_recipe())
        self.maps = [features(network, images) for images in (mnist.validation.images, outliers)]

    def figures(self, network: DigitCnn, judged: Split, learned: NDArray[np.intp]) -> dict[str, float]:
        """As `infer` would say: by thresholds that export chooses."""
        (digits, found), (others, _) = (answers_to(network, maps) for maps in self.maps)
        right = found == self.labels
        confidence, evidence = doubt(digits, right, others)
        own, own_found = answers_to(network, features(network, judged.images))
        assert evidence is not None  # there are outliers
        given = own.pass_both(confidence.threshold, evidence.threshold)
        own_right = own_found == judged.labels
        return {
            "mnist": float(np.delete(right, learned).mean()),
            "coverage": confidence.coverage,
            "outliers_answered": evidence.answered,
            "own": float(own_right.mean()),
            "own_ok": float(given.mean()),
            "own_ok_wrong": float((given & ~own_right).mean()),
        }


@torch.inference_mode()
def features(network: DigitCnn, images: Images) -> torch.Tensor:
    parts = images_to_tensor(images, torch.device("cpu")).split(500)
    return torch.cat([network.features(images_to_inputs(part)) for part in parts])


@torch.inference_mode()
def answers_to(network: DigitCnn, maps: torch.Tensor) -> tuple[Answers, NDArray[np.int64]]:
    logits = network(maps)
    return answers(torch.softmax(logits, 1).numpy(), logits.numpy()), logits.argmax(1).numpy()


def run(options: argparse.Namespace) -> None:
    mnist = load_dataset(options.data, lambda line: print(line, file=sys.stderr))
    initial, sha256 = load_checkpoint(SHIPPED), hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    network = build_network(initial)
    judge = Judge(mnist, network)
    # The loop's own look at MNIST is not needed here: the judge takes a longer one.
    quick = replace(mnist, validation=_part(mnist.validation, slice(0, 100)))
    done = {(line["per_class"], line["wrong_labels"], line["seed"]) for line in _lines()}
    hands = suitable_hands(network, mnist.validation)
    written: dict[int, tuple[Split, Split, NDArray[np.intp]]] = {}
    for per_class, wrong_labels, most in LESSONS:
        for number in range(min(most, options.hands)):
            if number not in written:
                written[number] = next(hands)
            seed, learned, judged, places = written[number]
            if (per_class, wrong_labels, seed) in done:
                continue
            own = with_wrong_labels(_part(learned, slice(0, CLASS_COUNT * per_class)), wrong_labels, seed)
            cpu = time.process_time()
            after = teach(quick, initial, sha256, own, seed)
            cpu = time.process_time() - cpu
            line = {
                "seed": seed,
                "per_class": per_class,
                "wrong_labels": wrong_labels,
                "before": judge.figures(network, judged, places),
                "after": judge.figures(build_network(after), judged, places),
                "cpu_seconds": round(cpu, 1),
                "threads": torch.get_num_threads(),
                "arithmetic": "bf16" if has_bfloat16(torch.device("cpu")) else "float32",
                "versions": after.versions,
                "lesson": vars(after.recipe.lesson),
            }
            RESULTS.parent.mkdir(exist_ok=True)
            with RESULTS.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def suitable_hands(network: DigitCnn, validation: Split) -> Iterator[tuple[int, Split, Split, NDArray[np.intp]]]:
    """Seed and digits of each hand that counts."""
    for seed in count():
        learned, judged, places = digits_of(seed, validation)
        found = answers_to(network, features(network, judged.images))[1]
        if MISREAD[0] <= (found != judged.labels).mean() <= MISREAD[1]:
            yield seed, learned, judged, places


def teach(data: DataSet, initial: Checkpoint, sha256: str, own: Split, seed: int) -> Checkpoint:
    taught = first_look(initial, sha256, own_digits(own, _part(own, slice(0, 0))), data)
    with tempfile.TemporaryDirectory() as folder:
        loop.begin(data, lesson_recipe(), Path(folder), seed=seed, initial=initial, taught=taught)
        return loop.resume(data, Path(folder), device="cpu", progress=print_nothing)


def draw(options: argparse.Namespace) -> None:
    """Pictures of a hand's digits, dark on paper, named after what they are: to try docs/teach.md with."""
    mnist = load_dataset(options.data, lambda line: print(line, file=sys.stderr))
    learned, _, _ = digits_of(options.hand, mnist.validation)
    options.folder.mkdir(parents=True, exist_ok=True)
    for number, (image, label) in enumerate(zip(learned.images, learned.labels.tolist(), strict=True)):
        ink = Image.fromarray(255 - image).resize((ZOOM * 28, ZOOM * 28), Image.Resampling.BICUBIC)
        page = Image.new("L", (ZOOM * 40, ZOOM * 40), 255)
        page.paste(ink, (ZOOM * 6, ZOOM * 6))
        page.save(options.folder / f"{label}-{number:03}.png")


def print_nothing(event: object) -> None:
    pass


def _lines() -> list[dict]:
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def table(options: argparse.Namespace) -> None:  # noqa: ARG001
    lines = _lines()
    print("| digits a class | wrong labels | hands | misread % | MNIST % | own `ok` % | `ok` and wrong % | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    for wrong, per in sorted({(line["wrong_labels"], line["per_class"]) for line in lines}):
        some = [line for line in lines if (line["wrong_labels"], line["per_class"]) == (wrong, per)]
        print(
            f"| {per} | {wrong:.0%} | {len(some)} | {_change(some, 'own', rest=True)} | {_change(some, 'mnist')} | "
            f"{_change(some, 'own_ok')} | {_change(some, 'own_ok_wrong')} | "
            f"{statistics.median(line['cpu_seconds'] for line in some):.0f} |"
        )
    print(f"\n{platform.machine()}, {lines[0]['threads']} thread(s), torch {lines[0]['versions']['torch']}")


def _change(lines: list[dict], name: str, *, rest: bool = False) -> str:
    """Mean before -> mean after and its spread over hands, in %."""
    before, after = (
        [100 * (1 - line[when][name] if rest else line[when][name]) for line in lines] for when in ("before", "after")
    )
    digits = 3 if name == "mnist" else 1
    spread = f"{statistics.mean(after):.{digits}f} ({min(after):.{digits}f} to {max(after):.{digits}f})"
    return f"{statistics.mean(before):.{digits}f} -> {spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("--hands", type=int, default=20)
    command.add_argument("--data", type=Path)
    command.set_defaults(do=run)
    commands.add_parser("table").set_defaults(do=table)
    command = commands.add_parser("draw")
    command.add_argument("folder", type=Path)
    command.add_argument("--hand", type=int, default=0)
    command.add_argument("--data", type=Path)
    command.set_defaults(do=draw)
    options = parser.parse_args()
    options.do(options)


if __name__ == "__main__":
    main()
