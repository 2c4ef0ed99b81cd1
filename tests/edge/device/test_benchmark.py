"""The benchmark: its arithmetic on made-up times, its judgement of made-up machines, and one short real run."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from edgemnist.device import benchmark as module
from edgemnist.device.benchmark import CHUNKS, Benchmark, Effort, Measured, benchmark
from edgemnist.device.benchmark_report import as_plain, as_text
from edgemnist.device.cold_start import ColdStart, measure_cold_start, peak_rss_bytes
from edgemnist.device.condition import Condition, condition, read_condition, throttled_between
from edgemnist.device.doctor import read_machine
from edgemnist.errors import ModelError, UsageError
from edgemnist.model.metrics import Percentiles
from edgemnist.model.opened import default_model

COOL = Condition(51.5, 1800.0, (), ())


def measured(name: str, best_ms: float, throughput: float) -> Measured:
    start = ColdStart(800.0, 600.0, 15.25, 1.5, 63_000_000)
    latency = Percentiles(best_ms * 1.05, best_ms * 1.5, best_ms * 2)
    return Measured(
        name, "int8" if "int8" in name else "fp32", 439_000, 0.9959, start, best_ms, latency, 64, throughput
    )


@pytest.fixture
def result() -> Benchmark:
    models = (measured("edgemnist-fp32.onnx", 1.0, 1_100.0), measured("edgemnist-int8.onnx", 0.4, 3_300.0))
    return Benchmark(
        "4 x Cortex-A72, no int8 dot products",
        "onnxruntime 1.32.0",
        1,
        COOL,
        dataclasses.replace(COOL, temperature_c=60.0),
        (),
        models,
    )


TABLE = """\
4 x Cortex-A72, no int8 dot products; onnxruntime 1.32.0, 1 thread
before  51.5 °C, 1800 MHz
after   60.0 °C, 1800 MHz

                        size  accuracy    start  import    load   first   RSS
                          KB         %       ms      ms      ms      ms    MB
edgemnist-fp32.onnx      439     99.59      800     600    15.2    1.50    63
edgemnist-int8.onnx      439     99.59      800     600    15.2    1.50    63

one image               best     p50     p95     p99   images/s  chunk
                          ms      ms      ms      ms
edgemnist-fp32.onnx    1.000   1.050   1.500   2.000      1,100     64
edgemnist-int8.onnx    0.400   0.420   0.600   0.800      3,300     64

