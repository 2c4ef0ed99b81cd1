"""What models cost on this device: start and steady state apart, side by side in one run.

The models take turns in short rounds, so that whatever disturbs this machine disturbs all of them; the best round of
each is what repeats, and ratios are ratios of these.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.device.cold_start import ColdStart, measure_cold_start
from edgemnist.device.condition import Condition, read_condition, throttled_between
from edgemnist.device.doctor import examine, read_machine
from edgemnist.errors import UsageError
from edgemnist.model import metrics
from edgemnist.model.contract import Kind, Precision
from edgemnist.model.opened import AnyModel, open_any
from edgemnist.model.session import Engine, find_engine

CHUNKS: Mapping[Kind, tuple[int, ...]] = {"classifier": (16, 32, 64, 128, 256), "finder": (1, 2, 4)}
"""Inputs per run that throughput is measured with."""


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    starts: int = 5
    """New processes for each model; the one with the median time counts."""
    rounds: int = 30
    """Turns of each model."""
    calls: int = 100
    """Single images in each turn, after a tenth as many to warm up; of pages a tenth."""


@dataclass(frozen=True)
class Measured:
    """One model on this device."""

    name: str
    precision: Precision
    size_bytes: int
    accuracy: float
    """On the validation images, as its file records it; of a finder F1 on its pages; 0..1."""
    start: ColdStart
    best_ms: float
    """One image, or page: the least of the rounds' medians."""
    latency_ms: metrics.Percentiles
    """The same, all rounds."""
    chunk: int
    """Images or pages per run, of `CHUNKS`, with the highest throughput."""
    throughput: float
    """Images or pages per second with it."""


@dataclass(frozen=True)
class Benchmark:
    """All of it."""

    machine: str
    engine: str
    """What ran the models, with its version."""
    threads: int
    before: Condition
    after: Condition
    throttled: tuple[str, ...]
    """Why these times are worth nothing; empty when they are valid."""
    models: tuple[Measured, ...]
    """In the order given."""
    unit: str = "image"
    """What is answered: `image`, or `page of 96x96`."""

    @property
    def best(self) -> Measured:
        """The model this device should use: the one with the least time for an image."""
        return min(self.models, key=lambda model: model.best_ms)


def benchmark(
    paths: list[Path], threads: int, effort: Effort, announce: Callable[[str], None], engine: Engine = "auto"
) -> Benchmark:
    """The models in `paths` on this device, with `threads` intra-op threads.

    Raises:
        MissingExtraError: the engine is not installed.
        ModelError: a file is not a usable model.
        UsageError: `threads` is not positive, or the models are of two kinds.
    """
    models = [open_any(path, threads=threads, engine=engine) for path in paths]
    kinds = {model.info.kind for model in models}
    if len(kinds) > 1:
        raise UsageError("a classifier and a finder cannot be compared; measure one after the other")
    kind = kinds.pop()
    if kind == "finder":
        effort = replace(effort, calls=max(1, effort.calls // 10))
    unit = _unit(models[0])
    machine = next((finding.found for finding in examine(read_machine()) if finding.name == "cpu"), "")
    before = read_condition()
    announce(f"starting {effort.starts} new processes for each model")
    starts = [
        _median_start([measure_cold_start(path, find_engine(engine)) for _ in range(effort.starts)]) for path in paths
    ]
    announce(f"one {unit}, {effort.rounds} rounds of {effort.calls} each")
    latencies = _latencies(models, effort)
    announce(f"many {models[0].info.interface.input.name}s, in chunks of {', '.join(map(str, CHUNKS[kind]))}")
    throughputs = _throughputs(models, effort.rounds)
    after = read_condition()
    rows = zip(paths, models, starts, latencies, throughputs, strict=True)
    measured = tuple(_measured(*row) for row in rows)
    throttled = throttled_between(before, after)
    return Benchmark(machine, models[0].engine, threads, before, after, throttled, measured, unit)


def _measured(
    path: Path,
    model: AnyModel,
    start: ColdStart,
    latencies: NDArray[np.float64],
    throughputs: NDArray[np.float64],
) -> Measured:
    fastest = int(throughputs.argmax())
    return Measured(
        name=model.name,
        precision=model.info.precision,
        size_bytes=path.stat().st_size,
        accuracy=model.info.score,
        start=start,
        best_ms=float(np.median(latencies, axis=1).min()),
        latency_ms=metrics.percentiles(latencies.ravel()),
        chunk=CHUNKS[model.info.kind][fastest],
        throughput=float(throughputs[fastest]),
    )


def _median_start(starts: list[ColdStart]) -> ColdStart:
    middle = statistics.median_low(start.total_ms for start in starts)
    return next(start for start in starts if start.total_ms == middle)


def _latencies(models: list[AnyModel], effort: Effort) -> list[NDArray[np.float64]]:
    """(rounds, calls) milliseconds for each model."""
    images = [_inputs(model, effort.calls) for model in models]
    times = [np.empty((effort.rounds, effort.calls)) for _ in models]
    for turn in range(effort.rounds):
        for model, digits, found in zip(models, images, times, strict=True):
            for image in digits[: effort.calls // 10 + 1]:
                _answer(model, image[np.newaxis])
            found[turn] = [_milliseconds(model, image[np.newaxis]) for image in digits]
    return times


def _throughputs(models: list[AnyModel], rounds: int) -> list[NDArray[np.float64]]:
    """Images per second for each of the kind's `CHUNKS`, by the least of the rounds' medians, for each model."""
    chunks = CHUNKS[models[0].info.kind]
    images = [_inputs(model, max(chunks)) for model in models]
    best = [np.zeros(len(chunks)) for _ in models]
    for _ in range(rounds):
        for model, digits, found in zip(models, images, best, strict=True):
            for at, chunk in enumerate(chunks):
                parts = [_milliseconds(model, part) for part in _parts(digits, chunk)]
                found[at] = max(found[at], 1e3 * chunk / statistics.median(parts))
    return best


def _parts(images: NDArray[np.uint8], size: int) -> list[NDArray[np.uint8]]:
    return np.split(images, range(size, len(images), size))


def _inputs(model: AnyModel, count: int) -> NDArray[np.uint8]:
    """(count, 1, H, W): the images or pages that the model's file carries, over and over."""
    inputs, _ = model.info.recorded
    return np.resize(inputs, (count, *inputs.shape[1:]))[:, np.newaxis]


def _unit(model: AnyModel) -> str:
    inputs, _ = model.info.recorded
    return "image" if model.info.kind == "classifier" else f"page of {inputs.shape[1]}x{inputs.shape[2]}"


def _answer(model: AnyModel, inputs: NDArray[np.uint8]) -> int:
    """The nanoseconds that it takes."""
    interface = model.info.interface
    outputs, feed = [output.name for output in interface.outputs], {interface.input.name: inputs}
    began = time.perf_counter_ns()
    model.session.run(outputs, feed)
    return time.perf_counter_ns() - began


def _milliseconds(model: AnyModel, inputs: NDArray[np.uint8]) -> float:
    return _answer(model, inputs) / 1e6
