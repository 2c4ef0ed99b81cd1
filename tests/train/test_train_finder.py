"""The finder in the common loop: pages made once, a few steps, and on from any epoch with the same bytes."""

import shutil

import numpy as np

from edgemnist.train import loop
from edgemnist.train.checkpoint import load_checkpoint
from edgemnist.train.finder import FinderRecipe

RECIPE = FinderRecipe(pages=64, validation_pages=8, glyphs=800, epochs=3, bfloat16=False)
"""Eight steps an epoch."""
LEARNED = 0.9
"""Of the first epoch's mean loss, the last one's; measured 0.79."""


def test_24_steps_on_64_pages_learn_and_go_on_with_the_same_bytes(mnist, tmp_path):
    run, again = tmp_path / "run", tmp_path / "again"

    def keep(event):
        if getattr(event, "step", None) == 1 and event.epoch == 2:
            shutil.copytree(run, again)

    finished = loop.train(mnist, RECIPE, run, seed=0, device="cpu", progress=keep)
    assert finished.history[-1].loss < LEARNED * finished.history[0].loss
    assert len(np.load(run / "pages" / "page.npy", mmap_mode="r")) == RECIPE.pages
    resumed = loop.resume(mnist, again, device="cpu", progress=lambda event: None)
    assert len(load_checkpoint(again / "checkpoint.pt").history) == len(resumed.history) == RECIPE.epochs
    assert (again / "checkpoint.pt").read_bytes() == (run / "checkpoint.pt").read_bytes()
