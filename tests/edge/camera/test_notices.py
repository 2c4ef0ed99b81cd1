"""What is said of a source besides its readings: each thing once."""

from datetime import UTC, datetime

import pytest

from edgemnist.camera.frames import Frame, Source, Taken
from edgemnist.camera.notices import Notices
from edgemnist.errors import PictureError
from edgemnist.infer.answers import Answer
from edgemnist.prediction import Prediction

GOOD = Answer("cam", None, Prediction("ok", "7", 7, 0.9, ()), None)
TURNED = Answer("cam", None, Prediction("doubtful", "7", 7, 0.9, ()), None, note="cam may lie on its side")


def bad(why: str = "the picture is damaged") -> Answer:
    return Answer("cam", None, None, PictureError(why))


def said(*answers: Answer, live: bool = True, sizes=(), told: bool = True) -> list[str]:
    """The lines, with the count at the end."""
    lines: list[str] = []
    notices = Notices(Source("cam", pytest.fail, live=live, lasting=live), lines.append)
    for number, answer in enumerate(answers):
        size = sizes[number] if number < len(sizes) else (4, 3)
        notices.frame(Taken(Frame(lambda: b"", size), 3 * number, 0.0, datetime.now(UTC)))
        notices.answer(answer)
        if told:
            notices.told()
    notices.require_answer()
    notices.count()
    return lines


def test_frames_are_counted():
    assert said(GOOD, GOOD, GOOD, live=False) == ["cam: frames read: 3, left out between them: 4"]


def test_a_source_that_never_stood_still_is_said_to():
    assert said(GOOD, GOOD, told=False) == [
        "cam: frames read: 2, left out between them: 2; no reading was the same in 3 frames in a row"
    ]


def test_a_frame_that_cannot_be_read_is_said_once():
    line = "cam: a frame is left out: the picture is damaged"
    assert said(GOOD, bad(), GOOD, bad("another"), GOOD)[:-1] == [line]
    assert said(bad(), bad("another"), GOOD)[:-1] == [line]
    assert said(bad(), bad("another"), GOOD, live=False)[:-1] == [line]


def test_a_file_of_which_no_frame_can_be_read_is_one_line():
    with pytest.raises(PictureError, match="^the picture is damaged$"):
        said(bad(), bad("another"), live=False)
    with pytest.raises(PictureError, match="^cam holds no picture that can be read$"):
        said(live=False)


def test_the_frames_size_is_said_once_when_it_changes():
    sizes = [(4, 3), None, (4, 3), (8, 6), (4, 3), (8, 6)]
    assert said(*[GOOD] * 6, sizes=sizes)[:-1] == ["cam: the frames' size changes from 4x3 to 8x6 pixels"]


def test_a_camera_that_lies_on_its_side_is_said_once():
    assert said(TURNED, GOOD, TURNED)[:-1] == ["cam may lie on its side"]
