"""Where trainings lie: a folder for each run, below runs/."""

import contextlib
import fcntl
import itertools
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from edgemnist.errors import ModelError, StorageError, UsageError

RUNS = Path("runs")
CHECKPOINT_NAME = "checkpoint.pt"


def new_run_folder() -> Path:
    """A new, empty folder below runs/, named after this moment; of two trainings that begin in it each gets its own.

    Raises:
        StorageError: it cannot be made.
    """
    moment = datetime.now().strftime("%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        run = RUNS / (moment if number == 1 else f"{moment}-{number}")
        try:
            run.mkdir(parents=True)
        except FileExistsError:
            if RUNS.is_dir():
                continue
            raise StorageError(f"cannot make {run}: {RUNS} is not a folder") from None
        except OSError as error:
            raise StorageError(f"cannot make {run}: {error.strerror or error}; choose another with --out") from error
        return run
    raise AssertionError  # the count has no end


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """No other training works in the folder `run` meanwhile; it is made when it is missing.

    Raises:
        UsageError: one does.
        StorageError: the folder cannot be made or opened.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StorageError(
            f"cannot write {checkpoint_path(run)}: {error.strerror or error}; choose another folder"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise UsageError(f"another training is at work in {run}; wait for its end, or choose another folder") from error
    except OSError:  # a file system without locks
        pass
    try:
        yield
    finally:
        os.close(descriptor)


def checkpoint_path(run: Path) -> Path:
    """Where the checkpoint of a run lies."""
    return run / CHECKPOINT_NAME


def newest_checkpoint() -> Path:
    """The checkpoint below runs/ that was written last.

    Raises:
        ModelError: there is none.
    """
    found: dict[float, Path] = {}
    for path in RUNS.glob(f"*/{CHECKPOINT_NAME}"):
        with contextlib.suppress(OSError):  # gone since the folder was listed
            found[path.stat().st_mtime] = path
    if not found:
        raise ModelError(f"no checkpoint in {RUNS}/; make one with edgemnist train, or name one")
    return found[max(found)]
