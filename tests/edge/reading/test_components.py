"""Connected pieces, found from runs, against a flood fill pixel by pixel."""

import numpy as np
import pytest

from edgemnist.reading.components import boxes_of_pieces, find_components


def flood_fill(mask):
    """(H, W) labels by walking from pixel to pixel over all eight neighbours."""
    labels = np.zeros(mask.shape, int)
    count = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        waiting = [start]
        while waiting:
            row, column = waiting.pop()
            if not (0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]):
                continue
            if mask[row, column] and not labels[row, column]:
                labels[row, column] = count
                waiting += [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return labels


def masks():
    random = np.random.default_rng(0)
    for _ in range(200):
        height, width = random.integers(1, 25, 2)
        yield random.random((height, width)) < random.random()
    spiral = np.zeros((15, 15), bool)
    for ring in range(0, 8, 2):
        spiral[ring, ring : 15 - ring] = spiral[ring : 15 - ring, 14 - ring] = True
        spiral[14 - ring, ring : 15 - ring] = spiral[ring + 2 : 15 - ring, ring] = True
    yield spiral


def test_pieces_are_those_of_a_flood_fill():
    for mask in masks():
        expected = flood_fill(mask)
        pieces = find_components(mask)
        assert len(pieces) == expected.max(initial=0)
        pairs = set(zip(pieces.labels.ravel().tolist(), expected.ravel().tolist(), strict=True))
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def test_boxes_and_areas_are_those_of_the_pixels():
    for mask in masks():
        pieces = find_components(mask)
        for number in range(len(pieces)):
            rows, columns = np.nonzero(pieces.labels == number + 1)
            assert pieces.areas[number] == len(rows)
            box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert pieces.boxes[number].tolist() == boxes_of_pieces(mask)[number].tolist() == box
            assert (pieces.widths[number], pieces.heights[number]) == (box[2] - box[0], box[3] - box[1])


def test_some_of_the_pieces_are_numbered_anew():
    mask = np.zeros((9, 9), bool)
    mask[1, 1] = mask[1, 5:8] = mask[5:8, 3] = True
    pieces = find_components(mask)
    chosen = pieces.only(np.array([True, False, True]))
    assert len(chosen) == 2
    assert sorted(np.unique(chosen.labels).tolist()) == [0, 1, 2]
    np.testing.assert_array_equal(chosen.labels > 0, mask & (pieces.labels != 2))
    np.testing.assert_array_equal(chosen.boxes, pieces.boxes[[0, 2]])


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_an_empty_mask_has_no_pieces(shape):
    pieces = find_components(np.zeros(shape, bool))
    assert (len(pieces), pieces.boxes.shape, pieces.labels.shape) == (0, (0, 4), shape)
    assert boxes_of_pieces(np.zeros(shape, bool)).shape == (0, 4)
