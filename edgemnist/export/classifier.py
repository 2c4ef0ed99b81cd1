"""What is particular to exporting a classifier."""

from edgemnist.export.fold import FoldedNetwork, as_it_is, fold_batchnorm
from edgemnist.export.layers import Conv, Dense, Layer, MaxPool
from edgemnist.model.contract import INPUT_NAME
from edgemnist.train.network import DigitCnn

LAYERS: tuple[Layer, ...] = (
    Conv("conv1", (INPUT_NAME,), padding=1),
    MaxPool("pool1", ("conv1",)),
    Conv("conv2", ("pool1",), padding=1),
    MaxPool("pool2", ("conv2",)),
    Dense("dense1", ("pool2",), channels=64),
    Dense("dense2", ("dense1",)),
)
OUTPUTS = ("dense2",)


def fold_network(network: DigitCnn) -> FoldedNetwork:
    """The layers of `network` with both BatchNorms folded into the convolutions before them."""
    numbers = {
        "conv1": fold_batchnorm(network.conv1, network.bn1),
        "conv2": fold_batchnorm(network.conv2, network.bn2),
        "dense1": as_it_is(network.dense1),
        "dense2": as_it_is(network.dense2),
    }
    return FoldedNetwork("classifier", LAYERS, OUTPUTS, numbers)
