"""What is particular to a finder's file."""

from dataclasses import dataclass

from edgemnist.model.contract import Interface, Precision, Tensor

INPUT_NAME = "page"
"""uint8 (N, 1, H, W), 0 = paper, 255 = full ink; H and W are multiples of `SIZE_STEP`."""
OUTPUT_NAME = "maps"
"""(N, C, H / 4, W / 4) without sigmoid: float32 in an fp32 file; uint8 in an int8 file, scale * (map - zero point)."""
SIZE_STEP = 32
STRIDE = 4
"""Pixels of the page, each way, for one value of a map."""


@dataclass(frozen=True)
class Map:
    """What some of the channels say of each place of a page."""

    name: str
    channels: int
    """16 make a map at full size, by depth to space: the channel 4 y + x is the pixel (y, x) of each cell."""
    scale: float
    """Value = scale * (integer - zero point), in an int8 file; 1 and 0 in an fp32 file, whose maps are the values."""
    zero_point: int


def interface(map_count: int, precision: Precision) -> Interface:
    """The tensors of a finder with so many maps."""
    return Interface(
        Tensor(INPUT_NAME, "uint8", ("N", 1, "H", "W")),
        (Tensor(OUTPUT_NAME, "uint8" if precision == "int8" else "float", ("N", map_count, "H/4", "W/4")),),
    )
