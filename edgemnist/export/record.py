"""What a model file says of itself, whatever its kind: how it was made, and what was measured."""

import json
from dataclasses import dataclass

import onnx

from edgemnist import __version__
from edgemnist.export.quantize import METHOD, WEIGHT_BITS
from edgemnist.export.subject import MeasuredGraph, Subject
from edgemnist.model.contract import ModelInfo, ParityRecord, QuantizationRecord
from edgemnist.model.parity import compare
from edgemnist.model.session import onnxruntime_version
from edgemnist.train import recipe as recipes
from edgemnist.train.checkpoint import Checkpoint


@dataclass(frozen=True)
class Origin:
    """The checkpoint that an export is made from."""

    checkpoint: Checkpoint
    sha256: str
    """Of its file."""


def model_info(
    model: MeasuredGraph,
    subject: Subject,
    origin: Origin,
    quantization: QuantizationRecord | None,
) -> ModelInfo:
    """The metadata of one file."""
    checkpoint = origin.checkpoint
    training = recipes.to_dict(checkpoint.recipe) | {
        "seed": checkpoint.seed,
        "epochs_trained": checkpoint.epoch,
    }
    return subject.info(
        precision=model.precision,
        training=json.dumps(training),
        data_sha256=checkpoint.data_sha256,
        data_canonical=checkpoint.data_canonical,
        checkpoint_sha256=origin.sha256,
        parity=ParityRecord(
            max_abs_diff=max(report.max_abs_diff for report in model.parity),
            agreement=min(report.agreement for report in model.parity),
            count=len(subject.inputs),
        ),
        quantization=quantization,
        versions=json.dumps(_versions(checkpoint)),
        **subject.particulars(model),
    )


def _versions(checkpoint: Checkpoint) -> dict[str, str]:
    exporter = {"edgemnist": __version__, "onnx": onnx.__version__, "onnxruntime": onnxruntime_version()}
    return checkpoint.versions | exporter


def quantization_record(
    fp32: MeasuredGraph, int8: MeasuredGraph, subject: Subject, *, portable: bool
) -> QuantizationRecord:
    """How int8 was made, and what it costs against fp32 on the validation inputs."""
    drop = 100 * (subject.score(fp32.values) - subject.score(int8.values))
    return QuantizationRecord(
        method=f"{METHOD}, {'standard' if portable else 'onnxruntime'} operators",
        weight_bits=WEIGHT_BITS,
        calibration_count=sum(map(len, subject.training)),
        accuracy_drop=round(float(drop), 6),
        agreement=compare(fp32.values, int8.values, ("fp32", "int8")).agreement,
    )
