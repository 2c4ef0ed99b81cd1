"""Prove a model right on this device, from what its file recorded, without torch.

Every model file carries a few dozen images with the logits that its exporter saw, and how many validation
images it answered correctly. A device that computes something else is found out by them.
"""

from edgemnist.data import Split
from edgemnist.errors import CheckError, DataError
from edgemnist.model import metrics
from edgemnist.model.contract import Precision
from edgemnist.model.parity import ParityLimits, ParityReport, compare, require_parity
from edgemnist.model.session import Model, run

LIMITS: dict[Precision, ParityLimits] = {
    # fp32: sums are taken in another order on another CPU; measured 7.6e-6 between graph optimisation off and on.
    "fp32": ParityLimits(max_abs_diff=1e-4, min_agreement=1.0),
    # int8: the same bits on every CPU by construction (docs/int8.md); measured 0 on x86-64, cortex-a53, a72 and a76.
    "int8": ParityLimits(max_abs_diff=0.0, min_agreement=1.0),
}


def run_selftest(model: Model) -> ParityReport:
    """How this device's answers to the self-test record compare with the exporter's."""
    selftest = model.info.selftest
    logits = run(model, selftest.images).logits
    return compare(selftest.logits, logits, ("the exporter's answers", f"{model.name} on this device"))


def require_selftest(model: Model) -> ParityReport:
    """The report of `run_selftest`, when it is within `LIMITS`.

    Raises:
        CheckError: this device computes differently.
    """
    report = run_selftest(model)
    require_parity(report, LIMITS[model.info.precision])
    return report


ACCURACY_TOLERANCE = 0.0002
"""Two of 10,000 images may fall the other way where sums are taken in another order; measured: none."""


def require_record(model: Model, split: Split) -> metrics.Accuracy:
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
