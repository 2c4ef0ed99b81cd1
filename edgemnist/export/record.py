"""What a model file says of itself: how it was made, what was measured, and images with answers to prove it by."""

import json
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from edgemnist import __version__
from edgemnist.data import DataSet
from edgemnist.export.quantize import METHOD, WEIGHT_BITS
from edgemnist.model.contract import (
    ConfidenceRecord,
    ModelInfo,
    ParityRecord,
    Precision,
    QuantizationRecord,
    SelfTest,
    ValidationRecord,
)
from edgemnist.model.metrics import confidence_threshold
from edgemnist.model.parity import ParityReport
from edgemnist.model.session import Outputs, onnxruntime_version
from edgemnist.train import recipe as recipes
from edgemnist.train.checkpoint import Checkpoint

TARGET_ERROR_RATE = 0.001
"""Wrong answers among those given at the default confidence threshold, on validation images."""
NETWORK = (
    "Conv 32 3x3 same - BatchNorm - ReLU - MaxPool 2x2 - Conv 64 3x3 same - BatchNorm - ReLU - MaxPool 2x2 - "
    "Flatten - Dense 128 ReLU - Dense 10 softmax; 421,834 parameters; BatchNorm folded"
)

_SELFTEST_BORDERLINE = 16
_SELFTEST_EASY = 16


@dataclass(frozen=True)
class MeasuredGraph:
    """A graph with what onnxruntime answered to the validation images."""

    precision: Precision
    graph: onnx.ModelProto
    outputs: Outputs
    """With graph optimisation on."""
    parity: tuple[ParityReport, ...]


@dataclass(frozen=True)
class Origin:
    """The checkpoint that an export is made from."""

    checkpoint: Checkpoint
    sha256: str
    """Of its file."""


def selftest_positions(reference: NDArray[np.float32]) -> NDArray[np.intp]:
    """The images with the smallest margin between first and second answer, then some evenly spread ones."""
    ranked = np.sort(reference, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    borderline = np.argsort(margin, kind="stable")[:_SELFTEST_BORDERLINE]
    spread = np.linspace(0, len(reference) - 1, _SELFTEST_EASY).astype(np.intp)
    return np.unique(np.concatenate([borderline, spread]))


def model_info(
    model: MeasuredGraph,
    origin: Origin,
    data: DataSet,
    positions: NDArray[np.intp],
    quantization: QuantizationRecord | None,
) -> ModelInfo:
    """The metadata of one file; the validation images at `positions` (K,) become its self-test."""
    checkpoint, labels = origin.checkpoint, data.validation.labels
    correct = model.outputs.logits.argmax(1) == labels
    training = recipes.to_dict(checkpoint.recipe) | {
        "seed": checkpoint.seed,
        "epochs_trained": checkpoint.epoch,
    }
    return ModelInfo(
        precision=model.precision,
        labels=checkpoint.class_names,
        network=NETWORK,
        training=json.dumps(training),
        data_sha256=checkpoint.data_sha256,
        data_canonical=checkpoint.data_canonical,
        checkpoint_sha256=origin.sha256,
        validation=ValidationRecord(int(correct.sum()), len(labels)),
        parity=ParityRecord(
            max_abs_diff=max(report.max_abs_diff for report in model.parity),
            agreement=min(report.agreement for report in model.parity),
            count=len(labels),
        ),
        confidence=_confidence_record(model.outputs.probabilities.max(1), correct),
        quantization=quantization,
        versions=json.dumps(_versions(checkpoint)),
        selftest=SelfTest(data.validation.images[positions], model.outputs.logits[positions]),
    )


def _confidence_record(confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> ConfidenceRecord:
    even, odd = slice(0, None, 2), slice(1, None, 2)
    # Without any allowed threshold everything below certainty is doubtful.
    threshold = min(1.0, confidence_threshold(confidence[even], correct[even], TARGET_ERROR_RATE).threshold)
    answered = confidence[odd] >= threshold
    wrong = answered & ~correct[odd]
    return ConfidenceRecord(
        threshold=threshold,
        target_error_rate=TARGET_ERROR_RATE,
        coverage=float(answered.sum() / max(1, len(answered))),
        error_rate=float(wrong.sum() / max(1, answered.sum())),
    )


def _versions(checkpoint: Checkpoint) -> dict[str, str]:
    exporter = {"edgemnist": __version__, "onnx": onnx.__version__, "onnxruntime": onnxruntime_version()}
    return checkpoint.versions | exporter


def quantization_record(
    fp32: MeasuredGraph, int8: MeasuredGraph, data: DataSet, *, portable: bool
) -> QuantizationRecord:
    """How int8 was made, and what it costs against fp32 on the validation images."""
    labels = data.validation.labels
    before, after = (model.outputs.logits.argmax(1) for model in (fp32, int8))
    drop = 100 * (np.mean(before == labels) - np.mean(after == labels))
    return QuantizationRecord(
        method=f"{METHOD}, {'standard' if portable else 'onnxruntime'} operators",
        weight_bits=WEIGHT_BITS,
        calibration_count=len(data.train),
        accuracy_drop=round(float(drop), 6),
        agreement=float(np.mean(before == after)),
    )
