"""What models cost on this device: start and steady state apart, side by side in one run.

The models take turns in short rounds, so that whatever disturbs this machine disturbs all of them; the best round of
each is what repeats, and ratios are ratios of these.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgemnist.device.cold_start import ColdStart, measure_cold_start
from edgemnist.device.condition import Condition, read_condition, throttled_between
from edgemnist.device.doctor import examine, read_machine
from edgemnist.model import metrics
from edgemnist.model.contract import Precision
from edgemnist.model.session import Model, open_model, run_chunk

CHUNKS = (16, 32, 64, 128, 256)
"""Images per run that throughput is measured with."""


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    starts: int = 5
    """New processes for each model; the one with the median time counts."""
    rounds: int = 30
    """Turns of each model."""
    calls: int = 100
    """Single images in each turn, after a tenth as many to warm up."""


@dataclass(frozen=True)
class Measured:
    """One model on this device."""

    name: str
    precision: Precision
    size_bytes: int
    accuracy: float
    """On the validation images, as its file records it; 0..1."""
    start: ColdStart
    best_ms: float
    """One image: the least of the rounds' medians."""
    latency_ms: metrics.Percentiles
    """One image, all rounds."""
    chunk: int
    """Images per run, of `CHUNKS`, with the highest throughput."""
    throughput: float
    """Images per second with it."""


@dataclass(frozen=True)
class Benchmark:
    """All of it."""

    machine: str
    threads: int
    before: Condition
    after: Condition
    throttled: tuple[str, ...]
    """Why these times are worth nothing; empty when they are valid."""
    models: tuple[Measured, ...]
    """In the order given."""

    @property
    def best(self) -> Measured:
        """The model this device should use: the one with the least time for an image."""
        return min(self.models, key=lambda model: model.best_ms)


def benchmark(paths: list[Path], threads: int, effort: Effort, announce: Callable[[str], None]) -> Benchmark:
    """The models in `paths` on this device, with `threads` intra-op threads.

    Raises:
        ModelError: a file is not a usable model.
        UsageError: `threads` is not positive.
    """
    models = [open_model(path, threads=threads) for path in paths]
    machine = next((finding.found for finding in examine(read_machine()) if finding.name == "cpu"), "")
    before = read_condition()
    announce(f"starting {effort.starts} new processes for each model")
    starts = [_median_start([measure_cold_start(path) for _ in range(effort.starts)]) for path in paths]
    announce(f"one image, {effort.rounds} rounds of {effort.calls} each")
    latencies = _latencies(models, effort)
    announce(f"many images, in chunks of {', '.join(map(str, CHUNKS))}")
    throughputs = _throughputs(models, effort.rounds)
    after = read_condition()
    rows = zip(paths, models, starts, latencies, throughputs, strict=True)
    measured = tuple(_measured(*row) for row in rows)
    return Benchmark(machine, threads, before, after, throttled_between(before, after), measured)


def _measured(
    path: Path, model: Model, start: ColdStart, latencies: NDArray[np.float64], throughputs: NDArray[np.float64]
) -> Measured:
    fastest = int(throughputs.argmax())
    return Measured(
        name=model.name,
        precision=model.info.precision,
        size_bytes=path.stat().st_size,
        accuracy=model.info.validation.accuracy,
        start=start,
        best_ms=float(np.median(latencies, axis=1).min()),
        latency_ms=metrics.percentiles(latencies.ravel()),
        chunk=CHUNKS[fastest],
        throughput=float(throughputs[fastest]),
    )


def _median_start(starts: list[ColdStart]) -> ColdStart:
    middle = statistics.median_low(start.total_ms for start in starts)
    return next(start for start in starts if start.total_ms == middle)


def _latencies(models: list[Model], effort: Effort) -> list[NDArray[np.float64]]:
    """(rounds, calls) milliseconds for each model."""
    images = [_digits(model, effort.calls) for model in models]
    times = [np.empty((effort.rounds, effort.calls)) for _ in models]
    for turn in range(effort.rounds):
        for model, digits, found in zip(models, images, times, strict=True):
            for image in digits[: effort.calls // 10 + 1]:
                run_chunk(model.session, image[np.newaxis])
            found[turn] = [_milliseconds(model, image[np.newaxis]) for image in digits]
    return times


def _throughputs(models: list[Model], rounds: int) -> list[NDArray[np.float64]]:
    """Images per second for each of `CHUNKS`, by the least of the rounds' medians, for each model."""
    images = [_digits(model, max(CHUNKS)) for model in models]
    best = [np.zeros(len(CHUNKS)) for _ in models]
    for _ in range(rounds):
        for model, digits, found in zip(models, images, best, strict=True):
            for at, chunk in enumerate(CHUNKS):
                parts = [_milliseconds(model, part) for part in _parts(digits, chunk)]
                found[at] = max(found[at], 1e3 * chunk / statistics.median(parts))
    return best


def _parts(images: NDArray[np.uint8], size: int) -> list[NDArray[np.uint8]]:
    return np.split(images, range(size, len(images), size))


def _digits(model: Model, count: int) -> NDArray[np.uint8]:
    """(count, 1, 28, 28): the digits that the model's file carries, over and over."""
    images = model.info.selftest.images
    return np.resize(images, (count, *images.shape[1:]))[:, np.newaxis]


def _milliseconds(model: Model, images: NDArray[np.uint8]) -> float:
    began = time.perf_counter_ns()
    run_chunk(model.session, images)
    return (time.perf_counter_ns() - began) / 1e6
