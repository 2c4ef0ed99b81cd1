"""Train or resume on the tiny data set, saying aloud what happens: python training_child.py RUN [EVENT].

At EVENT (`step:EPOCH:STEP`, or `write:N` for the N-th file about to be renamed) it says `at EVENT` and waits to be
killed.
"""

import os
import sys
from pathlib import Path

from tiny_data import make_tiny

from edgemnist.train import loop
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import default_recipe
from edgemnist.train.runs import checkpoint_path

run = Path(sys.argv[1])
stop_at = sys.argv[2] if len(sys.argv) > 2 else ""
writes = 0
sync_file = os.fsync


def reach(event: str) -> None:
    if event == stop_at:
        print("at", event, flush=True)
        sys.stdin.read()


def sync(descriptor: int) -> None:
    global writes
    writes += 1
    reach(f"write:{writes}")
    sync_file(descriptor)


def show(event: StepDone | EpochDone) -> None:
    if isinstance(event, StepDone):
        reach(f"step:{event.epoch}:{event.step}")


os.fsync = sync
data = make_tiny()
if checkpoint_path(run).exists():
    loop.resume(data, run, device="cpu", progress=show)
else:
    loop.train(data, default_recipe(epochs=4, batch_size=100), run, seed=3, device="cpu", progress=show)
print("finished")
