"""Train one recipe and note how it did, or print the table of all that was noted.

    python benchmarks/recipes.py run default --seed 0 [--holdout] [--float32] [--data DIR] [--digits DIR]
    python benchmarks/recipes.py table

A run appends one line of JSON to benchmarks/results/recipes.jsonl. Recipes are compared with --holdout: 10,000 images
cut from the training images stand in for the validation images, which decide nothing. --digits names a folder of other
people's digits, laid out as SET/labels.csv with pictures or SET/SET.npz: read, never learned from. --float32 trains as
a CPU without bf16 instructions does.
"""

import argparse
import dataclasses
import json
import platform
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from real_digits import read_digits

from edgemnist.data import DataSet, Split
from edgemnist.data.mnist import load_dataset
from edgemnist.train.amounts import COMMON, GENTLE, NEARLY_NONE, NO_OUTLIERS, NONE, OUTLIERS, STRONG
from edgemnist.train.checkpoint import build_network
from edgemnist.train.device import has_bfloat16
from edgemnist.train.loop import train
from edgemnist.train.predict import predict_logits
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import Recipe, default_recipe, plain_recipe

RESULTS = Path(__file__).parent / "results" / "recipes.jsonl"
SPEEDS = RESULTS.with_name("training.jsonl")
HOLDOUT = 10_000
HOLDOUT_SEED = 20_260
"""Of the images that are cut out: the same for every recipe and seed."""

