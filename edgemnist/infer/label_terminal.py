"""Labels digit after digit with a person at a terminal, or by lines from a file or a pipe."""

import os
import select
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from edgemnist.classifier import Classifier
from edgemnist.data import DIGITS
from edgemnist.errors import PictureError
from edgemnist.infer.labeling import Labeling
from edgemnist.infer.show import as_characters

HELP = "0 to 9: it is that digit; Enter: the guess is right; x: delete it; u: undo; q: end"
_ESCAPE, _END_OF_INPUT = b"\x1b", b"\x04"
_SEQUENCE_BYTES = 32
"""More than any key sends behind an escape."""


@contextmanager
def keys_of(stream: TextIO) -> Iterator[Iterator[str]]:
    """What is typed, one by one: keys of a terminal at once and unseen, lines of anything else; Enter is empty.

    The terminal is as it was in the end, however that comes about.
    """
    if not stream.isatty():
        yield (line.strip() for line in stream)
        return
    descriptor = stream.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)  # Ctrl-C still interrupts
    try:
        yield _keys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _keys(descriptor: int) -> Iterator[str]:
    while (key := os.read(descriptor, 1)) not in (b"", _END_OF_INPUT):
        if key == _ESCAPE:  # an arrow's digits and letters are no keys of ours
            while select.select([descriptor], [], [], 0)[0]:
                os.read(descriptor, _SEQUENCE_BYTES)
        yield key.decode("ascii", "replace").strip()


def label_digits(
    labeling: Labeling, classifier: Classifier, keys: Iterator[str], show: Callable[[str], None], blocks: bool
) -> None:
    """Show digit after digit and label each as the keys say, until they end or none is left.

    `show` is given what a person should see; it is drawn in blocks, or in ASCII.

    Raises:
        StorageError: a digit cannot be moved.
    """
    damaged: set[str] = set()
    undone: str | None = None
    if labeling.waiting():
        show(HELP)
    while True:
        waiting = [name for name in labeling.waiting() if name not in damaged]
        if not waiting and not labeling.can_undo:
            return
        if not waiting:
            show("none is left; u: undo; any other key: end")
            if next(keys, "") != "u":
                return
            undone = labeling.undo()
            continue
        name, undone = undone or waiting[0], None
        try:
            image = labeling.image(name)
        except PictureError as error:  # damaged, or labeled by somebody else meanwhile
            damaged.add(name)
            show(str(error))
            continue
        guess = classifier.predict_images(image[None])[0]
        show("\n".join(f"|{line}|" for line in as_characters(image, plain=not blocks)))
        show(f"{len(waiting):,} left. {guess.label}? ({100 * guess.confidence:.0f} %)")
        for key in keys:
            if key == "u" and (undone := labeling.undo()):
                break
            if key == "x" or (digit := key or guess.label) in DIGITS:
                labeling.delete(name) if key == "x" else labeling.label(name, digit)
                show("deleted" if key == "x" else f"it is a {digit}")
                break
            if key == "q":
                return
            show("nothing to undo" if key == "u" else HELP)
        else:
            return
