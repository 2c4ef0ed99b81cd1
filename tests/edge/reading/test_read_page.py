"""From what was found to what is answered: the digit that stands out, several, and why something is doubtful."""

import numpy as np
import pytest
from finding import NEVER, maps_of, rings
from PIL import Image

from edgemnist.reading.finds import Find
from edgemnist.reading.image import read_digit
from edgemnist.reading.page import read_page, read_rows

BOX_TOLERANCE = 2
"""Pixels: a page has half the pixels of these pictures each way; measured 1."""


def nobody_doubts(images: np.ndarray) -> np.ndarray:
    return np.zeros(len(images))


def picture(gray: np.ndarray) -> Image.Image:
    return Image.fromarray(gray)


ONE, SAME, SMALL = (60, 80, 140, 220), (200, 90, 280, 220), (230, 100, 260, 150)


def test_the_digit_is_cut_out_where_it_is():
    reading = read_digit(picture(rings((400, 300), [ONE], 8)), maps_of)
    assert np.abs(np.subtract(reading.box, ONE)).max() <= BOX_TOLERANCE
    assert (reading.others, reading.doubts) == (0, ())
    assert reading.image.max() == 255


@pytest.mark.parametrize("times", [1, 0.25, 3])
def test_two_digits_of_like_size_are_several_at_every_size_of_picture(times):
    boxes = [tuple(int(side * times) for side in box) for box in (ONE, SAME)]
    gray = rings((int(400 * times), int(300 * times)), boxes, max(2, int(8 * times)))
    assert read_digit(picture(gray), maps_of).others == 1


def test_a_small_thing_beside_a_digit_makes_it_no_several():
    reading = read_digit(picture(rings((400, 300), [ONE, SMALL], 8)), maps_of)
    assert reading.others == 0
    assert np.abs(np.subtract(reading.box, ONE)).max() <= BOX_TOLERANCE


def test_a_page_without_digits_gives_zeros():
    reading = read_digit(picture(np.full((300, 400), 220, np.uint8)), maps_of)
    assert reading.box is None
    assert not reading.image.any()
    assert read_rows(picture(np.full((300, 400), 220, np.uint8)), maps_of, nobody_doubts) == []


def test_rows_are_read_line_by_line():
    boxes = [(20, 20, 60, 90), (80, 30, 120, 95), (30, 130, 70, 200), (90, 125, 130, 195), (150, 130, 190, 200)]
    lines = read_rows(picture(rings((300, 240), boxes[::-1], 6)), maps_of, nobody_doubts)
    found = [[reading.box for reading in line] for line in lines]
    assert [len(line) for line in found] == [2, 3]
    assert np.abs(np.subtract([box for line in found for box in line], boxes)).max() <= BOX_TOLERANCE


def test_ink_of_a_digits_size_that_belongs_to_none_makes_the_nearest_doubtful():
    def find(page: np.ndarray) -> dict[str, np.ndarray]:
        return maps_of(page, lambda box: "other" if box[0] > 0.55 * page.shape[1] else "digit")

    boxes = [(20, 60, 60, 130), (100, 60, 140, 130), (220, 60, 260, 130)]
    ((first, second),) = read_rows(picture(rings((300, 240), boxes, 6)), find, nobody_doubts)
    assert (first.doubts, second.doubts) == ((), ("ink beside it belongs to no digit",))


def test_a_mark_makes_the_digit_beside_it_doubtful():
    def find(page: np.ndarray) -> dict[str, np.ndarray]:
        return maps_of(page, lambda box: "mark" if box[3] - box[1] < 20 else "digit")

    boxes = [(20, 60, 60, 130), (72, 120, 82, 130), (100, 60, 140, 130)]
    ((first, second),) = read_rows(picture(rings((300, 240), boxes, 6)), find, nobody_doubts)
    assert (first.doubts, second.doubts) == (("a mark beside it is not read",), ())


def small_is_mark(page: np.ndarray) -> dict[str, np.ndarray]:
    return maps_of(page, lambda box: "mark" if box[3] - box[1] < 20 else "digit")


def test_marks_and_words_of_a_page_are_read():
    first, second = [(20, 40, 60, 110), (100, 40, 140, 110), (240, 40, 280, 110)], [(20, 150, 60, 220)]
    gray = rings((340, 260), [*first, *second], 6)
    gray[102:110, 76:84] = 0
    (upper, lower) = read_page(picture(gray), small_is_mark, nobody_doubts)
    assert [len(word.digits) for word in upper] == [2, 1]
    (mark,) = upper[0].marks
    assert (mark.kind, mark.place, mark.sign) == ("point", 1, ".")
    assert np.abs(np.subtract(mark.box, (76, 102, 84, 110))).max() <= BOX_TOLERANCE
    assert [(len(word.digits), word.marks) for word in lower] == [(1, ())]
    assert all(digit.doubts == () for word in (*upper, *lower) for digit in word.digits)


