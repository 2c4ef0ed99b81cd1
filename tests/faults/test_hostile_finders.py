"""Finder's files that mean harm or are broken, with their digest made right: one line each, and no more."""

import json
from pathlib import Path

import onnx
import pytest
from test_hostile_models import set_metadata, write

from edgemnist.errors import ModelError
from edgemnist.model.opened import open_finder
from edgemnist.model.selftest import require_selftest
from edgemnist.model.shipped import finder_path


def with_map(**values: object) -> str:
    """The maps of the finder that ships, the first of them with other values."""
    maps = [vars(found) for found in open_finder(finder_path()).info.maps]
    return json.dumps([maps[0] | values, *maps[1:]])


def with_selftest(**values: object) -> str:
    """Its self-test with other values."""
    metadata = open_finder(finder_path()).session.get_modelmeta().custom_metadata_map
    return json.dumps(json.loads(metadata["edgemnist.selftest"]) | values)


MAPS = [
    {"scale": 0},
    {"scale": -1.0},
    {"scale": 1e300},
    {"scale": 10**400},
    {"scale": float("nan")},
    {"scale": "1"},
    {"scale": True},
    {"zero_point": -1},
    {"zero_point": 256},
    {"zero_point": 0.5},
    {"channels": 0},
    {"channels": -5},
    {"channels": 10**30},
    {"channels": 1.0},
    {"channels": None},
    {"name": "sides"},
    {"name": 1},
    {"more": 1},
]
SELFTESTS = [
    {"shape": [2, 33, 64]},
    {"shape": [2, 32, 65]},
    {"shape": [2.0, 32, 64]},
    {"shape": ["2", "32", "64"]},
    {"shape": [True, 32, 64]},
    {"shape": [-2, 32, -64]},
    {"shape": [0, 32, 64]},
    {"shape": [2, 32]},
    {"shape": {"2": 0, "32": 0, "64": 0}},
    {"shape": None},
    {"shape": [2, 32 * 10**9, 64 * 10**9]},
    {"shape": [4, 32, 64]},
    {"content": 1},
    {"content": "no base64!"},
    {"content": "AAAA"},
    {"content": ""},
]
OTHERS = [
    ("maps", "[]"),
    ("maps", "{}"),
    ("maps", "1"),
    ("maps", "null"),
    ("maps", '["heat"]'),
    ("maps", "[" * 100_000),
    ("selftest", "[]"),
    ("selftest", "[" * 100_000),
    ("selftest", '{"shape": [1, 32, 32], "shape": [2, 32, 64], "content": ""}'),
    ("validation", '{"count": 3, "found": 4, "invented": 0}'),
    ("validation", '{"count": 3, "found": -1, "invented": 0}'),
    ("validation", '{"count": 3, "found": 1, "invented": -1}'),
    ("validation", '{"correct": 3, "count": 4}'),
    ("kind", "classifier"),
    ("kind", "\x1b[31mfinder"),
    ("precision", "fp32"),
]


@pytest.mark.parametrize(
    ("key", "change"),
    [
        *(("maps", values) for values in MAPS),
        *(("selftest", values) for values in SELFTESTS),
        *OTHERS,
    ],
)
def test_hostile_metadata_is_one_line(tmp_path: Path, key: str, change: str | dict[str, object]) -> None:
    if isinstance(change, dict):
        change = {"maps": with_map, "selftest": with_selftest}[key](**change)
    with pytest.raises(ModelError) as caught:
        open_finder(write(tmp_path / "m.onnx", set_metadata(key, change), finder_path()))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_what_is_not_changed_is_opened(tmp_path: Path) -> None:
    """The control: the same maps and self-test, written anew."""
    for key, value in (("maps", with_map()), ("selftest", with_selftest())):
        require_selftest(open_finder(write(tmp_path / "m.onnx", set_metadata(key, value), finder_path())))


def turned(model: onnx.ModelProto) -> None:
    """Rows and columns of the maps changed places."""
    (order,) = model.graph.node[-1].attribute
    order.ints[:] = [0, 3, 2, 1]


def test_maps_of_another_shape_are_one_line(tmp_path: Path) -> None:
    model = open_finder(write(tmp_path / "m.onnx", turned, finder_path()))
    with pytest.raises(ModelError, match=r"answers in the shape \(2, 55, 16, 8\), not \(2, 55, 8, 16\)"):
        require_selftest(model)
