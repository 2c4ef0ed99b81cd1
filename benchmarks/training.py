"""Print the seconds an epoch of training takes here, against the way it is commonly written.

    python benchmarks/training.py [--data DIR] [--rounds 3] [--threads 2] [--device cpu]

The common way: torchvision's MNIST with ToTensor behind a DataLoader, the layers in a plain nn.Sequential, Adam with
its defaults. Ours is what `edgemnist train` runs, without augmentation, with it and beside outliers, and as it runs on
CPUs without bf16 instructions. Each round takes one epoch of each in turn, so that a busy machine slows them alike; the
table holds the medians. A run on the CPU appends one line of JSON to benchmarks/results/training.jsonl; recipes.py
takes the last one's figures.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader

from edgemnist.data import DataSet
from edgemnist.data.idx import write_idx
from edgemnist.data.mnist import load_dataset
from edgemnist.train.amounts import NO_OUTLIERS, NONE
from edgemnist.train.classifier import classifier_task
from edgemnist.train.device import choose_device, has_bfloat16
from edgemnist.train.epoch import train_epoch
from edgemnist.train.learner import load_learner
from edgemnist.train.loop import begin
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import Recipe, default_recipe

RESULTS = Path(__file__).parent / "results" / "training.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = choose_device(options.device)
    torch.set_num_threads(options.threads)
    data = load_dataset(options.data, lambda line: print(line, file=sys.stderr))
    recipe = default_recipe()
    beside = replace(recipe, outliers=replace(recipe.outliers, epochs=recipe.epochs))
    recipe = replace(recipe, outliers=NO_OUTLIERS)
    clean = replace(recipe, clean_epochs=recipe.epochs, clean=NONE)
    ways: dict[str, CommonWay | OurWay] = {
        "common: torchvision, DataLoader, NCHW, Adam": CommonWay(data, recipe.batch_size, device),
        "edgemnist, clean images": OurWay(data, clean, device),
        "edgemnist, augmented images": OurWay(data, recipe, device),
        "edgemnist, clean images, float32": OurWay(data, replace(clean, bfloat16=False), device),
        "edgemnist, augmented images, float32": OurWay(data, replace(recipe, bfloat16=False), device),
        "edgemnist, augmented images, outliers": OurWay(data, beside, device),
        "edgemnist, augmented images, outliers, float32": OurWay(data, replace(beside, bfloat16=False), device),
    }
    if not has_bfloat16(device):
        print("no bf16 instructions here: all is float32", file=sys.stderr)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way.run_epoch(number + 1)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            seconds[name].append(time.perf_counter() - started)
            print(f"round {number + 1}: {name}: {seconds[name][-1]:.1f} s", file=sys.stderr)
    machine = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    report(seconds, machine, options.threads)
    if device.type == "cpu":
        note(seconds, ways, machine, options.threads)


class CommonWay:
    def __init__(self, data: DataSet, batch_size: int, device: torch.device) -> None:
        with tempfile.TemporaryDirectory() as root:
            for name, split in (("train", data.train), ("t10k", data.validation)):
                write_idx(Path(root) / "MNIST" / "raw" / f"{name}-images-idx3-ubyte", split.images)
                write_idx(Path(root) / "MNIST" / "raw" / f"{name}-labels-idx1-ubyte", split.labels.astype("uint8"))
            images = torchvision.datasets.MNIST(root, transform=torchvision.transforms.ToTensor())
        self.loader = DataLoader(images, batch_size, shuffle=True)
        self.network = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(3136, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        ).to(device)
        self.device = device
        self.optimizer = torch.optim.Adam(self.network.parameters())

    def run_epoch(self, _: int) -> None:
        for inputs, labels in self.loader:
            self.optimizer.zero_grad()
            logits = self.network(inputs.to(self.device))
            nn.functional.cross_entropy(logits, labels.to(self.device)).backward()
            self.optimizer.step()


def ignore(_: StepDone | EpochDone) -> None:
    pass


class OurWay:
    def __init__(self, data: DataSet, recipe: Recipe, device: torch.device) -> None:
        self.images = "clean" if recipe.clean_epochs == recipe.epochs else "augmented"
        self.images += ", outliers" if recipe.outliers.epochs else ""
        self.arithmetic = "bf16" if recipe.bfloat16 and has_bfloat16(device) else "float32"
        with tempfile.TemporaryDirectory() as run:
            self.learner = load_learner(begin(data, recipe, Path(run), seed=0), device)
        self.task = classifier_task(data, recipe, 0, device, Path())

    def run_epoch(self, epoch: int) -> None:
        train_epoch(self.learner, self.task, epoch, ignore)


def report(seconds: dict[str, list[float]], machine: str, threads: int) -> None:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    common = next(iter(medians.values()))
    print(f"{machine}, {threads} threads, Python {platform.python_version()}, torch {torch.__version__}, ", end="")
    print(f"torchvision {torchvision.__version__}, {len(next(iter(seconds.values())))} rounds")
    print()
    print("| an epoch of 60,000 images | seconds: median (min to max) | times as fast |")
    print("|---|---|---|")
    for name, values in seconds.items():
        spread = f"{medians[name]:.1f} ({min(values):.1f} to {max(values):.1f})"
        print(f"| {name} | {spread} | {common / medians[name]:.2f} |")


def note(seconds: dict[str, list[float]], ways: dict[str, CommonWay | OurWay], machine: str, threads: int) -> None:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    common = next(iter(medians.values()))
    line = {
        "machine": machine,
        "threads": threads,
        "rounds": len(next(iter(seconds.values()))),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "epochs": [
            {
                "images": way.images,
                "arithmetic": way.arithmetic,
                "seconds": round(medians[name], 2),
                "times_as_fast": round(common / medians[name], 2),
            }
            for name, way in ways.items()
            if isinstance(way, OurWay)
        ],
    }
    with RESULTS.open("a") as file:
        file.write(json.dumps(line) + "\n")


def processor() -> str:
    """The name of the processor, as far as the system tells."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
