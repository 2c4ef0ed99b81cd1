"""What is said of an answer besides the answer itself: why there is none, and what the model saw."""

from collections.abc import Callable
from dataclasses import dataclass

from edgemnist.errors import EdgemnistError
from edgemnist.infer.answers import Answer
from edgemnist.reading.limits import MAX_PIXELS


@dataclass(frozen=True)
class Telling:
    """What is said of answers."""

    say: Callable[..., None]
    """Is given the lines."""
    show_input: bool = False
    """Whether what the model saw is said, in characters."""
    save_input: bool = False
    """Whether it is written beside the picture."""
    plain: bool = False
    """Whether those characters are ASCII."""
    rotate: int = 0
    """Degrees by which pictures were turned clockwise before they were read."""
    max_pixels: int = MAX_PIXELS
    """The limit within which a picture is opened again to be shown."""
    labels: bool = False
    """Whether labels are printed, which have no marks: that 12.50 is 1250 there is said then."""


def announce(answer: Answer, how: Telling) -> int:
    """The exit code that `answer` asks for, after the lines that belong to it were said.

    A file that cannot be written costs a line and an exit code, not the answer.
    """
    codes = [answer.exit_code]
    if answer.error or answer.note:
        how.say(str(answer.error or answer.note))
    if how.labels and answer.prediction and answer.left_out:
        how.say(f"{answer.source}: the label {answer.prediction.label} has no marks; with them it is {answer.left_out}")
    if how.show_input and answer.picture is not None:
        from edgemnist.infer.show import as_lines  # draws, with fonts: nothing else that is read needs them

        how.say(answer.source, *as_lines(answer.readings, plain=how.plain))
    if how.save_input and answer.picture is not None:
        from edgemnist.infer.show import save_beside

        try:
            path = save_beside(answer.picture, answer.readings, answer.frame, how.rotate, how.max_pixels, answer.page)
            how.say(f"what the model saw is in {path}")
        except EdgemnistError as error:
            how.say(str(error))
            codes.append(error.exit_code)
    return max(codes)
