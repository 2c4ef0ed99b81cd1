"""The finder's maps: peaks become boxes, pixels go to the digit they point to."""

import numpy as np
from finding import NEVER, SURE, maps_of, rings
from PIL import Image

from edgemnist.reading.finds import CELL, SIDE, WAY, boxes_at_peaks, look, owners

BOX_TOLERANCE = 1e-3
"""Pixels: float32 logarithms; measured 4e-6."""
WAY_TOLERANCE = 1e-3
"""Pixels: float32 sums; measured 6e-6."""


def test_a_peak_of_the_heat_is_the_middle_of_a_box():
    heat, sides = np.zeros((16, 20), np.float32), np.zeros((4, 16, 20), np.float32)
    heat[5, 7] = 0.9
    sides[:, 5, 7] = np.log(np.array([10, 20, 6, 31]) / SIDE)
    found, boxes = boxes_at_peaks(heat, sides)
    x, y = 7.5 * CELL, 5.5 * CELL
    assert found.tolist() == [np.float32(0.9)]
    np.testing.assert_allclose(boxes, [[x - 10, y - 20, x + 6, y + 31]], atol=BOX_TOLERANCE)


def test_faint_heat_is_nothing_and_slopes_are_no_peaks():
    heat = np.zeros((16, 16), np.float32)
    heat[3, 3] = 0.29
    heat[10, 8:12] = 0.4, 0.6, 0.9, 0.5
    found, _ = boxes_at_peaks(heat, np.zeros((4, 16, 16), np.float32))
    assert found.tolist() == [np.float32(0.9)]


def test_the_same_digit_is_found_once():
    heat, sides = np.zeros((16, 16), np.float32), np.full((4, 16, 16), 1.0, np.float32)
    heat[8, 6], heat[8, 8] = 0.8, 0.9
    assert boxes_at_peaks(heat, sides)[0].tolist() == [np.float32(0.9)]


def test_boxes_are_found_where_the_digits_are_on_pages_of_any_size():
    boxes = [(12, 9, 40, 55), (61, 20, 80, 60)]
    for size in ((100, 70), (101, 71), (131, 97)):
        finds = look(maps_of, 255 - rings(size, boxes))
        assert finds.digit.shape == finds.to.shape[1:] == (size[1], size[0])
        order = np.argsort(finds.boxes[:, 0])
        np.testing.assert_allclose(finds.boxes[order], boxes, atol=BOX_TOLERANCE)
        assert ((finds.digit > 0.5) == (rings(size, boxes) < 255 - 59)).all()


def test_between_cells_the_way_to_the_middle_is_pillows():
    """Upsampling by triangles, as Pillow does it with whole maps; at the edges too."""
    page = np.full((50, 70), 255, np.uint8)
    maps = maps_of(np.full((96, 96), 255, np.uint8))
    maps["way"] = np.random.default_rng(0).normal(0, 1, (2, 24, 24)).astype(np.float32)
    to = look(lambda padded: maps, page).to
    for axis, way in enumerate(maps["way"]):
        full = np.asarray(Image.fromarray(WAY * way).resize((96, 96), Image.Resampling.BILINEAR))[8:58, 8:78]
        places = np.arange(full.shape[1 - axis]) + 0.5
        np.testing.assert_allclose(to[axis], full + (places if axis == 0 else places[:, None]), atol=WAY_TOLERANCE)


def test_ink_belongs_to_the_digit_that_it_points_to():
    sheet = rings((100, 70), [(12, 9, 40, 55), (61, 20, 80, 60)])
    finds = look(maps_of, 255 - sheet)
    owner = owners(finds)
    left = owner[:, :50][sheet[:, :50] == 0]
    right = owner[:, 50:][sheet[:, 50:] == 0]
    assert len(set(left)) == len(set(right)) == 1
    assert left[0] != right[0]
    assert 0 not in (left[0], right[0])


def test_ink_of_two_digits_that_touch_is_parted_by_where_it_points():
    """One piece of ink, two middles: the left half of the cells points left, the right half right."""
    page = np.zeros((64, 96), np.uint8)
    page[20:44, 16:80] = 255
    maps = {name: np.zeros((count, 16, 24), np.float32) for name, count in (("sides", 4), ("way", 2))}
    maps["heat"] = np.full((1, 16, 24), NEVER, np.float32)
    for name, mask in (("digit", page > 0), ("other", page < 0), ("mark", page < 0)):
        cells = np.where(mask, SURE, NEVER).astype(np.float32).reshape(16, 4, 24, 4)
        maps[name] = cells.transpose(1, 3, 0, 2).reshape(16, 16, 24)
    for column, x in ((8, 34.0), (16, 66.0)):
        maps["heat"][0, 8, column] = SURE
        maps["sides"][:, 8, column] = np.log(16 / SIDE)
        half = slice(4, 12) if column == 8 else slice(12, 20)
        maps["way"][0, :, half] = (x - (np.arange(24)[half] * 4 + 2)) / 16
    maps["way"][1] = (34.0 - (np.arange(16) * 4 + 2)[:, None]) / 16

    def find(padded: np.ndarray) -> dict[str, np.ndarray]:
        assert padded.shape == (64, 96)
        return maps

    owner = owners(look(find, page[8:-8, 8:-8]))
    ink = page[8:-8, 8:-8] > 0
    assert owner[ink].min() > 0
    assert len(set(owner[12:36, 8:36].ravel())) == 1  # left of the middle, but for the seam
    assert len(set(owner[12:36, 44:72].ravel())) == 1
    assert owner[20, 10] != owner[20, 70]
