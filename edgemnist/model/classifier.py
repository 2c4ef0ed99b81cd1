"""What is particular to a classifier's file."""

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.model.contract import INPUT_NAME, OUTPUT_NAMES, Interface, Tensor

INTERFACE = Interface(
    Tensor(INPUT_NAME, "uint8", ("N", 1, IMAGE_SIZE, IMAGE_SIZE)),
    tuple(Tensor(name, "float", ("N", CLASS_COUNT)) for name in OUTPUT_NAMES),
)
