"""How a training shows itself on stderr: a progress bar on a terminal, a line an epoch elsewhere."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from edgemnist.train.progress import EpochDone, StepDone


class Display:
    """Prints the events of a training; a context manager, because a terminal's bar must be closed."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._bar: Any = None

    def __enter__(self) -> Self:
        print(f"edgemnist: training in {self._run}", file=sys.stderr)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.render_finish()

    def __call__(self, event: StepDone | EpochDone) -> None:
        """Show `event`."""
        if isinstance(event, EpochDone):
            self._epoch(event)
        elif sys.stderr.isatty():
            self._step(event)

    def _step(self, event: StepDone) -> None:
        if self._bar is None:
            # A resumed training has fewer steps before it: the time left must not count the others.
            left = (event.epochs - event.epoch + 1) * event.steps - event.step + 1
            self._bar = typer.progressbar(length=left, label=f"epoch {event.epoch}/{event.epochs}", file=sys.stderr)
        self._bar.update(1)

    def _epoch(self, event: EpochDone) -> None:
        record = event.record
        line = (
            f"epoch {record.epoch}/{event.epochs}  loss {record.loss:.4f}  "
            f"validation {100 * record.validation_accuracy:.2f} %"
        )
        if self._bar:
            self._bar.label = line
            self._bar.render_progress()
        else:
            print(f"{line}  {event.seconds:.1f} s", file=sys.stderr)
