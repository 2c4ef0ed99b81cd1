"""Print what `infer` takes for a picture of a folder, with one thread that reads pictures and with more.

    python benchmarks/folder.py [--rounds 5]

The pictures are JPEGs of single digits on shaded paper, made here. In each round every count of threads has its turn;
the ratio is that of the quickest rounds.
"""

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist import Classifier
from edgemnist.infer.answers import answer_sources
from edgemnist.infer.sources import find_sources
from edgemnist.model.session import onnxruntime_version

SIZES = {(4000, 3000): 24, (1200, 900): 60, (400, 300): 120}
"""Width and height -> how many pictures."""


def make_pictures(folder: Path, size: tuple[int, int], count: int, digits: np.ndarray) -> None:
    folder.mkdir()
    width, height = size
    rng = np.random.default_rng(0)
    for number in range(count):
        ink = Image.new("L", size)
        digit = Image.fromarray(digits[number % len(digits)])
        ink.paste(digit.resize((height // 2, height // 2), Image.Resampling.BICUBIC), (width // 3, height // 4))
        levels = (225 - 0.75 * np.asarray(ink)) * np.linspace(1, 0.7, width) + rng.normal(0, 3, (height, width))
        gray = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
        gray.convert("RGB").save(folder / f"{number:03}.jpg", quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    classifier = Classifier()
    print("| pictures | threads | ms a picture | times as fast as one |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as root:
        for size, count in SIZES.items():
            name = f"{size[0]}x{size[1]}"
            make_pictures(Path(root) / name, size, count, classifier.model.info.selftest.images)
            sources = find_sources([f"{root}/{name}"])
            threads = sorted({1, 2, min(4, os.cpu_count() or 1)})
            best = dict.fromkeys(threads, float("inf"))
            for _ in range(rounds):
                for workers in threads:
                    start = time.perf_counter()
                    list(answer_sources(classifier, sources, workers=workers))
                    best[workers] = min(best[workers], time.perf_counter() - start)
            for workers, seconds in best.items():
                print(f"| {name} | {workers} | {1000 * seconds / count:.1f} | {best[1] / seconds:.2f} |")
    print(
        f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime_version()}"
    )


if __name__ == "__main__":
    main()
