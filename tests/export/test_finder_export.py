"""The second kind of network on the whole way: trained by the loop, exported, proven, opened, verified, measured."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import finder_reference as integers
import numpy as np
import onnx
import pytest
import toy_finder

from edgemnist.device.benchmark import Effort, benchmark
from edgemnist.device.benchmark_report import as_text
from edgemnist.errors import CheckError, ModelError, UsageError
from edgemnist.export import exporter
from edgemnist.export.kinds import SUBJECTS
from edgemnist.export.record import Origin
from edgemnist.model.finder import FinderInfo, Map, PageTest, decode_pages, encode_pages, map_values
from edgemnist.model.kinds import FORMAT_VERSION, from_metadata, to_metadata
from edgemnist.model.opened import default_model, open_finder, open_model, run_values
from edgemnist.model.selftest import require_selftest
from edgemnist.model.session import run_outputs
from edgemnist.train import checkpoint, kinds, loop
from edgemnist.train.checkpoint import build_network, load_checkpoint

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build/arm64"
PYTHON = PLACE / "device/bookworm/lib/edgemnist/current/bin/python"
LEAST_SCORE = 0.9
"""F1 of the toy's cells; measured 0.97."""
SIZES = [(32, 64), (96, 160)]


@pytest.fixture(scope="module", autouse=True)
def _second_kind() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(kinds.KINDS, "finder", toy_finder.TRAINABLE)
        patch.setitem(SUBJECTS, "finder", lambda checkpoint, network, data: toy_finder.toy_subject(network))
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_finder.train_toy(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def exported(run):
    checkpoint = load_checkpoint(run / "checkpoint.pt")
    subject = toy_finder.toy_subject(build_network(checkpoint))
    return exporter.export_subject(
        subject, Origin(checkpoint, "c" * 64), run, quantize=True, announce=lambda line: None
    )


def integer_maps(path: Path, pages: np.ndarray) -> np.ndarray:
    """From the numbers in the file alone."""
    numbers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}

    def layer(name: str) -> integers.Layer:
        return integers.Layer(*(numbers[f"{name}_{part}"] for part in ("weight", "bias", "scale")))

    stem = integers.conv(pages[:, np.newaxis].astype(float), layer("stem"), 4, 2)
    side = integers.conv(integers.conv(stem, layer("down"), 2, 1), layer("side"), 1, 0)
    return integers.conv(integers.add(stem, integers.upsample(side)), layer("heads"), 1, 1)


