"""A network as data: named layers in the order in which they are computed, and the numbers of those that have some.

Every step of the export is one walk over such a tuple. A layer reads layers before it, by name; convolutions and dense
layers alone read the network's input. These have ReLU behind them unless they are an output, so that what stands
between two layers is never negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from edgemnist.model.contract import Kind


@dataclass(frozen=True)
class Conv:
    """A convolution; its kernel's size is that of its weights (out, in, height, width)."""

    name: str
    sources: tuple[str]
    stride: int = 1
    padding: int = 0
    """Zeros on each side."""


@dataclass(frozen=True)
class Dense:
    """Weights (out, K) for all values of its source, in the order channel, row, column."""

    name: str
    sources: tuple[str]
    channels: int | None = None
    """Of a source that has height and width."""


@dataclass(frozen=True)
class MaxPool:
    """The maximum of each 2x2 window."""

    name: str
    sources: tuple[str]


@dataclass(frozen=True)
class Upsample:
    """Each value four times, in a square of 2x2."""

    name: str
    sources: tuple[str]


@dataclass(frozen=True)
class Add:
    """The sum of two layers of one shape."""

    name: str
    sources: tuple[str, str]


@dataclass(frozen=True)
class Concat:
    """The channels of one layer, then those of the other."""

    name: str
    sources: tuple[str, str]


Layer = Conv | Dense | MaxPool | Upsample | Add | Concat
Numbers = TypeVar("Numbers")


@dataclass(frozen=True)
class Network(Generic[Numbers]):
    """The layers of a network of some kind, with the numbers of each convolution and dense layer by its name."""

    kind: Kind
    layers: tuple[Layer, ...]
    outputs: tuple[str, ...]
    """A classifier's one dense layer of logits, or the convolutions whose channels, one after the other, are a
    finder's maps. No layer reads them."""
    numbers: Mapping[str, Numbers]

    def __post_init__(self) -> None:
        for layer in self.layers:
            assert self.input not in layer.sources or isinstance(layer, Conv | Dense)
            assert not {*layer.sources} & {*self.outputs}

    @property
    def input(self) -> str:
        """The name of the network's input."""
        return self.layers[0].sources[0]
