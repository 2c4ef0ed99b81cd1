"""The export: checkpoint -> folded weights -> graphs -> proof -> files.

Nothing reaches its final name before it has been compared with the torch network it came from: every file is
written beside, opened again as a device would open it, compared, then renamed.
"""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from edgemnist import __version__
from edgemnist.atomic import atomic_path
from edgemnist.data import DataSet
from edgemnist.errors import CheckError, DataError, ModelError
from edgemnist.export.calibrate import calibrate
from edgemnist.export.classifier import fold_network
from edgemnist.export.fold import FoldedNetwork
from edgemnist.export.graph import build_fp32
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import quantize_network
from edgemnist.export.record import MeasuredGraph, Origin, model_info, quantization_record, selftest_positions
from edgemnist.model.contract import (
    FILE_NAMES,
    PRODUCER,
    ModelInfo,
    Precision,
    QuantizationRecord,
    to_metadata,
)
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.parity import ParityLimits, ParityReport, compare, require_parity
from edgemnist.model.session import new_session, open_model, run, run_session
from edgemnist.train.checkpoint import Checkpoint, build_network, load_checkpoint
from edgemnist.train.predict import predict_logits

FP32_LIMITS = ParityLimits(max_abs_diff=1e-4, min_agreement=1.0)
"""Measured on the shipped model: see exports/report.txt."""
MAX_ACCURACY_DROP = 0.1
"""Percentage points that int8 may lose against fp32."""
MIN_INT8_AGREEMENT = 0.998
"""Share of images that int8 must answer as the torch network does."""

Announce = Callable[[str], None]


@dataclass(frozen=True)
class ExportedModel:
    """One file that was written."""

    path: Path
    size_bytes: int
    sha256: str
    """The content digest in the file."""
    info: ModelInfo
    parity: tuple[ParityReport, ...]
    """Against the unfolded torch network: graph optimisation off, then on."""


def export_checkpoint(
    checkpoint: Path, out: Path, data: DataSet, *, quantize: bool, portable: bool = False, announce: Announce
) -> tuple[ExportedModel, ...]:
    """The models exported from `checkpoint` into the folder `out`: fp32, and int8 when `quantize`.

    `portable` writes int8 in standard ONNX operators only: the same logits, bit for bit, but slower in onnxruntime.
    All of them reach their final names, or none. `data` is what the checkpoint was trained on: its validation
    images are compared, its training images calibrate int8. `announce` hears what is being done.

    Raises:
        ModelError: `checkpoint` is not a usable checkpoint, or is not trained yet.
        DataError: `data` is not what it was trained on.
        CheckError: no parity with torch, or int8 fell through its gate.
        StorageError: writing fails.
    """
    trained = _load_trained(checkpoint, data)
    images, labels = data.validation.images, data.validation.labels
    announce(f"asking the torch network, {len(labels):,} validation images")
    network = build_network(trained)
    reference = predict_logits(network, images)
    weights = fold_network(network)
    announce("building the fp32 graph, BatchNorm and 1/255 folded")
    fp32 = _measure(build_fp32(weights), "fp32", reference, images)
    for report in fp32.parity:
        require_parity(report, FP32_LIMITS)
    measured = [fp32]
    record = None
    if quantize:
        announce(f"quantizing to int8, calibrated on {len(data.train):,} training images")
        int8 = _measure(_quantized(weights, data, portable), "int8", reference, images)
        record = quantization_record(fp32, int8, data, portable=portable)
        _require_gate(record, int8.parity)
        measured.append(int8)

    positions = selftest_positions(reference)
    origin = Origin(trained, hashlib.sha256(checkpoint.read_bytes()).hexdigest())
    with contextlib.ExitStack() as stack:
        models = []
        for model in measured:
            announce(f"writing and checking {FILE_NAMES[model.precision]}")
            path = stack.enter_context(atomic_path(out / FILE_NAMES[model.precision]))
            info = model_info(model, origin, data, positions, record if model is not fp32 else None)
            path.write_bytes(_finish(model.graph, info))
            models.append(_proven(model, path, out / FILE_NAMES[model.precision], images))
        return tuple(models)


def _load_trained(path: Path, data: DataSet) -> Checkpoint:
    checkpoint = load_checkpoint(path)
    if not checkpoint.epoch:
        raise ModelError(f"{path} is not trained yet; go on with: edgemnist train --resume {path.parent}")
    if checkpoint.data_sha256 != data.sha256:
        raise DataError(f"{path} was trained on other data; name its folder with --data DIR")
    return checkpoint


def _measure(
    graph: onnx.ModelProto, precision: Precision, reference: NDArray[np.float32], images: NDArray[np.uint8]
) -> MeasuredGraph:
    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    outputs = [run_session(new_session(content, precision, optimize=optimize), images) for optimize in (False, True)]
    parity = tuple(
        compare(reference, run.logits, ("torch", f"{precision}, graph optimisation {state}"))
        for run, state in zip(outputs, ("off", "on"), strict=True)
    )
    return MeasuredGraph(precision, graph, outputs[1], parity)


def _quantized(weights: FoldedNetwork, data: DataSet, portable: bool) -> onnx.ModelProto:
    network = quantize_network(weights, calibrate(weights, [data.train.images]))
    return build_portable(network) if portable else build_nhwc(network)


def _require_gate(record: QuantizationRecord, parity: tuple[ParityReport, ...]) -> None:
    agreement = min(report.agreement for report in parity)
    if record.accuracy_drop > MAX_ACCURACY_DROP or agreement < MIN_INT8_AGREEMENT:
        raise CheckError(
            f"int8 is refused: accuracy falls by {record.accuracy_drop:.2f} percentage points (allowed "
            f"{MAX_ACCURACY_DROP}), agreement with torch is {100 * agreement:.2f} % (at least "
            f"{100 * MIN_INT8_AGREEMENT:.1f}); nothing was written; export without --quantize, or train longer"
        )


def _finish(graph: onnx.ModelProto, info: ModelInfo) -> bytes:
    """The bytes of the file: graph, metadata, digest."""
    graph.producer_name, graph.producer_version = PRODUCER, __version__
    onnx.helper.set_model_props(graph, to_metadata(info) | {DIGEST_KEY: UNSTAMPED})
    return stamp(graph.SerializeToString())


def _proven(model: MeasuredGraph, written: Path, final: Path, images: NDArray[np.uint8]) -> ExportedModel:
    """The file as a device opens it, after it gave the very answers that were compared with torch."""
    opened = open_model(written)
    if not np.array_equal(run(opened, images).logits, model.outputs.logits):
        raise CheckError(f"{final.name} answers differently once written; nothing was kept")
    return ExportedModel(final, written.stat().st_size, opened.sha256, opened.info, model.parity)