def test_ink_of_marks_that_has_the_place_of_none_makes_the_nearest_digit_doubtful():
    gray = rings((240, 160), [(20, 40, 60, 110), (100, 40, 140, 110)], 6)
    gray[24:32, 76:84] = 0
    ((word,),) = read_page(picture(gray), small_is_mark, nobody_doubts)
    assert word.marks == ()
    assert sorted(digit.doubts for digit in word.digits) == [(), ("a mark beside it is not read",)]


@pytest.mark.parametrize(
    ("left", "kind"),
    [(22, "minus"), (38, None), (114, None)],
    ids=["in front of its number", "touching it", "behind a digit"],
)
def test_a_dash_is_sure_only_where_it_is_no_piece_of_a_line(left, kind):
    gray = rings((240, 160), [(60, 40, 100, 110), (150, 40, 190, 110)], 6)
    gray[72:78, left : left + 20] = 0
    ((word, *_),) = read_page(picture(gray), small_is_mark, nobody_doubts)
    assert [mark.kind for mark in word.marks] == [kind]


def test_a_leaning_stroke_between_digits_is_a_slash_as_far_as_the_finder_says():
    gray = rings((240, 160), [(20, 40, 60, 110), (140, 40, 180, 110)], 6)
    for row in range(40, 110):
        left = 110 - (row - 40) // 3
        gray[row, left : left + 6] = 0

    def find(share: float) -> Find:
        def maps(page: np.ndarray) -> dict[str, np.ndarray]:
            found = maps_of(page)
            found["mark"] = np.where(found["digit"] > 0, np.float32(np.log(share / (1 - share))), found["mark"])
            return found

        return maps

    ((word,),) = read_page(picture(gray), find(0.4), nobody_doubts)
    assert (len(word.digits), [mark.kind for mark in word.marks]) == (2, ["slash"])
    for share, doubts in ((0.1, ("perhaps a slash",)), (0.01, ())):
        ((word,),) = read_page(picture(gray), find(share), nobody_doubts)
        assert ([digit.doubts for digit in word.digits], word.marks) == ([(), doubts, ()], ())


def test_a_digit_that_the_picture_cuts_off_is_doubtful_and_one_that_touches_its_edge_is_not():
    def cut(beyond: float) -> tuple[str, ...]:
        def find(page: np.ndarray) -> dict[str, np.ndarray]:
            maps = maps_of(page)
            where = maps["heat"][0] > NEVER
            # The finder believes the box larger than the ink: `beyond` of its height is below the picture.
            up, down = (np.exp(maps["sides"][side][where]) for side in (1, 3))
            maps["sides"][3][where] = np.log(down + beyond * (up + down))
            return maps

        gray = rings((200, 160), [(60, 60, 120, 160)], 8)
        return read_digit(picture(gray), find).doubts

    assert cut(0.0) == ()
    assert cut(0.3) == ("it is cut off",)


def test_a_lukewarm_digit_is_doubtful():
    def find(page: np.ndarray) -> dict[str, np.ndarray]:
        maps = maps_of(page)
        maps["heat"] = np.minimum(maps["heat"], np.float32(-0.6))  # 0.35 as a probability
        return maps

    reading = read_digit(picture(rings((400, 300), [ONE], 8)), find)
    assert reading.doubts == ("the finder is unsure of it",)


def test_two_narrow_finds_are_one_digit_where_the_classifier_doubts_that_less():
    """Two halves of a ring, each found as a digit of its own."""
    gray = rings((200, 160), [(60, 40, 120, 130)], 8)
    gray[:, 89:92] = 255

    def prefers(whole: bool) -> int:
        def doubts(images: np.ndarray) -> np.ndarray:
            assert len(images) == 3
            return np.array([1.0, 1.0, 0.0]) if whole else np.array([0.0, 0.0, 1.0])

        return sum(len(line) for line in read_rows(picture(gray), maps_of, doubts))

    assert prefers(whole=False) == 2
    # The halves are half a ring wide each: 30 of 90 pixels.
    assert prefers(whole=True) == 1


def test_a_square_picture_that_a_digit_fills_was_stretched():
    gray = rings((120, 120), [(0, 0, 120, 120)], 14)
    image = read_digit(picture(gray), maps_of).image
    across = np.flatnonzero(image.any(0))
    assert across[-1] - across[0] + 1 == 12  # NARROW, of 20


def test_without_a_finder_the_largest_ink_is_read():
    gray = rings((400, 300), [ONE, SMALL], 8)
    reading = read_digit(picture(gray), None)
    assert "read without the finder" in reading.steps
    assert np.abs(np.subtract(reading.box, ONE)).max() <= BOX_TOLERANCE


def test_without_a_finder_an_empty_page_gives_zeros():
    for gray in (np.full((300, 400), 220, np.uint8), np.full((28, 28), 0, np.uint8)):
        assert read_digit(picture(gray), None).box is None


def test_without_a_finder_the_point_of_an_i_belongs_to_it():
    gray = np.full((200, 200), 255, np.uint8)
    gray[60:160, 90:104] = 0
    gray[36:50, 90:104] = 0
    gray[5:9, 5:9] = 0
    assert np.abs(np.subtract(read_digit(picture(gray), None).box, (90, 36, 104, 160))).max() <= BOX_TOLERANCE