use edgemnist-int8.onnx on this device
  2.50 times as fast as edgemnist-fp32.onnx for one image, 3.00 times for many"""


def test_the_table_is_this_one(result):
    assert as_text(result) == TABLE


def test_a_device_where_fp32_is_faster_is_told_so(result):
    fp32, int8 = result.models
    slower = dataclasses.replace(result, models=(fp32, dataclasses.replace(int8, best_ms=1.5)))
    assert "use edgemnist-fp32.onnx on this device\n  1.50 times as fast as edgemnist-int8.onnx" in as_text(slower)


def test_times_of_a_throttled_device_are_called_invalid(result):
    throttled = dataclasses.replace(result, throttled=("under-voltage", "throttled"))
    assert as_text(throttled).endswith("\n\ninvalid: throttled (under-voltage, throttled); see: edgemnist doctor")
    assert as_plain(throttled)["valid"] is False


def test_plain_form_is_json_with_the_ratios(result):
    plain = json.loads(json.dumps(as_plain(result)))
    assert plain["use"] == "edgemnist-int8.onnx"
    assert plain["valid"] is True
    assert [model["times_the_best"] for model in plain["models"]] == [2.5, 1.0]
    assert plain["models"][1]["start"]["peak_rss_bytes"] == 63_000_000


def test_a_machine_that_shows_nothing_is_reported_without_inventing(result):
    unknown = Condition(None, None, (), ())
    start = dataclasses.replace(result.models[0].start, peak_rss_bytes=None)
    model = dataclasses.replace(result.models[0], start=start)
    text = as_text(dataclasses.replace(result, machine="", before=unknown, after=unknown, models=(model,)))
    assert text.startswith("CPU unknown; onnxruntime 1.32.0, 1 thread\nbefore  temperature unknown, clock unknown\n")
    assert text.endswith("\n\nuse edgemnist-fp32.onnx on this device")


@pytest.mark.parametrize(
    ("answer", "now", "earlier"),
    [
        ("throttled=0x0", (), ()),
        ("throttled=0x50005", ("under-voltage", "throttled"), ("under-voltage", "throttled")),
        ("throttled=0x80008", ("soft temperature limit",), ("soft temperature limit",)),
        ("throttled=0x20000", (), ("frequency capped",)),
        ("", (), ()),
        ("VCHI initialization failed", (), ()),
    ],
)
def test_throttling_flags_are_read_bit_by_bit(answer, now, earlier):
    machine = dataclasses.replace(read_machine(), throttled=answer, temperatures=("47768", "51540"))
    found = condition(machine, ["600000", "1800000"])
    assert found == Condition(51.54, 1800.0, now, earlier)


def test_what_was_raised_before_the_benchmark_does_not_spoil_it():
    old = dataclasses.replace(COOL, throttled_before=("under-voltage",))
    assert throttled_between(old, old) == ()


def test_what_is_raised_meanwhile_or_stands_at_either_end_spoils_it():
    hot = dataclasses.replace(COOL, throttled_now=("throttled",), throttled_before=("throttled",))
    over = dataclasses.replace(COOL, throttled_before=("throttled",))
    assert (
        throttled_between(COOL, hot) == throttled_between(hot, over) == throttled_between(COOL, over) == ("throttled",)
    )


def test_condition_is_read_from_sysfs(tmp_path):
    for core, clock in enumerate(["600000", "1500000"]):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(clock + "\n")
    zone = tmp_path / "sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    (zone / "temp").write_text("48312\n")
    found = read_condition(tmp_path)
    assert (found.temperature_c, found.frequency_mhz) == (48.312, 1500.0)


def test_peak_memory_is_the_kernels_high_water_mark(tmp_path):
    status = tmp_path / "status"
    status.write_text("Name:\tpython3\nVmPeak:\t  900000 kB\nVmHWM:\t   61500 kB\nVmRSS:\t   60000 kB\n")
    assert peak_rss_bytes(status) == 61_500 * 1024
    assert peak_rss_bytes(tmp_path / "nothing") is None


def test_peak_memory_of_a_child_is_not_its_parents(int8_path):
    """Where the parent's counted, this ballast would show."""
    ballast = np.ones(40_000_000)
    start = measure_cold_start(int8_path)
    assert start.peak_rss_bytes < ballast.nbytes


def test_a_cold_start_is_the_sum_of_its_parts_and_more(int8_path):
    start = measure_cold_start(int8_path)
    assert start.total_ms > start.import_ms + start.load_ms + start.first_ms
    assert min(dataclasses.astuple(start)) > 0


def test_a_process_that_fails_says_why(tmp_path):
    with pytest.raises(ModelError, match=r"nothing.onnx gave no answer in a new process: .*cannot read the model"):
        measure_cold_start(tmp_path / "nothing.onnx")


def test_the_cold_process_loads_only_the_edge(int8_path):
    code = f"""
import runpy, sys
sys.argv = ["cold_start", {str(int8_path)!r}, "auto", "0"]
runpy.run_module("edgemnist.device.cold_start", run_name="__main__")
print(sorted({{"torch", "onnx", "PIL", "typer"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("}[]\n")


def test_models_take_turns_and_the_least_median_counts(monkeypatch, int8_path):
    """With a clock of ours: 0.1 ms a call in the first two rounds, then 10 ms, as when another program comes."""
    order = []

    def fake(model, images):
        order.append((model.name, len(images)))
        turns = sum(name == model.name for name, _ in order)
        return 0.1 if turns <= 20 else 10.0

    monkeypatch.setattr(module, "_milliseconds", fake)
    result = benchmark([int8_path, default_model("fp32")], 1, Effort(starts=1, rounds=3, calls=10), lambda line: None)
    names = [name for name, _ in order[:60:10]]
    assert names == [int8_path.name, "edgemnist-fp32.onnx"] * 3
    assert result.models[0].best_ms == 0.1
    assert result.models[0].latency_ms.p95 == 10.0
    assert result.models[0].chunk == CHUNKS["classifier"][-1]
    assert result.models[0].throughput == 1e3 * CHUNKS["classifier"][-1] / 10.0


def test_a_wrong_number_of_threads_is_refused(int8_path):
    with pytest.raises(UsageError, match="--threads must be 1 or more"):
        benchmark([int8_path], 0, Effort(), lambda line: None)
