"""The fp32 file: its interface, its bytes, and what must not be in it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edgemnist.export.builder import IR_VERSION, OPSET
from edgemnist.export.classifier import fold_network
from edgemnist.export.exporter import export_checkpoint
from edgemnist.export.graph import build_fp32
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.opened import default_model

EXPORTS = Path(__file__).parents[2] / "exports"


@pytest.fixture(params=["fp32", "int8"])
def model(request, exported) -> onnx.ModelProto:
    return onnx.load(getattr(exported, request.param).path)


def test_the_interface_is_the_contracts(model):
    def described(values):
        return [
            (
                value.name,
                value.type.tensor_type.elem_type,
                [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
            )
            for value in values
        ]

    assert described(model.graph.input) == [("image", onnx.TensorProto.UINT8, ["N", 1, 28, 28])]
    assert described(model.graph.output) == [
        ("probabilities", onnx.TensorProto.FLOAT, ["N", 10]),
        ("logits", onnx.TensorProto.FLOAT, ["N", 10]),
    ]


def test_opset_and_ir_version_are_the_documented_ones(model):
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    assert opsets.pop("") == OPSET == 18
    assert opsets in ({}, {"com.microsoft": 1})
    assert model.ir_version == IR_VERSION == 8


def test_the_file_is_one_whole_valid_model(model):
    onnx.checker.check_model(model, full_check=True)
    assert not any(tensor.HasField("data_location") for tensor in model.graph.initializer)


def test_batchnorm_is_gone_and_only_standard_operators_are_left_in_fp32(exported):
    nodes = onnx.load(exported.fp32.path).graph.node
    assert "BatchNormalization" not in {node.op_type for node in nodes}
    assert {node.domain for node in nodes} <= {"", "ai.onnx"}


def test_nothing_in_the_file_tells_of_the_machine_that_built_it(exported):
    for file in (exported.fp32.path, exported.int8.path):
        content = file.read_bytes()
        for trace in (str(Path.home()), str(Path.cwd()), str(exported.checkpoint.parent), sys.prefix, "site-packages"):
            if len(trace) > 1:
                assert trace.encode() not in content, trace
        assert b".py" not in content


def test_nodes_carry_no_notes_of_the_exporter(exported):
    model = onnx.load(exported.fp32.path)
    assert not model.doc_string
    assert not model.graph.doc_string
    assert not model.graph.metadata_props
    assert not any(node.doc_string or node.metadata_props for node in model.graph.node)


def test_a_second_process_exports_the_same_bytes(exported, tmp_path, mnist):
    data = os.environ.get("EDGEMNIST_DATA")
    command = [
        sys.executable,
        "-m",
        "edgemnist",
        "export",
        exported.checkpoint,
        "--quantize",
        "--out",
        tmp_path / "new",
    ]
    subprocess.run(
        command + (["--data", data] if data else []),
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    for name in ClassifierInfo.file_names.values():
        assert (tmp_path / "new" / name).read_bytes() == (exported.checkpoint.parent / name).read_bytes(), name


def test_division_by_255_is_folded_exactly_enough(wild_network):
    """Against float64 arithmetic in numpy: one convolution of a black and of a white image."""
    graph = build_fp32(fold_network(wild_network))
    initializers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    folded = fold_network(wild_network).numbers["conv1"].weight
    np.testing.assert_allclose(initializers["conv1.weight"] * 255.0, folded, rtol=1e-6)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_models_in_exports_are_the_ones_that_are_found(precision):
    assert default_model(precision) == EXPORTS / ClassifierInfo.file_names[precision]


def test_int8_with_its_metadata_is_small(exported):
    assert exported.int8.size_bytes <= 450_000
    assert default_model("int8").stat().st_size <= 450_000


def test_export_announces_what_it_does(checkpoint, mnist, tmp_path):
    lines: list[str] = []
    export_checkpoint(checkpoint, tmp_path, mnist, quantize=False, announce=lines.append)
    assert lines == [
        "asking the torch network, 10,000 validation images",
        "building the fp32 graph, BatchNorm and 1/255 folded",
        "writing and checking edgemnist-fp32.onnx",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["edgemnist-fp32.onnx"]


def test_a_plain_onnxruntime_session_can_run_the_files(exported, mnist):
    """Nothing of ours is needed to use a model."""
    for model in (exported.fp32, exported.int8):
        session = onnxruntime.InferenceSession(model.path, providers=["CPUExecutionProvider"])
        probabilities, logits = session.run(None, {"image": mnist.validation.images[:3, np.newaxis]})
        assert probabilities.shape == logits.shape == (3, 10)
