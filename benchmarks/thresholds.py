"""Print how much the threshold of confidence depends on the images that it is chosen on.

    python benchmarks/thresholds.py [--data DIR] [--model FILE]

The validation images are drawn anew, with replacement, 100 times. Counted: the lowest confidence above which at most
one answer in a thousand is wrong, on half as many images as there are, as it was chosen before. Fitted: as
`model/thresholds.py` does it.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    outputs = run(open_model(options.model or default_model()), split.images)
    confidence, correct = outputs.probabilities.max(1), outputs.logits.argmax(1) == split.labels
    rng = np.random.default_rng(0)
    print("| threshold | chosen on | 5 % | median | 95 % | coverage %, at 95 % and at 5 % |")
    print("|---|---|---|---|---|---|")
    for name, choose, count in (
        ("counted", counted, len(correct) // 2),
        ("fitted", lambda p, right: confidence_threshold(p, right, TARGET), len(correct)),
    ):
        draws = [rng.integers(0, len(correct), count) for _ in range(DRAWS)]
        low, median, high = np.percentile([choose(confidence[drawn], correct[drawn]) for drawn in draws], (5, 50, 95))
        least, most = (100 * (confidence >= threshold).mean() for threshold in (high, low))
        print(f"| {name} | {count:,} | {low:.3f} | {median:.3f} | {high:.3f} | {least:.2f} to {most:.2f} |")


if __name__ == "__main__":
    main()
