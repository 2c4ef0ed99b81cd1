"""A fixed number of pages, made once and kept beside the run: which page has which number never changes.

Pages with even numbers are trained on; those with odd ones are written with the validation images' digits and judge.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import Split
from edgemnist.train.pages.glyphs import Glyphs, trace_digits
from edgemnist.train.pages.page import CELL, MOST, Page, make_page

SHAPE = (160, 160)
"""Pixels: height and width of a page."""
_FIELDS = {
    "page": (np.uint8, SHAPE),
    "bits": (np.uint8, SHAPE),
    "owner": (np.uint8, (SHAPE[0] // CELL, SHAPE[1] // CELL)),
    "boxes": (np.int16, (MOST, 4)),
    "states": (np.uint8, (MOST,)),
}


@dataclass(frozen=True)
class PageSet:
    """Pages; the fields are those of `Page`, with a first axis of N."""

    page: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    owner: NDArray[np.uint8]
    boxes: NDArray[np.int16]
    states: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.page)


def digits_to_write(split: Split, count: int, seed: int) -> Glyphs:
    """`count` digits of a split, with which the pages of a seed are written."""
    return trace_digits(split, count, np.random.default_rng([seed, 0]))


def numbered_page(glyphs: Glyphs, seed: int, number: int) -> Page:
    """The page of that number, the same whenever and wherever it is made."""
    return make_page(glyphs, SHAPE, np.random.default_rng([seed, 1, number]))


def make_pages(glyphs: Glyphs, seed: int, numbers: range) -> PageSet:
    """The pages of these numbers."""
    arrays = {field: np.zeros((len(numbers), *inner), dtype) for field, (dtype, inner) in _FIELDS.items()}
    return PageSet(**_fill(arrays, glyphs, seed, numbers))


def write_pages(folder: Path, glyphs: Glyphs, seed: int, numbers: range) -> None:
    """Writes the pages of these numbers into a new `folder`, one file for each field; it is there when all are.

    Raises:
        OSError: writing fails.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    arrays = {
        field: np.lib.format.open_memmap(
            unfinished / f"{field}.npy", mode="w+", dtype=dtype, shape=(len(numbers), *inner)
        )
        for field, (dtype, inner) in _FIELDS.items()
    }
    _fill(arrays, glyphs, seed, numbers)
    unfinished.rename(folder)


def open_pages(folder: Path) -> PageSet:
    """The pages in a folder; they stay on disk until they are used.

    Raises:
        OSError, ValueError: they are missing or damaged.
    """
    return PageSet(*(np.load(folder / f"{field.name}.npy", mmap_mode="r") for field in dataclasses.fields(PageSet)))


def _fill(arrays: Mapping[str, NDArray[Any]], glyphs: Glyphs, seed: int, numbers: range) -> Mapping[str, NDArray[Any]]:
    for index, number in enumerate(numbers):
        page = numbered_page(glyphs, seed, number)
        for field, array in arrays.items():
            array[index] = getattr(page, field)
    return arrays
