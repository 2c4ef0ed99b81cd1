"""Full parity of a model file with the torch checkpoint it came from."""

from pathlib import Path

from edgemnist.data import DataSet
from edgemnist.errors import ModelError
from edgemnist.export.kinds import load_subject
from edgemnist.model.contract import ModelInfo
from edgemnist.model.opened import Model, run_values
from edgemnist.model.parity import ParityLimits, ParityReport, compare, require_parity
from edgemnist.train.checkpoint import load_checkpoint


def require_checkpoint_parity(model: Model[ModelInfo], checkpoint: Path, data: DataSet) -> ParityReport:
    """How `model` agrees with the unfolded torch network over the validation inputs, when within the export's limits.

    An int8 model is judged by its agreement: its outputs differ by rounding.

    Raises:
        ModelError: `checkpoint` is not a usable checkpoint, or of another kind than `model`.
        CheckError: no parity.
    """
    subject = load_subject(load_checkpoint(checkpoint), data)
    if subject.info.kind != model.info.kind:
        raise ModelError(
            f"{checkpoint} is a {subject.info.kind}, and {model.name} a {model.info.kind}: name the checkpoint that it "
            "was exported from"
        )
    report = compare(subject.reference, run_values(model, subject.inputs), (checkpoint.name, model.name))
    int8_limits = ParityLimits(max_abs_diff=float("inf"), min_agreement=subject.gate.agreement_needed(report.count))
    require_parity(report, int8_limits if model.info.precision == "int8" else subject.fp32_limits)
    return report