def edgemnist(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgemnist", *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_loop_trains_it_and_keeps_its_history(run):
    checkpoint = load_checkpoint(run / "checkpoint.pt")
    assert (checkpoint.recipe, checkpoint.class_names) == (toy_finder.ToyRecipe(), ())
    assert checkpoint.history[-1].loss < checkpoint.history[0].loss / 2
    assert checkpoint.history[-1].validation_accuracy > LEAST_SCORE
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert metrics == [dataclasses.asdict(record) for record in checkpoint.history]


def test_an_interrupted_training_of_it_ends_in_the_same_bytes(run, tmp_path):
    def stop(event: object) -> None:
        if getattr(event, "epoch", 0) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train(toy_finder.DATA, toy_finder.ToyRecipe(), tmp_path, seed=0, device="cpu", progress=stop)
    assert load_checkpoint(tmp_path / "checkpoint.pt").epoch == 2
    loop.resume(toy_finder.DATA, tmp_path, device="cpu", progress=lambda event: None)
    assert (tmp_path / "checkpoint.pt").read_bytes() == (run / "checkpoint.pt").read_bytes()


def test_an_edgemnist_that_knows_no_finders_refuses_its_checkpoint(run, monkeypatch):
    monkeypatch.setattr(checkpoint, "LESSON_FORMAT", 1)
    with pytest.raises(ModelError, match="has format version 2, and this edgemnist reads up to 1: upgrade edgemnist"):
        load_checkpoint(run / "checkpoint.pt")


def test_files_have_their_names_and_describe_themselves(exported):
    for model, precision, kind in zip(exported, ("fp32", "int8"), (np.float32, np.uint8), strict=True):
        assert model.path.name == f"edgemnist-finder-{precision}.onnx"
        opened = open_finder(model.path)
        assert (opened.info.kind, opened.info.precision, opened.info.format_version) == ("finder", precision, 2)
        assert [(found.name, found.channels) for found in opened.info.maps] == list(toy_finder.MAPS)
        assert opened.info.score > LEAST_SCORE
        pages = toy_finder.squares(1, 2)[0]
        (maps,) = run_outputs(opened.session, pages, opened.info.interface)
        assert (maps.dtype, maps.shape) == (kind, (2, 17, 16, 24))


@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_int8_maps_are_numpys_integers(exported, size, optimize):
    path, pages = exported[1].path, toy_finder.squares(2, 3, size)[0]
    opened = open_finder(path, optimize=optimize)
    (maps,) = run_outputs(opened.session, pages, opened.info.interface)
    np.testing.assert_array_equal(maps, integer_maps(path, pages))
    assert np.mean((maps > 0) & (maps < 255)) > 0.5


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_both_precisions_find_what_torch_finds(exported, run, size):
    import torch

    network = build_network(load_checkpoint(run / "checkpoint.pt"))
    pages, ink = toy_finder.squares(3, 8, size)
    with torch.inference_mode():
        reference = network(torch.from_numpy(pages)[:, None] / 255).numpy()
    expected = toy_finder.judge(reference, ink).score
    for model, tolerance in zip(exported, (1e-4, 0.6), strict=True):  # measured 4e-6 and 0.2
        values = run_values(open_finder(model.path), pages)
        clipped = reference.clip(values.min(), values.max())
        assert np.abs(values - clipped).max() <= tolerance
        assert toy_finder.judge(values, ink).score == pytest.approx(expected, abs=0.01)


@pytest.fixture
def subject(run, exported, monkeypatch):
    """As exported, with the fp32 graph at hand: torch needs long for it."""
    monkeypatch.setattr(exporter, "build_fp32", lambda network: onnx.load(exported[0].path))
    return toy_finder.toy_subject(build_network(load_checkpoint(run / "checkpoint.pt")))


def export_again(subject, run, folder: Path, portable: bool = False):
    origin = Origin(load_checkpoint(run / "checkpoint.pt"), "c" * 64)
    return exporter.export_subject(
        subject, origin, folder, quantize=True, portable=portable, announce=lambda line: None
    )


def test_portable_maps_are_the_same_bits(subject, exported, run, tmp_path):
    _, portable = export_again(subject, run, tmp_path, portable=True)
    assert {node.domain for node in onnx.load(portable.path).graph.node} == {""}
    np.testing.assert_array_equal(portable.info.selftest.maps, exported[1].info.selftest.maps)


def test_int8_is_the_same_bytes_again(subject, exported, run, tmp_path):
    _, again = export_again(subject, run, tmp_path)
    assert again.path.read_bytes() == exported[1].path.read_bytes()


def test_int8_that_finds_less_is_refused_and_nothing_is_written(subject, run, tmp_path, monkeypatch):
    scores = iter([0.97, 0.96])
    monkeypatch.setattr(type(subject), "score", lambda self, values: next(scores))
    with pytest.raises(CheckError, match="F1 of what is found falls by 1.00 percentage points"):
        export_again(subject, run, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_self_test_passes_and_finds_one_wrong_bit(exported):
    for model in exported:
        opened = open_finder(model.path)
        report = require_selftest(opened)
        assert (report.count, report.agreement) == (2, 1.0)
        assert " 2 pages, max abs diff 0" in str(report)
    selftest = opened.info.selftest
    maps = selftest.maps.copy()
    maps[1, 3, 2, 4] ^= 1
    wrong = dataclasses.replace(opened.info, selftest=PageTest(selftest.pages, maps))
    with pytest.raises(CheckError, match="no parity"):
        require_selftest(dataclasses.replace(opened, info=wrong))


def test_verify_passes_it(exported):
    done = edgemnist("verify", exported[1].path)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "pass")
    assert "2 pages, max abs diff 0.00e+00, agreement 100.00 %" in done.stdout


def test_benchmark_measures_pages(exported):
    paths = [model.path for model in exported]
    result = benchmark(paths, 1, Effort(starts=1, rounds=1, calls=20), lambda line: None)
    assert result.unit == "page of 32x64"
    assert [model.accuracy for model in result.models] == [model.info.score for model in exported]
    assert "one page of 32x64" in as_text(result)
    with pytest.raises(UsageError, match="a classifier and a finder cannot be compared"):
        benchmark([paths[0], default_model()], 1, Effort(), lambda line: None)


@pytest.mark.parametrize("size", [(32, 40), (33, 32), (28, 28)])
def test_pages_of_other_sizes_are_refused(exported, size):
    with pytest.raises(ValueError, match="page must be"):
        run_values(open_finder(exported[0].path), np.zeros((1, *size), np.uint8))


def test_metadata_comes_back_as_it_was_written(exported):
    for model in exported:
        again = from_metadata(to_metadata(model.info), "x.onnx")
        assert isinstance(again, FinderInfo)
        for field in dataclasses.fields(FinderInfo):
            if field.name != "selftest":
                assert getattr(again, field.name) == getattr(model.info, field.name)
        np.testing.assert_array_equal(again.selftest.pages, model.info.selftest.pages)
        np.testing.assert_array_equal(again.selftest.maps, model.info.selftest.maps)


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", "reader"), ("maps", "[]"), ("maps", '[{"name": "ink"}]'), ("validation", "{}"), ("selftest", "{}")],
)
def test_damaged_records_are_refused(exported, key, value):
    with pytest.raises(ModelError, match="unreadable metadata"):
        from_metadata(to_metadata(exported[1].info) | {f"edgemnist.{key}": value}, "x.onnx")


