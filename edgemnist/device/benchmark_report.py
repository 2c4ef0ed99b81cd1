"""A benchmark for people and for programs."""

from dataclasses import asdict

from edgemnist.device.benchmark import Benchmark, Measured
from edgemnist.device.condition import Condition


def as_text(result: Benchmark) -> str:
    """The benchmark as a table, the conditions it was taken in, and which model this device should use."""
    width = max(len(model.name) for model in result.models)
    score = "accuracy" if result.unit == "image" else "F1"
    first, rate = f"one {result.unit}", f"{result.unit.partition(' ')[0]}s/s"
    lines = [
        f"{result.machine or 'CPU unknown'}; {result.engine}, {result.threads} thread{'s' * (result.threads > 1)}",
        f"before  {_condition(result.before)}",
        f"after   {_condition(result.after)}",
        "",
        f"{'':<{width}}  {'size':>7} {score:>9} {'start':>8} {'import':>7} {'load':>7} {'first':>7} {'RSS':>5}",
        f"{'':<{width}}  {'KB':>7} {'%':>9} {'ms':>8} {'ms':>7} {'ms':>7} {'ms':>7} {'MB':>5}",
        *(f"{model.name:<{width}}  {_start(model)}" for model in result.models),
        "",
        f"{first:<{width}}  {'best':>7} {'p50':>7} {'p95':>7} {'p99':>7}  {rate:>9} {'chunk':>6}",
        f"{'':<{width}}  {'ms':>7} {'ms':>7} {'ms':>7} {'ms':>7}",
        *(f"{model.name:<{width}}  {_steady(model)}" for model in result.models),
        "",
        *_verdict(result),
    ]
    return "\n".join(line.rstrip() for line in lines)


def as_plain(result: Benchmark) -> dict[str, object]:
    """The benchmark as plain types for JSON."""
    best = result.best
    return {
        **asdict(result),
        "models": [asdict(model) | {"times_the_best": model.best_ms / best.best_ms} for model in result.models],
        "valid": not result.throttled,
        "use": best.name,
    }


def _condition(condition: Condition) -> str:
    parts = [
        f"{condition.temperature_c:.1f} °C" if condition.temperature_c is not None else "temperature unknown",
        f"{condition.frequency_mhz:.0f} MHz" if condition.frequency_mhz is not None else "clock unknown",
        f"now: {', '.join(condition.throttled_now)}" if condition.throttled_now else "",
    ]
    return ", ".join(part for part in parts if part)


def _start(model: Measured) -> str:
    start = model.start
    memory = f"{start.peak_rss_bytes / 1e6:5.0f}" if start.peak_rss_bytes is not None else ""
    return (
        f"{model.size_bytes / 1e3:7.0f} {100 * model.accuracy:9.2f} {start.total_ms:8.0f} {start.import_ms:7.0f} "
        f"{start.load_ms:7.1f} {start.first_ms:7.2f} {memory}"
    )


def _steady(model: Measured) -> str:
    latency = model.latency_ms
    return (
        f"{model.best_ms:7.3f} {latency.p50:7.3f} {latency.p95:7.3f} {latency.p99:7.3f}  "
        f"{model.throughput:9,.0f} {model.chunk:6}"
    )


def _verdict(result: Benchmark) -> list[str]:
    if result.throttled:
        return [f"invalid: throttled ({', '.join(result.throttled)}); see: edgemnist doctor"]
    best = result.best
    others = [
        f"{model.best_ms / best.best_ms:.2f} times as fast as {model.name} for one {result.unit}, "
        f"{best.throughput / model.throughput:.2f} times for many"
        for model in result.models
        if model is not best
    ]
    return [f"use {best.name} on this device" + "".join(f"\n  {other}" for other in others)]
