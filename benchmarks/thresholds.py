"""Print how much the threshold of confidence depends on the images that it is chosen on.

    python benchmarks/thresholds.py [--data DIR] [MODEL...]

For each model, the shipped int8 one where none is named, the validation images are drawn anew, with replacement, 100
times. Counted: the lowest confidence above which at most one answer in a thousand is wrong, on half as many images as
there are, as it was chosen before. Fitted: as `model/thresholds.py` does it. Of several models, as the seeds of one
recipe, the last lines tell how far thresholds lie apart that are chosen on the images as they are: every other, or all.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data.mnist import load_dataset
from edgemnist.model.opened import default_model, open_model, run
from edgemnist.model.thresholds import confidence_threshold

DRAWS, TARGET = 100, 0.001


def counted(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    order = np.argsort(-confidence, kind="stable")
    rates = np.cumsum(~correct[order]) / np.arange(1, len(order) + 1)
    return float(confidence[order][np.flatnonzero(rates <= TARGET)[-1]])


def fitted(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    return confidence_threshold(confidence, correct, TARGET)


WAYS = (("counted", counted, 2), ("fitted", fitted, 1))
"""Name, rule, and of how many images one is chosen on."""


def print_draws(name: str, confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> None:
    rng = np.random.default_rng(0)
    for way, choose, among in WAYS:
        draws = [rng.integers(0, len(correct), len(correct) // among) for _ in range(DRAWS)]
        low, median, high = np.percentile([choose(confidence[drawn], correct[drawn]) for drawn in draws], (5, 50, 95))
        least, most = (100 * (confidence >= threshold).mean() for threshold in (high, low))
        count = len(correct) // among
        print(f"| {name} | {way} | {count:,} | {low:.3f} | {median:.3f} | {high:.3f} | {least:.2f} to {most:.2f} |")


def print_spread(models: list[tuple[NDArray[np.floating], NDArray[np.bool_]]]) -> None:
    print(f"\n| threshold, of {len(models)} models | least | mean | most | coverage % |\n|---|---|---|---|---|")
    for way, choose, among in WAYS:
        chosen = [choose(confidence[::among], correct[::among]) for confidence, correct in models]
        shares = [100 * (confidence >= least).mean() for (confidence, _), least in zip(models, chosen, strict=True)]
        thresholds = f"{min(chosen):.3f} | {np.mean(chosen):.3f} | {max(chosen):.3f}"
        print(f"| {way} | {thresholds} | {min(shares):.2f} to {max(shares):.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    print("| model | threshold | chosen on | 5 % | median | 95 % | coverage %, at 95 % and at 5 % |")
    print("|---|---|---|---|---|---|---|")
    models = []
    for path in options.models or [default_model()]:
        outputs = run(open_model(path), split.images)
        models.append((outputs.probabilities.max(1), outputs.logits.argmax(1) == split.labels))
        print_draws(path.stem if path == default_model() else str(path), *models[-1])
    if len(models) > 1:
        print_spread(models)


if __name__ == "__main__":
    main()
