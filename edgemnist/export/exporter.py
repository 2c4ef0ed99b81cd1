"""The export: checkpoint -> folded weights -> graphs -> proof -> files.

Nothing reaches its final name before it has been compared with the torch network it came from: every file is
written beside, opened again as a device would open it, compared, then renamed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from edgemnist import __version__
from edgemnist.atomic import atomic_paths
from edgemnist.data import DataSet
from edgemnist.errors import CheckError, DataError, ModelError
from edgemnist.export.builder import interface
from edgemnist.export.calibrate import calibrate
from edgemnist.export.graph import build_fp32
from edgemnist.export.kinds import load_subject
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import quantize_network
from edgemnist.export.record import Origin, model_info, quantization_record
from edgemnist.export.subject import Gate, MeasuredGraph, Subject
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import PRODUCER, ModelInfo, Precision, QuantizationRecord
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.finder import FinderInfo, Map, map_values
from edgemnist.model.kinds import to_metadata
from edgemnist.model.opened import open_any, run_values
from edgemnist.model.parity import ParityReport, compare, require_parity
from edgemnist.model.session import new_session, run_outputs
from edgemnist.train.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint

Announce = Callable[[str], None]


@dataclass(frozen=True)
class ExportedModel:
    """One file that was written."""

    path: Path
    size_bytes: int
    sha256: str
    """The content digest in the file."""
    info: ClassifierInfo | FinderInfo
    parity: tuple[ParityReport, ...]
    """Against the unfolded torch network: graph optimisation off, then on."""


def export_checkpoint(
    checkpoint: Path, out: Path, data: DataSet, *, quantize: bool, portable: bool = False, announce: Announce
) -> tuple[ExportedModel, ...]:
    """The models exported from `checkpoint` into the folder `out`: fp32, and int8 when `quantize`.

    `portable` writes int8 in standard ONNX operators only: the same outputs, bit for bit, but slower in onnxruntime.
    All of them reach their final names, or none. `data` is what the checkpoint was trained on: its validation
    images (or pages of them) are compared, its training images calibrate int8. `announce` hears what is being done.

    Raises:
        ModelError: `checkpoint` is not a usable checkpoint, or is not trained yet.
        DataError: `data` is not what it was trained on.
        CheckError: no parity with torch, or int8 fell through its gate.
        StorageError: writing fails.
    """
    content = read_checkpoint(checkpoint)
    trained = _require_trained(parse_checkpoint(content, checkpoint), checkpoint, data)
    origin = Origin(trained, hashlib.sha256(content).hexdigest())
    subject = load_subject(trained, data)
    return export_subject(subject, origin, out, quantize=quantize, portable=portable, announce=announce)


def export_subject(
    subject: Subject, origin: Origin, out: Path, *, quantize: bool, portable: bool = False, announce: Announce
) -> tuple[ExportedModel, ...]:
    """As `export_checkpoint`, of a network that is at hand with what it is measured on."""
    inputs = f"{subject.folded.input}s"
    announce(f"asking the torch network, {len(subject.inputs):,} validation {inputs}")
    _ = subject.reference  # now, as announced
    announce("building the fp32 graph, BatchNorm and 1/255 folded")
    fp32 = _measure(subject, build_fp32(subject.folded), subject.maps(None), "fp32")
    for report in fp32.parity:
        require_parity(report, subject.fp32_limits)
    measured = [fp32]
    record = None
    if quantize:
        announce(f"quantizing to int8, calibrated on {sum(map(len, subject.training)):,} training {inputs}")
        int8 = _measure(subject, *_quantized(subject, portable), "int8")
        record = quantization_record(fp32, int8, subject, portable=portable)
        _require_gate(subject.gate, record, int8.parity)
        measured.append(int8)

    finals = [out / subject.info.file_names[model.precision] for model in measured]
    with atomic_paths(finals) as written:
        models = []
        for model, path, final in zip(measured, written, finals, strict=True):
            announce(f"writing and checking {final.name}")
            info = model_info(model, subject, origin, record if model is not fp32 else None)
            path.write_bytes(_finish(model.graph, info))
            models.append(_proven(model, path, final, subject))
        return tuple(models)


def _require_trained(checkpoint: Checkpoint, path: Path, data: DataSet) -> Checkpoint:
    if not checkpoint.epoch:
        raise ModelError(f"{path} is not trained yet; go on with: edgemnist train --resume {path.parent}")
    if checkpoint.data_sha256 == data.sha256:
        return checkpoint
    if checkpoint.taught:
        raise DataError(
            f"{path} holds its own digits, and learned them beside MNIST: leave --data out, or name MNIST's"
        )
    if data.pictures:
        raise DataError(
            f"{path} was trained on other data, or on these before pictures came or an older edgemnist divided them "
            f"otherwise; train again: edgemnist train --init {path} --data DIR"
        )
    raise DataError(f"{path} was trained on other data; name its folder with --data DIR")


def _measure(
    subject: Subject,
    graph: onnx.ModelProto,
    maps: tuple[Map, ...],
    precision: Precision,
) -> MeasuredGraph:
    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    tensors = interface(subject.folded, precision)
    off, on = (
        run_outputs(new_session(content, precision, optimize=optimize), subject.inputs, tensors)
        for optimize in (False, True)
    )
    if precision == "int8" and not np.array_equal(off[-1], on[-1]):
        raise CheckError("int8 gives other bits with graph optimisation than without: this onnxruntime is not exact")
    values = [map_values(outputs[-1], maps) if maps else outputs[-1] for outputs in (off, on)]
    parity = tuple(
        compare(subject.reference, found, ("torch", f"{precision}, graph optimisation {state}"))
        for found, state in zip(values, ("off", "on"), strict=True)
    )
    return MeasuredGraph(precision, graph, on, values[1], parity, maps)


def _quantized(subject: Subject, portable: bool) -> tuple[onnx.ModelProto, tuple[Map, ...]]:
    calibration = calibrate(subject.folded, subject.training)
    maps = subject.maps(calibration)
    network = quantize_network(subject.folded, calibration, maps)
    return build_portable(network) if portable else build_nhwc(network), maps


def _require_gate(gate: Gate, record: QuantizationRecord, parity: tuple[ParityReport, ...]) -> None:
    agreement, count = min(report.agreement for report in parity), parity[0].count
    drop_allowed, agreement_needed = gate.drop_allowed(count), gate.agreement_needed(count)
    if record.accuracy_drop > drop_allowed or agreement < agreement_needed:
        raise CheckError(
            f"int8 is refused: {gate.measure} falls by {record.accuracy_drop:.2f} percentage points (allowed "
            f"{drop_allowed}), agreement with torch is {100 * agreement:.2f} % (at least "
            f"{100 * agreement_needed:.1f}); nothing was written; export without --quantize, or train longer"
        )


def _finish(graph: onnx.ModelProto, info: ModelInfo) -> bytes:
    """The bytes of the file: graph, metadata, digest."""
    graph.producer_name, graph.producer_version = PRODUCER, __version__
    onnx.helper.set_model_props(graph, to_metadata(info) | {DIGEST_KEY: UNSTAMPED})
    return stamp(graph.SerializeToString())


def _proven(model: MeasuredGraph, written: Path, final: Path, subject: Subject) -> ExportedModel:
    """The file as a device opens it, after it gave the very answers that were compared with torch."""
    opened = open_any(written)
    if not np.array_equal(run_values(opened, subject.inputs), model.values):
        raise CheckError(f"{final.name} answers differently once written; nothing was kept")
    return ExportedModel(final, written.stat().st_size, opened.sha256, opened.info, model.parity)