def test_the_format_version_is_one_that_older_releases_refuse(exported):
    assert to_metadata(exported[0].info)["edgemnist.format_version"] == str(FORMAT_VERSION) == "2"
    assert "edgemnist.kind" not in to_metadata(open_model(default_model()).info)
    assert to_metadata(open_model(default_model()).info)["edgemnist.format_version"] == "1"


def test_the_self_test_record_of_other_shapes_is_refused():
    pages = PageTest(np.zeros((2, 32, 64), np.uint8), np.zeros((2, 17, 8, 16), np.uint8))
    text = encode_pages(pages)
    assert decode_pages(text, 17, "int8").maps.shape == (2, 17, 8, 16)
    with pytest.raises(ValueError, match="selftest"):
        decode_pages(text, 16, "int8")
    with pytest.raises(ValueError, match="selftest"):
        decode_pages(text.replace("[2, 32, 64]", "[2, 33, 64]"), 17, "int8")


def test_values_of_maps_are_scale_times_what_is_above_the_zero_point():
    maps = np.array([[[[0, 10]], [[30, 255]]]], np.uint8)
    values = map_values(maps, (Map("a", 1, 0.5, 10), Map("b", 1, 2.0, 30)))
    np.testing.assert_array_equal(values, [[[[-5.0, 0.0]], [[0.0, 450.0]]]])


@pytest.mark.arm64
@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a76"])
def test_int8_maps_are_the_same_bits_on_an_emulated_raspberry_pi(cpu, exported):
    if not PYTHON.exists():
        pytest.skip("there is no emulated Raspberry Pi in build/arm64; on Debian, type: make arm64")
    # The emulated system sees nothing but the checkout.
    model, given, found = (PLACE / f"finder-{cpu}{ending}" for ending in (".onnx", "-pages.npz", "-maps.npz"))
    model.write_bytes(exported[1].path.read_bytes())
    pages = {str(size): toy_finder.squares(2, 3, size)[0] for size in SIZES}
    np.savez(given, **pages)
    found.unlink(missing_ok=True)
    command = [ROOT / "tests/arm64/run.sh", "bookworm", cpu, PYTHON, ROOT / "tests/arm64/maps.py"]
    subprocess.run([*command, model, given, found], check=True)
    with np.load(found) as maps:
        for size, some in pages.items():
            for state in ("off", "on"):
                np.testing.assert_array_equal(maps[f"{size}_{state}"], integer_maps(model, some))
