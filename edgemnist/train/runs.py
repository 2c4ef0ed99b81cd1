"""Where trainings lie: a folder for each run, below runs/."""

from datetime import datetime
from pathlib import Path

from edgemnist.errors import ModelError

RUNS = Path("runs")
CHECKPOINT_NAME = "checkpoint.pt"


def new_run_folder() -> Path:
    """A folder below runs/, named after this moment; not made yet."""
    return RUNS / datetime.now().strftime("%Y%m%d-%H%M%S")


def checkpoint_path(run: Path) -> Path:
    """Where the checkpoint of a run lies."""
    return run / CHECKPOINT_NAME


def newest_checkpoint() -> Path:
    """The checkpoint below runs/ that was written last.

    Raises:
        ModelError: there is none.
    """
    found = list(RUNS.glob(f"*/{CHECKPOINT_NAME}"))
    if not found:
        raise ModelError(f"no checkpoint in {RUNS}/; make one with edgemnist train, or name one")
    return max(found, key=lambda path: path.stat().st_mtime)
