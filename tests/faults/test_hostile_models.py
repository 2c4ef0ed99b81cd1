"""Model files that mean harm or are broken, with their digest made right: refused in one line, before they run."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgemnist.data.splits import make_split
from edgemnist.errors import ModelError, UsageError
from edgemnist.evaluate.measure import as_plain, as_text, evaluate
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.opened import MAX_THREADS, default_model, open_model, run

Change = Callable[[onnx.ModelProto], None]


def write(path: Path, change: Change, shipped: Path | None = None) -> Path:
    """A model that ships, fp32 when none is named, changed, with a digest that is right."""
    model = onnx.load(shipped or default_model("fp32"))
    change(model)
    for entry in model.metadata_props:
        if entry.key == DIGEST_KEY:
            entry.value = UNSTAMPED
    path.write_bytes(stamp(model.SerializeToString()))
    return path


def set_metadata(key: str, value: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        for entry in model.metadata_props:
            if entry.key == f"edgemnist.{key}":
                entry.value = value

    return change


def external_data(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="secret.bin")


def function(model: onnx.ModelProto) -> None:
    model.functions.append(
        helper.make_function("d", "f", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])], model.opset_import)
    )


def loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["n", "c"], ["out"], body=body))


def subgraph_in_an_allowed_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("then", helper.make_graph([], "body", [], [])))


def foreign_operator(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("RandomNormal", [], ["noise"], shape=[10]))


def foreign_domain(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "somebody.else"


def huge_tensor(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(TensorProto(name="huge", dims=[1 << 40], data_type=TensorProto.FLOAT, raw_data=b""))


def huge_in_an_attribute(model: onnx.ModelProto) -> None:
    tensor = TensorProto(name="huge", dims=[1 << 20, 1 << 20], data_type=TensorProto.FLOAT, raw_data=b"1234")
    model.graph.node[0].attribute.append(helper.make_attribute("value", tensor))


def huge_shape(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.array([1 << 40]), "shape"))


def huge_file(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(9 << 20, np.float32), "zeros"))


def huge_metadata(model: onnx.ModelProto) -> None:
    model.metadata_props.add(key="note", value="x" * (2 << 20))


def twice(model: onnx.ModelProto) -> None:
    model.metadata_props.add(key="edgemnist.labels", value="[]")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (external_data, "weights that lie in another file"),
        (function, "functions of its own"),
        (loop, "operator Loop"),
        (subgraph_in_an_allowed_operator, "a graph within the graph"),
        (foreign_operator, "operator RandomNormal"),
        (foreign_domain, "operator somebody.else."),
        (huge_tensor, "larger than its values"),
        (huge_in_an_attribute, "larger than its values"),
        (huge_shape, "beyond 65,536"),
        (huge_file, "larger than 32 MB"),
        (huge_metadata, "metadata of more than"),
        (twice, "the same metadata twice"),
    ],
)
def test_what_no_export_of_ours_holds_is_refused_before_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.bin").write_bytes(bytes(1 << 20))
    monkeypatch.setattr("edgemnist.model.opened.new_session", None)  # nothing may get as far as onnxruntime
    with pytest.raises(ModelError, match=message) as caught:
        open_model(write(tmp_path / "m.onnx", change))
    assert "\n" not in str(caught.value)


def five_classes(model: onnx.ModelProto) -> None:
    for tensor in model.graph.initializer:
        if list(tensor.dims) in ([10, 128], [10]):
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:5], tensor.name))
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_value = 5


def other_names(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "answers"
    model.graph.node[-1].output[0] = "answers"


@pytest.mark.parametrize("change", [five_classes, other_names])
def test_outputs_are_checked_when_a_file_is_opened(tmp_path: Path, change: Change) -> None:
    with pytest.raises(ModelError, match="does not have the inputs and outputs"):
        open_model(write(tmp_path / "m.onnx", change))


def not_a_number(model: onnx.ModelProto) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if list(tensor.dims) == [10])
    tensor.CopyFrom(numpy_helper.from_array(np.full(10, np.nan, np.float32), tensor.name))


def wrong_at_run_time(model: onnx.ModelProto) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.data_type == TensorProto.INT64)
    shape = numpy_helper.to_array(tensor).copy()
    shape[-1] = 3000
    tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))


@pytest.mark.parametrize(
    ("change", "message"), [(not_a_number, "no finite number"), (wrong_at_run_time, "cannot run the model|cannot load")]
)
def test_answers_that_cannot_be_meant_are_a_model_error(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        run(open_model(write(tmp_path / "m.onnx", change)), np.zeros((2, 28, 28), np.uint8))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", "[" * 100_000),
        ("labels", '["\\u001b[31m1", "1", "2", "3", "4", "5", "6", "7", "8", "9"]'),
        ("labels", '["\\ud800", "1", "2", "3", "4", "5", "6", "7", "8", "9"]'),
        ("labels", '["", "1", "2", "3", "4", "5", "6", "7", "8", "9"]'),
        ("format_version", "9" * 5000),
        ("format_version", "\N{SUPERSCRIPT TWO}"),
        ("confidence", '{"threshold": null, "target_error_rate": 0.1, "coverage": 1.0, "error_rate": 0.0}'),
        ("confidence", '{"threshold": NaN, "target_error_rate": 0.1, "coverage": 1.0, "error_rate": 0.0}'),
        ("confidence", '{"threshold": "1", "target_error_rate": 0.1, "coverage": 1.0, "error_rate": 0.0}'),
        ("validation", '{"correct": 1, "correct": 2, "count": 3}'),
        ("validation", '{"correct": 4, "count": 3}'),
        ("validation", '{"correct": 0, "count": 0}'),
        ("validation", '{"correct": true, "count": 3}'),
        ("quantization", "false"),
        ("precision", "\x1b[31mfp32"),
    ],
)
def test_hostile_metadata_is_one_line(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_model(write(tmp_path / "m.onnx", set_metadata(key, value)))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_metadata_that_is_no_utf8_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", set_metadata("network", "\x01\x02\x03\x04"))
    content = path.read_bytes().replace(b"\x01\x02\x03\x04", b"\xff\xfe\xfd\xfc")
    at = content.index(DIGEST_KEY.encode()) + len(DIGEST_KEY) + 2
    path.write_bytes(stamp(content[:at] + UNSTAMPED.encode() + content[at + 64 :]))
    with pytest.raises(ModelError, match="no UTF-8"):
        open_model(path)


@pytest.mark.parametrize("threads", [MAX_THREADS + 1, 5000, 2**31])
def test_more_threads_than_any_machine_has_are_refused(threads: int) -> None:
    with pytest.raises(UsageError, match=f"must be {MAX_THREADS} or less"):
        open_model(default_model(), threads=threads)


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ModelError, match="no regular file"):
        open_model(Path("/dev/zero"))


def test_classes_without_images_are_null_in_json_and_a_dash_in_tables() -> None:
    split = make_split(np.zeros((2, 28, 28), np.uint8), np.array([1, 1], np.uint8), "here")
    measured = evaluate(np.eye(10, dtype=np.float32)[[1, 2]], split)
    plain = as_plain(measured, tuple("0123456789"))
    assert plain["recall"] == [None, 0.5, *[None] * 8]
    assert plain["precision"] == [None, 1.0, 0.0, *[None] * 7]
    assert "nan" not in as_text(measured, tuple("0123456789"))
    assert not any(isinstance(value, float) and math.isnan(value) for value in plain.values())
