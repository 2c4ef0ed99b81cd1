"""Print how much the thresholds of doubt depend on the images that they are chosen on, and what they do to others.

    python benchmarks/thresholds.py [--data DIR] [MODEL...]

For each model, the shipped int8 one where none is named, the validation images are halved at random 100 times: on one
half each rule chooses, on the other it is tried. `counted`: the lowest confidence above which at most one answer in a
thousand is wrong, as it was chosen once. `fitted`: confidence alone, by `model/thresholds.py`. `both`: confidence and
evidence, as `export` chooses them. Of several models, as the seeds of one recipe, the last lines tell how far the
thresholds of confidence lie apart that are chosen on all images; on every other one, by counting.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.data.mnist import load_dataset
from edgemnist.export.doubt import LEAST_COVERAGE, TARGET_ERROR_RATE
from edgemnist.model.opened import default_model, open_model, run
from edgemnist.model.thresholds import both_thresholds, confidence_threshold, evidence

DRAWS = 100


@dataclass(frozen=True)
class Answers:
    confidence: NDArray[np.floating]
    evidence: NDArray[np.floating]
    correct: NDArray[np.bool_]

    def __getitem__(self, part: NDArray[np.int64] | slice) -> "Answers":
        return Answers(self.confidence[part], self.evidence[part], self.correct[part])


def counted(answers: Answers) -> tuple[float, float]:
    order = np.argsort(-answers.confidence, kind="stable")
    rates = np.cumsum(~answers.correct[order]) / np.arange(1, len(order) + 1)
    return float(answers.confidence[order][np.flatnonzero(rates <= TARGET_ERROR_RATE)[-1]]), -np.inf


def fitted(answers: Answers) -> tuple[float, float]:
    return confidence_threshold(answers.confidence, answers.correct, TARGET_ERROR_RATE), -np.inf


def both(answers: Answers) -> tuple[float, float]:
    return both_thresholds(answers.confidence, answers.evidence, answers.correct, TARGET_ERROR_RATE, LEAST_COVERAGE)


RULES = (counted, fitted, both)


def print_halves(name: str, answers: Answers) -> None:
    rng = np.random.default_rng(0)
    halves = [np.array_split(rng.permutation(len(answers.correct)), 2) for _ in range(DRAWS)]
    for rule in RULES:
        chosen, given, wrong = [], [], []
        for half, rest in halves:
            least, asked = rule(answers[half])
            tried = answers[rest]
            answered = (tried.confidence >= least) & (tried.evidence >= asked)
            chosen.append(least)
            given.append(100 * answered.mean())
            wrong.append(100 * (~tried.correct[answered]).mean())
        columns = [" | ".join(f"{q:.3f}" for q in np.percentile(chosen, (5, 50, 95)))]
        columns += ["{:.2f} | {:.2f} | {:.2f}".format(*np.percentile(given, (5, 50, 95))), f"{np.mean(wrong):.3f}"]
        print(f"| {name} | {rule.__name__} | {' | '.join(columns)} |")


def print_spread(models: list[Answers]) -> None:
    print(f"\n| of {len(models)} models | least | mean | most |\n|---|---|---|---|")
    for rule in RULES:
        every = slice(None, None, 2 if rule is counted else 1)
        chosen = [rule(answers[every])[0] for answers in models]
        print(f"| {rule.__name__} | {min(chosen):.3f} | {np.mean(chosen):.3f} | {max(chosen):.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    split = load_dataset(options.data, lambda line: print(line, file=sys.stderr)).validation
    print("| model | rule | confidence: 5 % | median | 95 % | answered %: 5 % | median | 95 % | wrong %: mean |")
    print("|---|---|---|---|---|---|---|---|---|")
    models = []
    for path in options.models or [default_model()]:
        outputs = run(open_model(path), split.images)
        correct = outputs.logits.argmax(1) == split.labels
        models.append(Answers(outputs.probabilities.max(1), evidence(outputs.logits), correct))
        print_halves(path.stem if path == default_model() else str(path), models[-1])
    if len(models) > 1:
        print_spread(models)


if __name__ == "__main__":
    main()
