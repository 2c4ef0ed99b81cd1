"""What the library costs beside a bare `InferenceSession.run` of the same session, for one image.

    python benchmarks/overhead.py [--rounds 300]

The two take turns in short rounds; the least of the rounds' medians of each counts. `predict` answers with the label,
all ten probabilities in order and the status; the bare run with two arrays.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

from edgemnist import Classifier
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES
from edgemnist.model.opened import default_model
from edgemnist.model.session import onnxruntime_version

CALLS = 50
"""In each round."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    print(f"{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime_version()}, one thread")
    print()
    print("| model | bare run, us | Classifier.predict, us | more, us |")
    print("|---|---|---|---|")
    for precision in ("fp32", "int8"):
        classifier = Classifier(default_model(precision))
        session = classifier.model.session
        image = classifier.model.info.selftest.images[0]
        inputs = image[None, None]

        def bare(session=session, inputs=inputs) -> object:
            return session.run(OUTPUT_NAMES, {INPUT_NAME: inputs})

        def whole(classifier=classifier, image=image) -> object:
            return classifier.predict(image)

        bare_us, whole_us = least_medians([bare, whole], rounds)
        print(f"| {precision} | {bare_us:.1f} | {whole_us:.1f} | {whole_us - bare_us:.1f} |")


def least_medians(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """Microseconds of each."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for at, call in enumerate(calls):
            times = []
            for _ in range(CALLS):
                began = time.perf_counter_ns()
                call()
                times.append(time.perf_counter_ns() - began)
            best[at] = min(best[at], statistics.median(times) / 1e3)
    return best


if __name__ == "__main__":
    main()
