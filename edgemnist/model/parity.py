"""Compare the outputs of two models that should be one: a reference and a candidate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.errors import CheckError


@dataclass(frozen=True)
class ParityReport:
    """How far a candidate's logits, or the values of its maps, are from its reference's.

    What they answer is an image's top-1, or on which side of 0 a value of a map lies.
    """

    reference: str
    candidate: str
    count: int
    """Images, or pages."""
    max_abs_diff: float
    """Largest absolute difference; inf when either side has a NaN or an infinity."""
    agreement: float
    """Share of equal answers, 0..1."""
    changed: tuple[int, ...]
    """Positions of the answers that differ."""
    inputs: str = "images"
    """Or pages."""

    def __str__(self) -> str:
        return (
            f"{self.candidate} against {self.reference}: {self.count:,} {self.inputs}, "
            f"max abs diff {self.max_abs_diff:.2e}, agreement {100 * self.agreement:.2f} % "
            f"({len(self.changed)} changed)"
        )


@dataclass(frozen=True)
class ParityLimits:
    """What a candidate must keep to."""

    max_abs_diff: float
    min_agreement: float


def compare(reference: NDArray[np.float32], candidate: NDArray[np.float32], names: tuple[str, str]) -> ParityReport:
    """The parity of two (N, 10) arrays of logits, or (N, C, h, w) of maps; `names` are reference and candidate.

    Raises:
        ValueError: the shapes differ, or there is nothing to compare.
    """
    if reference.shape != candidate.shape or reference.ndim not in (2, 4) or not len(reference):
        raise ValueError(f"cannot compare outputs of shape {reference.shape} with {candidate.shape}")
    finite = bool(np.isfinite(reference).all() and np.isfinite(candidate).all())
    difference = np.abs(reference.astype(np.float64) - candidate) if finite else np.array(np.inf)
    answers, others = ((x.argmax(1) if x.ndim == 2 else x > 0) for x in (reference, candidate))
    changed = np.flatnonzero(answers != others)
    return ParityReport(
        reference=names[0],
        candidate=names[1],
        count=len(reference),
        max_abs_diff=float(difference.max()),
        agreement=1 - len(changed) / answers.size,
        changed=tuple(int(position) for position in changed),
        inputs="images" if reference.ndim == 2 else "pages",
    )


def require_parity(report: ParityReport, limits: ParityLimits) -> None:
    """Return when `report` keeps to `limits`.

    Raises:
        CheckError: it does not; names both sides, the figures and the limits.
    """
    if report.max_abs_diff <= limits.max_abs_diff and report.agreement >= limits.min_agreement:
        return
    raise CheckError(
        f"no parity: {report}; allowed are max abs diff {limits.max_abs_diff:.0e} "
        f"and agreement of at least {100 * limits.min_agreement:.2f} %"
    )
