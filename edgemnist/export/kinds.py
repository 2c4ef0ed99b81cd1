"""Which kind of network a checkpoint holds, and so what is exported."""

from collections.abc import Callable, Mapping
from typing import Any

from edgemnist.data import DataSet
from edgemnist.export.classifier import classifier_subject
from edgemnist.export.finder_network import finder_subject
from edgemnist.export.subject import Subject
from edgemnist.model.contract import Kind
from edgemnist.train.checkpoint import Checkpoint, build_network

SUBJECTS: Mapping[Kind, Callable[[Checkpoint, Any, DataSet], Subject]] = {
    "classifier": classifier_subject,
    "finder": finder_subject,
}


def load_subject(checkpoint: Checkpoint, data: DataSet) -> Subject:
    """The network of `checkpoint` with what `data` measures it on."""
    return SUBJECTS[checkpoint.recipe.kind](checkpoint, build_network(checkpoint), data)
