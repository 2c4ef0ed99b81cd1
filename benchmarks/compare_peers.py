"""edgemnist beside other runtimes: the same weights, the same images, one thread each, taking turns in one run.

    python benchmarks/compare_peers.py CHECKPOINT ENVIRONMENTS [--data DIR] [--rounds 100]

ENVIRONMENTS is a folder of environments, one for each library (`make peers` sets them up and calls this); those that
are missing are left out. Prints one Markdown table. Times are the least of the rounds' medians; a start is from the
start of the process to its first answer, the least of five; memory is the peak by then; `installed` is what the
environment holds besides pip; agreement is with torch.
"""

import argparse
import json
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from int8 import processor
from numpy.typing import NDArray
from stock import plain_fp32, stock_int8

from edgemnist.data import DataSet
from edgemnist.data.mnist import load_dataset
from edgemnist.export.calibrate import calibrate
from edgemnist.export.classifier import fold_network
from edgemnist.export.exporter import export_checkpoint
from edgemnist.export.layers import Network
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import quantize_network
from edgemnist.train.checkpoint import build_network, load_checkpoint

BATCHES = {1: 40, 64: 3}
"""Images per run, and runs in each turn."""
STARTS = 5
WORKER = Path(__file__).parent / "peers" / "worker.py"
WEB = "web"
"""The environment of node's packages; all others are Python's."""


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
    Peer("OpenCV, our fp32", "opencv", "opencv_peer", "edgemnist-fp32.onnx"),
    Peer("onnxruntime-web, int8", WEB, "web_worker.mjs", "edgemnist-int8.onnx"),
    Peer("onnxruntime-web, fp32", WEB, "web_worker.mjs", "edgemnist-fp32.onnx"),
    Peer("LiteRT, our integers", "litert", "litert_peer", "int8.tflite"),
    Peer("LiteRT, fp32", "litert", "litert_peer", "fp32.tflite"),
    Peer("torch, eager fp32", "torch", "torch_peer", "weights.npz"),
)


@dataclass(frozen=True)
class Column:
    heading: str
    form: str
    best: Callable[[NDArray[np.float64]], float] | None
    """Which of its values wins; None where there is nothing to win."""


COLUMNS = (
    Column("accuracy %", ".2f", np.max),
    Column("agreement %", ".2f", np.max),
    Column("1 image, us", ".1f", np.min),
    Column("images/s by 64", ",.0f", np.max),
    Column("start, ms", ",.0f", np.min),
    Column("memory, MB", ",.0f", np.min),
    Column("installed, MB", ",.0f", np.min),
    Column("logits equal to our int8's", ",", None),
)


class Worker:
    """A running peer, which answered all images and waits for its turns."""

    def __init__(self, peer: Peer, environments: Path, folder: Path) -> None:
        self.logits_path = folder / f"{peer.label}.npy"
        home = environments / peer.environment
        start = (
            ["node", WORKER.with_name(peer.module), home.absolute() / "node_modules" / "onnxruntime-web"]
            if peer.environment == WEB
            else [home / "bin" / "python", WORKER, peer.module]
        )
        command = [*start, folder / peer.model, folder / "images.npy", self.logits_path]
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

    peers = [peer for peer in PEERS if (options.environments / peer.environment).is_dir()]
    starts: dict[str, list[float]] = {peer.label: [] for peer in peers}
    workers: dict[str, Worker] = {}
    for _ in range(STARTS):
        for peer in peers:
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
    ours = np.load(workers["edgemnist, int8"].logits_path)
    print(f"{processor()}, Python {platform.python_version()}, one thread, {options.rounds} rounds")
    for name in sorted({peer.environment for peer in peers}):
        print(f"{name}: {versions(options.environments / name)}")
    print()
    rows = []
    for peer in peers:
        worker, times = workers[peer.label], best[peer.label]
        logits = np.load(worker.logits_path)
        answers = logits.argmax(1)
        figures = (
            100 * np.mean(answers == data.validation.labels),
            100 * np.mean(answers == reference),
            1e6 * times[1],
            64 / times[64],
            1e3 * min(starts[peer.label]),
            worker.facts["rss_bytes"] / 1e6,
            installed_bytes(options.environments / peer.environment) / 1e6,
            np.count_nonzero((logits == ours).all(1)),
        )
        rows.append([f"{figure:{column.form}}" for figure, column in zip(figures, COLUMNS, strict=True)])
    print(f"| | {' | '.join(column.heading for column in COLUMNS)} |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for peer, cells in zip(peers, bold_winners(rows), strict=True):
        print(f"| {peer.label} | {' | '.join(cells)} |")


def bold_winners(rows: list[list[str]]) -> list[list[str]]:
    """The cells with the best of each column in bold."""
    values = np.array([[float(cell.replace(",", "")) for cell in row] for row in rows])
    winning = [column.best(values[:, at]) if column.best else None for at, column in enumerate(COLUMNS)]
    return [
        [f"**{cell}**" if values[at, column] == winning[column] else cell for column, cell in enumerate(row)]
        for at, row in enumerate(rows)
    ]


def write_models(checkpoint: Path, folder: Path, environments: Path, data: DataSet) -> None:
    """One file for each `model` of `PEERS`, and the images as (N, 1, 28, 28)."""
    folder.mkdir(parents=True, exist_ok=True)
    export_checkpoint(checkpoint, folder, data, quantize=True, announce=print)
    weights = fold_network(build_network(load_checkpoint(checkpoint)))
    network = quantize_network(weights, calibrate(weights, [data.train.images]))
    plain = plain_fp32(weights)
    onnx.save(plain, folder / "plain-fp32.onnx")
    onnx.save(stock_int8(plain, data.train.images), folder / "stock-int8.onnx")
    onnx.save(build_portable(network), folder / "portable-int8.onnx")
    floats = {name: value.astype(np.float32) for name, value in named_arrays(weights).items()}
    np.savez(folder / "weights.npz", **floats)
    np.savez(folder / "integers.npz", **named_arrays(network))
    np.save(folder / "images.npy", data.validation.images[:, np.newaxis])
    python = environments / "litert" / "bin" / "python"
    files = [folder / name for name in ("weights.npz", "integers.npz", "fp32.tflite", "int8.tflite")]
    subprocess.run([python, WORKER.parent / "litert_model.py", *files], check=True)


def named_arrays(network: Network) -> dict[str, np.ndarray]:
    return {f"{name}_{part}": value for name, layer in network.numbers.items() for part, value in vars(layer).items()}


def versions(environment: Path) -> str:
    """Name and version of what is installed, without pip's own."""
    if environment.name == WEB:
        package = json.loads((environment / "node_modules" / "onnxruntime-web" / "package.json").read_text())
        return f"onnxruntime-web {package['version']}"
    command = [environment / "bin" / "python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    wanted = {"edgemnist", "onnxruntime", "openvino", "ai-edge-litert", "opencv-python-headless", "torch", "numpy"}
    return ", ".join(f"{package['name']} {package['version']}" for package in found if package["name"] in wanted)


def installed_bytes(environment: Path) -> int:
    """Bytes of all packages but pip and setuptools."""
    packages = next((*environment.glob("lib/python3*/site-packages"), *environment.glob("node_modules")))
    own = [
        path for path in packages.iterdir() if not path.name.startswith(("pip", "setuptools", "_distutils", "pkg_res"))
    ]
    return sum(file.lstat().st_size for path in own for file in (path.rglob("*") if path.is_dir() else [path]))


if __name__ == "__main__":
    main()
