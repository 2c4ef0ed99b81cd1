"""edgemnist beside other runtimes: the same weights, the same images, one thread each, taking turns in one run.

    python benchmarks/compare_peers.py CHECKPOINT ENVIRONMENTS [--data DIR] [--rounds 100]

ENVIRONMENTS is a folder of virtual environments, one for each library (`make peers` sets them up and calls this).
Prints one Markdown table. Times are the least of the rounds' medians; a start is from the start of the process to its
first answer, the median of five; memory is the peak by then; `installed` is what the environment holds besides pip.
"""

import argparse
import json
import platform
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from int8 import processor
from stock import plain_fp32, stock_int8

from edgemnist.data import DataSet
from edgemnist.data.mnist import load_dataset
from edgemnist.export.calibrate import calibrate
from edgemnist.export.exporter import export_checkpoint
from edgemnist.export.fold import fold_network
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import quantize_network
from edgemnist.train.checkpoint import build_network, load_checkpoint

BATCHES = {1: 40, 64: 3}
"""Images per run, and runs in each turn."""
STARTS = 5
WORKER = Path(__file__).parent / "peers" / "worker.py"


@dataclass(frozen=True)
class Peer:
    label: str
    environment: str
    module: str
    model: str


PEERS = (
    Peer("edgemnist, int8", "edgemnist", "edgemnist_peer", "edgemnist-int8.onnx"),
    Peer("edgemnist, fp32", "edgemnist", "edgemnist_peer", "edgemnist-fp32.onnx"),
    Peer("onnxruntime, its own int8", "onnxruntime", "onnxruntime_peer", "stock-int8.onnx"),
    Peer("onnxruntime, plain fp32", "onnxruntime", "onnxruntime_peer", "plain-fp32.onnx"),
    Peer("OpenVINO, our portable int8", "openvino", "openvino_peer", "portable-int8.onnx"),
    Peer("OpenVINO, plain fp32", "openvino", "openvino_peer", "plain-fp32.onnx"),
    Peer("LiteRT, our integers", "litert", "litert_peer", "int8.tflite"),
    Peer("LiteRT, fp32", "litert", "litert_peer", "fp32.tflite"),
    Peer("torch, eager fp32", "torch", "torch_peer", "weights.npz"),
)


class Worker:
    """A running peer, which answered all images and waits for its turns."""

    def __init__(self, peer: Peer, environments: Path, folder: Path) -> None:
        self.logits_path = folder / f"{peer.label}.npy"
        python = environments / peer.environment / "bin" / "python"
        command = [python, WORKER, peer.module, folder / peer.model, folder / "images.npy", self.logits_path]
        self._process = subprocess.Popen(
            [*map(str, command), str(time.monotonic())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.facts = json.loads(self._line())

    def turn(self, batch: int, calls: int) -> float:
        """Median seconds of `calls` runs of `batch` images."""
        print(batch, calls, file=self._process.stdin, flush=True)
        return float(self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with {self._process.wait()}")
        return line


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("environments", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    data = load_dataset(options.data, print)
    folder = options.environments / "models"
    write_models(options.checkpoint, folder, options.environments, data)

    starts: dict[str, list[float]] = {peer.label: [] for peer in PEERS}
    workers: dict[str, Worker] = {}
    for _ in range(STARTS):
        for peer in PEERS:
            if peer.label in workers:
                workers[peer.label].close()
            workers[peer.label] = Worker(peer, options.environments, folder)
            starts[peer.label].append(workers[peer.label].facts["start_s"])
    best = {label: dict.fromkeys(BATCHES, float("inf")) for label in workers}
    for _ in range(options.rounds):
        for label, worker in workers.items():
            for batch, calls in BATCHES.items():
                best[label][batch] = min(best[label][batch], worker.turn(batch, calls))
    for worker in workers.values():
        worker.close()

    reference = np.load(workers["torch, eager fp32"].logits_path).argmax(1)
    print(f"{processor()}, Python {platform.python_version()}, one thread, {options.rounds} rounds")
    for name in sorted({peer.environment for peer in PEERS}):
        print(f"{name}: {versions(options.environments / name)}")
    print()
    print("| | accuracy % | agreement % | 1 image, us | images/s by 64 | start, ms | memory, MB | installed, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for peer in PEERS:
        worker, times = workers[peer.label], best[peer.label]
        answers = np.load(worker.logits_path).argmax(1)
        cells = [
            peer.label,
            f"{100 * np.mean(answers == data.validation.labels):.2f}",
            f"{100 * np.mean(answers == reference):.2f}",
            f"{1e6 * times[1]:.1f}",
            f"{64 / times[64]:,.0f}",
            f"{1e3 * statistics.median(starts[peer.label]):,.0f}",
            f"{worker.facts['rss_bytes'] / 1e6:,.0f}",
            f"{installed_bytes(options.environments / peer.environment) / 1e6:,.0f}",
        ]
        print(f"| {' | '.join(cells)} |")


def write_models(checkpoint: Path, folder: Path, environments: Path, data: DataSet) -> None:
    """One file for each `model` of `PEERS`, and the images as (N, 1, 28, 28)."""
    folder.mkdir(parents=True, exist_ok=True)
    export_checkpoint(checkpoint, folder, data, quantize=True, announce=print)
    weights = fold_network(build_network(load_checkpoint(checkpoint)))
    network = quantize_network(weights, calibrate(weights, data.train.images))
    plain = plain_fp32(weights)
    onnx.save(plain, folder / "plain-fp32.onnx")
    onnx.save(stock_int8(plain, data.train.images), folder / "stock-int8.onnx")
    onnx.save(build_portable(network), folder / "portable-int8.onnx")
    np.savez(folder / "weights.npz", **{name: value.astype(np.float32) for name, value in vars(weights).items()})
    layers = {f"{name}_{part}": value for name, layer in vars(network).items() for part, value in vars(layer).items()}
    np.savez(folder / "integers.npz", **layers)
    np.save(folder / "images.npy", data.validation.images[:, np.newaxis])
    python = environments / "litert" / "bin" / "python"
    files = [folder / name for name in ("weights.npz", "integers.npz", "fp32.tflite", "int8.tflite")]
    subprocess.run([python, WORKER.parent / "litert_model.py", *files], check=True)


def versions(environment: Path) -> str:
    """Name and version of what is installed, without pip's own."""
    command = [environment / "bin" / "python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    wanted = {"edgemnist", "onnxruntime", "openvino", "ai-edge-litert", "torch", "numpy"}
    return ", ".join(f"{package['name']} {package['version']}" for package in found if package["name"] in wanted)


def installed_bytes(environment: Path) -> int:
    """Bytes of all packages but pip and setuptools."""
    packages = next(environment.glob("lib/python3*/site-packages"))
    own = [
        path for path in packages.iterdir() if not path.name.startswith(("pip", "setuptools", "_distutils", "pkg_res"))
    ]
    return sum(file.lstat().st_size for path in own for file in (path.rglob("*") if path.is_dir() else [path]))


if __name__ == "__main__":
    main()
