"""A checkpoint or a model file of the wrong kind where torch is at work: one clear line, exit code 5."""

from pathlib import Path

import pytest

from edgemnist.errors import ModelError
from edgemnist.export.against import require_checkpoint_parity
from edgemnist.export.exporter import export_checkpoint
from edgemnist.model.opened import default_model, open_any
from edgemnist.model.shipped import finder_path
from edgemnist.train.predict import checkpoint_answers
from edgemnist.train.start import Wish, prepare

EXPORTS = Path(__file__).parents[2] / "exports"
CLASSIFIER, FINDER = EXPORTS / "edgemnist.pt", EXPORTS / "edgemnist-finder.pt"


def wish(network: str, init: Path) -> Wish:
    return Wish(network, None, init, only_mine=False, epochs=None, batch_size=None, bfloat16=False)


@pytest.mark.parametrize(
    ("network", "init", "kind"), [("classifier", FINDER, "finder"), ("finder", CLASSIFIER, "classifier")]
)
def test_a_training_begins_with_no_other_network(network, init, kind):
    with pytest.raises(ModelError) as caught:
        prepare(wish(network, init), print)
    assert str(caught.value) == f"{init} is a {kind}; what is needed here is a {network}, or --network {kind}"


@pytest.mark.parametrize(("model", "other"), [(default_model(), FINDER), (finder_path(), CLASSIFIER)])
def test_a_model_is_not_compared_with_another_network(model, other, mnist):
    with pytest.raises(ModelError, match="name the checkpoint that it was exported from"):
        require_checkpoint_parity(open_any(model), other, mnist)


@pytest.mark.parametrize(
    "model", [default_model("fp32"), default_model("int8"), finder_path("fp32"), finder_path("int8")]
)
def test_a_model_is_no_checkpoint(model, mnist, tmp_path):
    for act in (
        lambda: prepare(wish("classifier", model), print),
        lambda: checkpoint_answers(model),
        lambda: export_checkpoint(model, tmp_path, mnist, quantize=True, announce=print),
        lambda: require_checkpoint_parity(open_any(model), model, mnist),
    ):
        with pytest.raises(ModelError, match="is not a checkpoint of edgemnist"):
            act()
    assert list(tmp_path.iterdir()) == []
