"""Pictures of one digit, read by edgemnist and in the way that is common with OpenCV, taking turns in one run.

    python benchmarks/compare_reading.py ENVIRONMENTS [--data DIR] [--count 50]

ENVIRONMENTS is the folder that benchmarks/peers/environments.sh made (`make peers` calls this). Prints two Markdown
tables: the least CPU time of five rounds for photos of three sizes, and how many digits are read rightly on pages of
the scoreboard. Both have the same weights; what differs is how the digit is found.
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from int8 import processor
from PIL import Image
from reading import drawn
from scoreboard.digits import from_mnist
from scoreboard.experiments import experiments
from scoreboard.versions import Version

from edgemnist.data.mnist import load_dataset

PHOTOS = {"480x640": (480, 640), "900x1200": (900, 1200), "3000x4000": (3000, 4000)}
ROUNDS = 5
PAGES = (
    "plain: single",
    "cut: single, margin 0 %",
    "cut: single, margin 5 %",
    "size: single, 5 % of the picture",
    "size: single, 50 % of the picture",
)
CHECKOUT = Path(__file__).parents[1]
GRAIN = 4
"""Gray levels, standard deviation: what a camera adds to each pixel."""


def photo(size: tuple[int, int], path: Path) -> Path:
    """docs/pictures/seven.jpg at that size, as grainy as a camera's."""
    seven = np.asarray(Image.open(CHECKOUT / "docs" / "pictures" / "seven.jpg").resize(size, Image.Resampling.BICUBIC))
    grainy = seven + np.random.default_rng(0).normal(0, GRAIN, seven.shape)
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environments", type=Path)
    parser.add_argument("--data", type=Path, default=os.environ.get("EDGEMNIST_DATA"))
    parser.add_argument("--count", type=int, default=50, help="pages of each kind")
    options = parser.parse_args()
    hand = from_mnist(load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation)
    ours = Version(options.environments / "edgemnist" / "bin" / "python", [])
    opencv = Version(
        options.environments / "opencv" / "bin" / "python",
        [CHECKOUT / "exports" / "edgemnist-fp32.onnx"],
        child=CHECKOUT / "benchmarks" / "peers" / "opencv_reading.py",
    )
    print(f"{processor()}, Python {platform.python_version()}, OpenCV {opencv.number}, one thread\n")
    with tempfile.TemporaryDirectory() as place:
        print("| photo | edgemnist, ms | OpenCV, ms | edgemnist, OpenCV = 1 |\n|---|---|---|---|")
        for name, size in PHOTOS.items():
            path = photo(size, Path(place) / "photo.jpg")
            turns = [[version.answer(path, False).ms for version in (ours, opencv)] for _ in range(ROUNDS)]
            ms = np.min(turns, axis=0)
            print(f"| {name} | {ms[0]:.1f} | {ms[1]:.1f} | {ms[0] / ms[1]:.2f} |", flush=True)
        print("\n| pages of one digit | edgemnist right % | OpenCV right % |\n|---|---|---|")
        scratch = Path(place) / "page"
        for experiment in experiments():
            if experiment.name not in PAGES:
                continue
            right = []
            for page in drawn(experiment, [hand], 0, options.count):
                scratch.write_bytes(page.encoded)
                right.append([version.answer(scratch, False).text == page.text for version in (ours, opencv)])
            shares = 100 * np.mean(right, axis=0)
            print(f"| {experiment.name} | {' | '.join(f'{share:.1f}' for share in shares)} |", flush=True)
    ours.close()
    opencv.close()


if __name__ == "__main__":
    main()
