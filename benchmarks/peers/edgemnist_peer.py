"""edgemnist's own runner."""

from pathlib import Path

from edgemnist.model.opened import open_model
from edgemnist.model.session import run_chunk


def load(model, threads):
    session = open_model(Path(model), threads=threads).session
    return lambda images: run_chunk(session, images).logits
