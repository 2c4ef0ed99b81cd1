"""Prove a model right on this device, from what its file recorded, without torch.

Every model file carries a few dozen images with the logits that its exporter saw, or a few pages with their maps, and
a classifier's how many validation images it answered correctly. A device that computes something else is found out by
them.
"""

from edgemnist.data import Split
from edgemnist.errors import CheckError, DataError
from edgemnist.model import metrics
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import ModelInfo, Precision
from edgemnist.model.opened import Model, run, run_values
from edgemnist.model.parity import ParityLimits, ParityReport, compare, require_parity

MAX_ABS_DIFF: dict[Precision, float] = {
    # fp32: sums are taken in another order on another CPU; measured 7.6e-6 between graph optimisation off and on.
    "fp32": 1e-4,
    # int8: the same bits on every CPU by construction (docs/int8.md); measured 0 on x86-64, cortex-a53, a72 and a76.
    "int8": 0.0,
}


def run_selftest(model: Model[ModelInfo]) -> ParityReport:
    """How this device's answers to the self-test record compare with the exporter's."""
    inputs, values = model.info.recorded
    return compare(values, run_values(model, inputs), ("the exporter's answers", f"{model.name} on this device"))


def require_selftest(model: Model[ModelInfo]) -> ParityReport:
    """The report of `run_selftest`, when it is within `MAX_ABS_DIFF` and the answers are the same.

    Raises:
        CheckError: this device computes differently.
    """
    report = run_selftest(model)
    info = model.info
    agreement = info.float_agreement if info.precision == "fp32" else 1.0
    require_parity(report, ParityLimits(MAX_ABS_DIFF[info.precision], agreement))
    return report


ACCURACY_TOLERANCE = 0.0002
"""Two of 10,000 images may fall the other way where sums are taken in another order; measured: none."""


def require_record(model: Model[ClassifierInfo], split: Split) -> metrics.Accuracy:
    """The accuracy of `model` over validation images, when it is the recorded one within `ACCURACY_TOLERANCE`.

    Raises:
        CheckError: it is not.
        DataError: the record is of another number of images.
    """
    recorded = model.info.validation
    if len(split) != recorded.count:
        raise DataError(
            f"the record of {model.name} is of {recorded.count:,} validation images, these are {len(split):,}; "
            "name the folder of the data it was trained on with --data DIR"
        )
    measured = metrics.accuracy(run(model, split.images).logits.argmax(1), split.labels)
    if abs(measured.value - recorded.accuracy) > ACCURACY_TOLERANCE:
        raise CheckError(
            f"{model.name} answers {measured.correct:,} of {measured.count:,} validation images correctly, "
            f"its record says {recorded.correct:,}; this device computes differently, or the data is other data"
        )
    return measured
