"""What is said of an answer besides the answer itself: why there is none, and what the model saw."""

from collections.abc import Callable

from edgemnist.errors import EdgemnistError
from edgemnist.infer.answers import Answer
from edgemnist.infer.show import as_lines, save_beside


def announce(
    answer: Answer, say: Callable[..., None], *, show_input: bool = False, save_input: bool = False, plain: bool
) -> int:
    """The exit code that `answer` asks for, after `say` was given the lines that belong to it.

    With `show_input` that is what the model saw, in characters (in ASCII where `plain`); with `save_input` it is
    written beside the picture too. A file that cannot be written costs a line and an exit code, not the answer.
    """
    codes = [answer.exit_code]
    if answer.error or answer.note:
        say(str(answer.error or answer.note))
    if show_input and answer.picture is not None:
        say(answer.source, *as_lines(answer.readings, plain=plain))
    if save_input and answer.picture is not None:
        try:
            say(f"what the model saw is in {save_beside(answer.picture, answer.readings, answer.frame)}")
        except EdgemnistError as error:
            say(str(error))
            codes.append(error.exit_code)
    return max(codes)
