"""When a reading has changed: what is seen once may be a hand or noise, three times in a row it stands there."""

from dataclasses import dataclass

from edgemnist.infer.answers import Answer

STEADY_FRAMES = 3
"""In a row with the same reading, until it counts."""


@dataclass(frozen=True)
class Seen:
    """What the last frames said, and what was told of it."""

    reading: str | None = None
    """Of the last frame."""
    times: int = 0
    """Frames in a row that said so."""
    sure_times: int = 0
    """Of these, the last ones in a row that were sure."""
    told: str | None = None
    """The reading that was told last."""
    told_sure: bool = False


def reading_of(answer: Answer) -> str:
    """What two frames have in common that say the same: digits and marks, or why there are none.

    Blanks and lines are left out: whether a gap is one comes and goes with noise.
    """
    prediction = answer.prediction
    assert prediction  # unreadable frames say nothing
    if prediction.status in ("blank", "several"):
        return prediction.status
    return "".join((answer.page.text if answer.page else prediction.label).split())


def see(seen: Seen, answer: Answer) -> tuple[Seen, bool]:
    """What is known after one more answer, and whether it is to be told.

    It is when the reading is another one than was told, and once more when what was told in doubt has become sure.
    """
    reading, sure = reading_of(answer), answer.status == "ok"
    again = reading == seen.reading
    times = seen.times + 1 if again else 1
    sure_times = (seen.sure_times + 1 if again else 1) if sure else 0
    changed = times >= STEADY_FRAMES and reading != seen.told
    surer = reading == seen.told and not seen.told_sure and sure_times >= STEADY_FRAMES
    if changed or surer:
        return Seen(reading, times, sure_times, reading, sure), True
    return Seen(reading, times, sure_times, seen.told, seen.told_sure), False


def is_steady(seen: Seen) -> bool:
    """Whether the last frame said what was told."""
    return seen.told is not None and seen.reading == seen.told
