"""How fast the graphs of one network are beside each other in onnxruntime, and how well they agree with torch.

    python benchmarks/int8.py CHECKPOINT [--data DIR] [--threads 1] [--rounds 200]

The graphs take turns in short rounds; the least of the rounds' medians counts, and ratios are ratios of these: how
many times as fast as the plain fp32 graph, and as onnxruntime's own int8.
"""

import argparse
import platform
import re
import statistics
import time
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from stock import plain_fp32, stock_int8

from edgemnist.data.mnist import load_dataset
from edgemnist.export.calibrate import calibrate
from edgemnist.export.classifier import fold_network
from edgemnist.export.graph import build_fp32
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import quantize_network
from edgemnist.model.session import new_session, run_chunk, run_session
from edgemnist.train.checkpoint import build_network, load_checkpoint
from edgemnist.train.predict import predict_logits

BATCHES = {1: 40, 64: 3}
"""Images per run, and runs in each turn."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()

    data = load_dataset(options.data, print)
    network = build_network(load_checkpoint(options.checkpoint))
    weights = fold_network(network)
    quantized = quantize_network(weights, calibrate(weights, [data.train.images]))
    plain = plain_fp32(weights)
    graphs = {
        "fp32, plain export": plain,
        "fp32, ours": build_fp32(weights),
        "int8, onnxruntime's QDQ": stock_int8(plain, data.train.images),
        "int8, ours": build_nhwc(quantized),
        "int8, ours, portable": build_portable(quantized),
    }
    sessions = {
        name: new_session(graph.SerializeToString(), name, threads=options.threads) for name, graph in graphs.items()
    }
    images, labels = data.validation.images, data.validation.labels
    reference = predict_logits(network, images).argmax(1)
    best = {batch: least_medians(sessions, images[:batch], options.rounds, BATCHES[batch]) for batch in BATCHES}

    print(f"{processor()}; Python {platform.python_version()}, onnxruntime {onnxruntime.__version__};")
    print(f"{options.threads} thread(s), {options.rounds} rounds")
    print()
    print("| graph | bytes | accuracy % | agreement % | 1 image, us | ratios | 64 images, us | ratios |")
    print("|---|---|---|---|---|---|---|---|")
    for name, graph in graphs.items():
        answers = run_session(sessions[name], images).logits.argmax(1)
        cells = [
            name,
            f"{graph.ByteSize():,}",
            f"{100 * np.mean(answers == labels):.2f}",
            f"{100 * np.mean(answers == reference):.2f}",
        ]
        for times in best.values():
            over = [times[other] / times[name] for other in ("fp32, plain export", "int8, onnxruntime's QDQ")]
            cells += [f"{1e6 * times[name]:,.1f}", " / ".join(f"{ratio:.2f}" for ratio in over)]
        print(f"| {' | '.join(cells)} |")


def least_medians(
    sessions: dict[str, onnxruntime.InferenceSession], images: NDArray[np.uint8], rounds: int, calls: int
) -> dict[str, float]:
    """Seconds for each session to answer `images` at once."""
    inputs = images[:, np.newaxis]
    best = dict.fromkeys(sessions, float("inf"))
    for _ in range(rounds):
        for name, session in sessions.items():
            run_chunk(session, inputs)
            times = []
            for _ in range(calls):
                began = time.perf_counter()
                run_chunk(session, inputs)
                times.append(time.perf_counter() - began)
            best[name] = min(best[name], statistics.median(times))
    return best


def processor() -> str:
    """The CPU's name with the instructions that matter for int8."""
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    flags = [flag for flag in ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "asimddp") if f" {flag} " in text]
    return f"{name.group(1) if name else platform.machine()} ({', '.join(flags)})"


if __name__ == "__main__":
    main()