DEFAULT = default_recipe()
BEFORE = replace(
    DEFAULT,
    outliers=NO_OUTLIERS,
    strong=replace(STRONG, lines=0.0, background=0.0),
    clean=replace(NEARLY_NONE, allographs=0.1, lines=0.0, background=0.0),
)
"""Without outliers, lines and gray backgrounds: the default until there were any."""
AMERICAN = replace(BEFORE, common=NONE, clean=NONE, strong_share=0.3)
"""Shapes of digits as MNIST has them, and less of the strong augmentation."""
RECIPES: dict[str, Recipe] = {
    "plain": plain_recipe(),
    "default": DEFAULT,
    "one epoch": default_recipe(epochs=1),
    "two epochs": default_recipe(epochs=2),
    "three epochs": default_recipe(epochs=3),
    "four epochs": default_recipe(epochs=4),
    "five epochs": default_recipe(epochs=5),
    "no outliers": replace(DEFAULT, outliers=NO_OUTLIERS),
    "outliers count twice as much": replace(DEFAULT, outliers=replace(OUTLIERS, weight=0.1)),
    "before outliers": BEFORE,
    "before outliers, five epochs": replace(BEFORE, epochs=5),
    "before outliers, no gaps": replace(
        BEFORE, common=replace(COMMON, gaps=0.0), clean=replace(BEFORE.clean, gaps=0.0)
    ),
    "before outliers, quite clean epochs": replace(BEFORE, clean=NONE),
    "American": AMERICAN,
    "American, triangle, no augmentation": replace(AMERICAN, clean_epochs=20),
    "American, no clean epochs": replace(AMERICAN, clean_epochs=0),
    "American, gentle only": replace(AMERICAN, strong_share=0.0),
    "American, half strong": replace(AMERICAN, strong_share=0.5),
    "American, less elastic": replace(
        AMERICAN, gentle=replace(GENTLE, elastic=0.76), strong=replace(BEFORE.strong, elastic=0.9)
    ),
    "American, peak 2e-3": replace(AMERICAN, peak_learning_rate=2e-3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("recipe", choices=RECIPES)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--holdout", action="store_true")
    command.add_argument("--float32", action="store_true")
    command.add_argument("--data", type=Path)
    command.add_argument("--digits", type=Path)
    command.add_argument("--keep", type=Path, metavar="RUN", help="keep the run's folder here")
    command.set_defaults(do=run)
    commands.add_parser("table").set_defaults(do=table)
    options = parser.parse_args()
    options.do(options)


def run(options: argparse.Namespace) -> None:
    data = load_dataset(options.data, lambda line: print(line, file=sys.stderr))
    if options.holdout:
        data = cut_holdout(data)
    seconds: list[float] = []

    def show(event: StepDone | EpochDone) -> None:
        if isinstance(event, EpochDone):
            seconds.append(event.seconds)
            print(event.record, f"{event.seconds:.1f} s", file=sys.stderr)

    recipe = replace(RECIPES[options.recipe], bfloat16=not options.float32)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = train(
            data,
            recipe,
            options.keep or Path(folder),
            seed=options.seed,
            device="cpu",
            progress=show,
        )
    last = checkpoint.history[-1]
    result = {
        "recipe": options.recipe,
        "seed": options.seed,
        "epochs": checkpoint.recipe.epochs,
        "split": "holdout" if options.holdout else "validation",
        "accuracy": last.validation_accuracy,
        "cross_entropy": last.validation_loss,
        "seconds_per_epoch": round(statistics.median(seconds), 2),
        "threads": torch.get_num_threads(),
        "arithmetic": "bf16" if recipe.bfloat16 and has_bfloat16(torch.device("cpu")) else "float32",
        "machine": platform.machine(),
        "versions": checkpoint.versions,
        "settings": dataclasses.asdict(checkpoint.recipe),
    }
    if options.digits:
        network = build_network(checkpoint)
        result["digits"] = {
            name: round(float((predict_logits(network, split.images).argmax(1) == split.labels).mean()), 4)
            for name, split in read_digits(options.digits).items()
        }
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(result) + "\n")
    print(json.dumps(result))


def cut_holdout(data: DataSet) -> DataSet:
    """The training images alone, 10,000 of them as validation images."""
    order = np.random.default_rng(HOLDOUT_SEED).permutation(len(data.train))
    held, kept = order[:HOLDOUT], order[HOLDOUT:]
    images, labels = data.train.images, data.train.labels
    return replace(data, train=Split(images[kept], labels[kept]), validation=Split(images[held], labels[held]))


def table(_: argparse.Namespace) -> None:
    results = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    speeds = json.loads(SPEEDS.read_text().splitlines()[-1])
    speed_of = {(epoch["images"], epoch["arithmetic"]): epoch for epoch in speeds["epochs"]}
    heads = ("recipe", "epochs", "arithmetic", "split", "seeds", "accuracy %: mean (min to max)", "cross-entropy")
    print(f"| {' | '.join(heads)} | other people's digits % | s an epoch | times the common way's speed |")
    print("|---" * (len(heads) + 3) + "|")
    groups: dict[tuple[str, str, str], list[dict]] = {}
    for result in results:
        groups.setdefault((result["split"], result["recipe"], result["arithmetic"]), []).append(result)
    ranked = sorted(groups.items(), key=lambda item: (item[0][0], mean(item[1], "cross_entropy")))
    for (split, recipe, arithmetic), group in ranked:
        accuracies = [100 * result["accuracy"] for result in group]
        settings = group[0]["settings"]
        images = "clean" if settings["clean_epochs"] >= settings["epochs"] else "augmented"
        speed = speed_of[images, arithmetic]
        shares = [100 * statistics.mean(result["digits"].values()) for result in group if "digits" in result]
        digits = f"{statistics.mean(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})" if shares else ""
        print(
            f"| {recipe} | {group[0]['epochs']} | {arithmetic} | {split} | {len(group)} "
            f"| {statistics.mean(accuracies):.3f} ({min(accuracies):.2f} to {max(accuracies):.2f}) "
            f"| {mean(group, 'cross_entropy'):.5f} | {digits} | {speed['seconds']:.1f} | {speed['times_as_fast']:.2f} |"
        )
    print(f"\naccuracy and cross-entropy: {'; '.join(sorted({conditions(result) for result in results}))}")
    print(f"speed, by training.py, of an epoch with the recipe's kind of images: {conditions(speeds)}")


def conditions(result: dict) -> str:
    versions = result["versions"]
    return f"{result['machine']}, {result['threads']} thread(s), Python {versions['python']}, torch {versions['torch']}"


def mean(group: list[dict], name: str) -> float:
    return statistics.mean(result[name] for result in group)


if __name__ == "__main__":
    main()
