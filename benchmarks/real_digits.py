"""Print how well the models that ship read other people's digits, set by set.

    python benchmarks/real_digits.py FOLDER

FOLDER holds a folder for each set: SET/labels.csv (columns file, label) with pictures, or SET/SET.npz with the arrays
`images` and `labels`, each image taken for a picture. Sets whose labels are longer than one digit are left out.
"""

import argparse
import platform
from pathlib import Path

from recipes import read_digits

from edgemnist import metrics
from edgemnist.runtime.session import default_model, onnxruntime_version, open_model, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    sets = read_digits(parser.parse_args().folder)
    models = [open_model(default_model("fp32")), open_model(default_model("int8"))]
    print("| set | images | fp32 % | int8 % | wrong (int8) |")
    print("|---|---|---|---|---|")
    shares: list[list[float]] = []
    for name, split in sets.items():
        accuracies = [metrics.accuracy(run(model, split.images).logits.argmax(1), split.labels) for model in models]
        shares.append([100 * accuracy.value for accuracy in accuracies])
        wrong = accuracies[1].count - accuracies[1].correct
        print(f"| {name} | {len(split)} | {shares[-1][0]:.2f} | {shares[-1][1]:.2f} | {wrong} |")
    means = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    print(f"| mean of the sets | {sum(map(len, sets.values()))} | {means[0]:.2f} | {means[1]:.2f} | |")
    print(
        f"\n{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}, one thread"
    )


main()
