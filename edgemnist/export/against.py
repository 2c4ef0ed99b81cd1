"""Full parity of a model file with the torch checkpoint it came from."""

from pathlib import Path

from edgemnist.data import Split
from edgemnist.export.exporter import FP32_LIMITS, MIN_INT8_AGREEMENT
from edgemnist.model.parity import ParityLimits, ParityReport, compare, require_parity
from edgemnist.model.session import Model, run
from edgemnist.train.checkpoint import build_network, load_checkpoint
from edgemnist.train.predict import predict_logits


def require_checkpoint_parity(model: Model, checkpoint: Path, split: Split) -> ParityReport:
    """How `model` agrees with the unfolded torch network over `split`, when that is within the export's limits.

    An int8 model is judged by its agreement: its logits differ by rounding.

    Raises:
        ModelError: `checkpoint` is not a usable checkpoint.
        CheckError: no parity.
    """
    reference = predict_logits(build_network(load_checkpoint(checkpoint)), split.images)
    report = compare(reference, run(model, split.images).logits, (checkpoint.name, model.name))
    int8_limits = ParityLimits(max_abs_diff=float("inf"), min_agreement=MIN_INT8_AGREEMENT)
    require_parity(report, int8_limits if model.info.precision == "int8" else FP32_LIMITS)
    return report
