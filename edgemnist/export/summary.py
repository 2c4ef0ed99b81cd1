"""What an export printed: the figures of each file, for people."""

from collections.abc import Sequence

from edgemnist.export.exporter import ExportedModel
from edgemnist.model import metrics
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.finder import FinderInfo


def as_text(models: Sequence[ExportedModel]) -> str:
    """One block for each file that was written."""
    return "\n\n".join(_block(model) for model in models)


def _block(model: ExportedModel) -> str:
    info = model.info
    # What a finder finds is one line, before parity; a classifier's threshold follows it.
    score, threshold = _finds(info) if isinstance(info, FinderInfo) else _answers(info)
    lines = [
        f"{model.path}",
        f"  size        {model.size_bytes:,} bytes, SHA-256 {model.sha256}",
        score,
        *(f"  parity      {report}" for report in model.parity),
        *threshold,
    ]
    if info.quantization:
        record = info.quantization
        inputs, measure = ("pages", "F1") if isinstance(info, FinderInfo) else ("images", "accuracy")
        lines += [
            f"  int8        {measure} drop {record.accuracy_drop:.2f} percentage points, agreement with fp32 "
            f"{100 * record.agreement:.2f} %, {record.weight_bits}-bit weights, "
            f"calibrated on {record.calibration_count:,} training {inputs}",
            f"  method      {record.method}",
        ]
    return "\n".join(lines)


def _answers(info: ClassifierInfo) -> tuple[str, list[str]]:
    accuracy = metrics.accuracy_of_counts(info.validation.correct, info.validation.count)
    confidence = info.confidence
    own = (
        f"\n  yours       {info.own.correct:,} of {info.own.count:,} own digits correct, "
        f"{info.own.learned:,} others learned from"
        if info.own
        else ""
    )
    score = (
        f"  accuracy    {100 * accuracy.value:.2f} % ({accuracy.correct:,} of {accuracy.count:,} correct; "
        f"95 % interval {100 * accuracy.low:.2f} to {100 * accuracy.high:.2f} %){own}"
    )
    threshold = (
        f"  confidence  from {confidence.threshold:.4f} on: {100 * confidence.coverage:.2f} % answered, "
        f"{100 * confidence.error_rate:.3f} % of them wrong (halves of the validation images judge each other)"
    )
    if info.outliers is None:
        return score, [threshold]
    outliers = info.outliers
    evidence = (
        f"  evidence    from {outliers.threshold:.2f} on: {100 * outliers.lost:.2f} % of the validation images are "
        f"below, {100 * outliers.answered:.2f} % of {outliers.count:,} outliers are answered"
    )
    return score, [threshold, evidence]


def _finds(info: FinderInfo) -> tuple[str, list[str]]:
    return f"  finds       {info.validation}", []
