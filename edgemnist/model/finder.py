"""What is particular to a finder's file: a page in, maps of it out."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.contract import Interface, ModelInfo, Precision, Tensor, parse_common
from edgemnist.model.records import read_json, read_record, record_of, to_json

INPUT_NAME = "page"
"""uint8 (N, 1, H, W), 0 = paper, 255 = full ink; H and W are multiples of `SIZE_STEP`."""
OUTPUT_NAME = "maps"
"""(N, C, H / 4, W / 4) without sigmoid: float32 in an fp32 file, uint8 in an int8 file."""
SIZE_STEP = 32
STRIDE = 4
"""Pixels of the page, each way, for one value of a channel."""


@dataclass(frozen=True)
class Map:
    """What some of the channels say of each place of a page."""

    name: str
    channels: int
    """16 make a map at full size, by depth to space: channel 4 y + x is the pixel (y, x) of each cell of 4x4."""
    scale: float
    """Value = scale * (integer - zero point) in an int8 file; 1 in an fp32 file, where maps are the values."""
    zero_point: int
    """0 in an fp32 file."""


@dataclass(frozen=True)
class FindingRecord:
    """What the model found on the validation pages."""

    count: int
    """Digits there are."""
    found: int
    """Of them."""
    invented: int
    """Finds where there is no digit."""

    @property
    def score(self) -> float:
        """F1 of the finds, 0..1."""
        return 2 * self.found / max(1, self.count + self.found + self.invented)

    def __str__(self) -> str:
        found = f"{self.found:,} of {self.count:,} digits found, {self.invented:,} invented"
        return f"F1 {100 * self.score:.2f} % ({found})"


@dataclass(frozen=True)
class PageTest:
    """A few pages with the maps that the exporter saw: proves the file right on any device."""

    pages: NDArray[np.uint8]
    """(K, H, W)."""
    maps: NDArray[Any]
    """(K, C, H / 4, W / 4), as in the file: uint8 or float32."""


@dataclass(frozen=True)
class FinderInfo(ModelInfo):
    """Everything that a finder's file says about itself."""

    kind = "finder"
    format_version = 2
    file_names = {"fp32": "edgemnist-finder-fp32.onnx", "int8": "edgemnist-finder-int8.onnx"}  # noqa: RUF012
    float_agreement = 0.999  # a value next to 0 may fall on its other side

    maps: tuple[Map, ...]
    """In the order of the channels."""
    validation: FindingRecord
    selftest: PageTest

    @property
    def interface(self) -> Interface:
        """As in docs/model-format.md."""
        return interface(sum(found.channels for found in self.maps), self.precision)

    @property
    def score(self) -> float:
        """F1 of the finds."""
        return self.validation.score

    @property
    def recorded(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Pages and the values of their maps."""
        return self.selftest.pages, self.values(self.selftest.maps)

    def values(self, output: NDArray[Any]) -> NDArray[np.float32]:
        """The maps (N, C, H / 4, W / 4) in real numbers."""
        return map_values(output, self.maps)

    def particulars(self) -> dict[str, str]:
        """The key `kind` among them."""
        return {
            "kind": self.kind,
            "maps": json.dumps([asdict(found) for found in self.maps]),
            "validation": to_json(self.validation),
            "selftest": encode_pages(self.selftest),
        }

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Self:
        """As `ModelInfo.parse`."""
        maps = _read_maps(fields["maps"])
        common = parse_common(fields)
        validation = read_record(FindingRecord, fields["validation"])
        if not 0 <= validation.found <= validation.count or validation.invented < 0:
            raise ValueError(f"validation: {validation.found} of {validation.count} digits found")
        selftest = decode_pages(fields["selftest"], sum(found.channels for found in maps), common["precision"])
        return cls(**common, maps=maps, validation=validation, selftest=selftest)


def interface(channels: int, precision: Precision) -> Interface:
    """The tensors of a finder with so many channels in its maps."""
    return Interface(
        Tensor(INPUT_NAME, "uint8", ("N", 1, "H", "W")),
        (Tensor(OUTPUT_NAME, "uint8" if precision == "int8" else "float", ("N", channels, "H/4", "W/4")),),
    )


def map_values(output: NDArray[Any], maps: tuple[Map, ...]) -> NDArray[np.float32]:
    """scale * (integer - zero point) of (N, C, H / 4, W / 4), float32."""
    channels = [found.channels for found in maps]
    scale, zero = (
        np.repeat(np.array([getattr(found, part) for found in maps], np.float32), channels)[:, np.newaxis, np.newaxis]
        for part in ("scale", "zero_point")
    )
    values = output.astype(np.float32)
    values -= zero
    values *= scale
    return values


_LARGEST_SCALE = 1e30
"""Of a map: 255 of them are a float32."""


def _read_maps(text: str) -> tuple[Map, ...]:
    maps = tuple(record_of(Map, found) for found in read_json(text))
    for found in maps:
        if found.channels < 1 or not 0 < found.scale < _LARGEST_SCALE or not 0 <= found.zero_point <= 255:
            raise ValueError("a map of no channels, or whose scale or zero point is none")
    if len({found.name for found in maps}) != len(maps):
        raise ValueError("two maps of one name")
    return maps


_MAX_BYTES = 4_000_000
"""A bound on what a hostile file can make us unpack: two pages of 192x192 with 39 channels of float32 are 0.8 MB."""


def encode_pages(selftest: PageTest) -> str:
    """JSON: K, H, W as `shape`, and as `content` base64 of the zlib-compressed pages, then the maps, little-endian."""
    raw = selftest.pages.tobytes() + selftest.maps.astype(selftest.maps.dtype.newbyteorder("<")).tobytes()
    content = base64.b64encode(zlib.compress(raw, 9)).decode()
    return json.dumps({"shape": selftest.pages.shape, "content": content})


def decode_pages(text: str, channels: int, precision: Precision) -> PageTest:
    """What `encode_pages` packed, with maps of so many channels.

    Raises:
        KeyError, TypeError, ValueError, zlib.error: the text is not such a record.
    """
    record = read_json(text)
    count, height, width = record["shape"]
    if not all(type(size) is int and size > 0 for size in (count, height, width)):
        raise ValueError("selftest: no shape of pages")
    if height % SIZE_STEP or width % SIZE_STEP:
        raise ValueError(f"selftest: pages of {height}x{width}")
    unpacker = zlib.decompressobj()
    raw = unpacker.decompress(base64.b64decode(record["content"], validate=True), _MAX_BYTES)
    kind = np.dtype("u1" if precision == "int8" else "<f4")
    pixels = count * height * width
    if not unpacker.eof or len(raw) != pixels + pixels // STRIDE**2 * channels * kind.itemsize:
        raise ValueError("selftest: not the bytes of its pages and maps")
    maps = np.frombuffer(raw, kind, offset=pixels).reshape(count, channels, height // STRIDE, width // STRIDE)
    pages = np.frombuffer(raw, np.uint8, pixels).reshape(count, height, width)
    return PageTest(pages, maps.astype(kind.newbyteorder("=")))
