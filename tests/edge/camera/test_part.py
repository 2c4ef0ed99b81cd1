"""What frames say, and what of it is told: noise, darkness, a hand, another count of digits; nothing is read twice."""

import pytest
from films import dark, filmed, jpeg, with_hand
from PIL import Image

from edgemnist.camera import part as part_module
from edgemnist.camera.frames import Frame
from edgemnist.camera.options import CameraOptions
from edgemnist.camera.part import Part
from edgemnist.errors import UsageError
from edgemnist.reading.crop import parse_crop

NOISY_FRAMES = 150
"""benchmarks/camera.py has 1,000 and more."""
RATE = 5


def told(classifier, frames, options=CameraOptions(row=True), crop=None) -> list[tuple[int, str, str]]:  # noqa: B008
    """Of each answer that is told: the frame's number, its status, what was read."""
    part = Part(None, crop, classifier, options)
    found = []
    for number, picture in enumerate(frames):
        answer = part.read(Frame(lambda picture=picture: picture, picture.size), "camera")
        news = part.news(answer, number / RATE)
        if news:
            found.append((number, news.status, news.prediction.label))
    return found


def test_each_change_is_told_once_in_the_third_frame(classifier, scenes):
    first, second, third = scenes
    film = [scenes[first]] * 5 + [scenes[second]] * 5 + [scenes[third]] * 5 + [scenes[first]] * 5
    assert told(classifier, filmed(film)) == [(2, "ok", first), (7, "ok", second), (12, "ok", third), (17, "ok", first)]


def test_noise_is_no_change(classifier, scenes):
    (text, scene), *_ = scenes.items()
    assert told(classifier, filmed([scene] * NOISY_FRAMES, seed=1)) == [(2, "ok", text)]


def test_darkness_is_blank_and_noise_in_it_no_change(classifier, scenes):
    (text, scene), *_ = scenes.items()
    film = [scene] * 4 + [dark(scene)] * 30 + [scene] * 4
    assert told(classifier, filmed(film)) == [(2, "ok", text), (6, "blank", ""), (36, "ok", text)]


@pytest.mark.parametrize("frames", [5, 10, 20])
def test_a_hand_that_moves_through_is_no_change(classifier, scenes, frames):
    (text, scene), *_ = scenes.items()
    hand = [with_hand(scene, place / frames) for place in range(frames + 1)]
    assert told(classifier, filmed([scene] * 4 + hand + [scene] * 4)) == [(2, "ok", text)]


def test_a_hand_that_stays_is_told_in_doubt_and_the_row_again_when_it_is_gone(classifier, scenes):
    (text, scene), *_ = scenes.items()
    film = [scene] * 4 + [with_hand(scene, 0.5)] * 6 + [scene] * 4
    (_, *before), (number, status, label), (_, *after) = told(classifier, filmed(film), CameraOptions(digits=len(text)))
    assert before == after == ["ok", text]
    assert number >= 6
    assert (status, label == text) == ("doubtful", False)


def test_every_has_a_reading_told_again(classifier, scenes):
    (_, scene), *_ = scenes.items()
    options = CameraOptions(row=True, every=2)  # seconds, in which ten frames come
    assert [number for number, *_ in told(classifier, filmed([scene] * 40), options)] == [2, 12, 22, 32]


def test_a_reading_that_is_due_but_not_steady_is_doubtful(classifier, scenes):
    first, second, _ = scenes
    options = CameraOptions(row=True, every=1)
    flicker = [scenes[first if number % 2 else second] for number in range(11)]
    assert told(classifier, filmed(flicker), options) == [(5, "doubtful", first), (10, "doubtful", second)]


@pytest.mark.parametrize(("digits", "doubt"), [(5, ""), (4, "5 digits instead of 4"), (6, "5 digits instead of 6")])
def test_another_count_of_digits_is_doubtful(classifier, scenes, digits, doubt):
    (text, scene), *_ = scenes.items()
    (picture,) = filmed([scene])
    answer = Part(None, None, classifier, CameraOptions(digits=digits)).read(Frame(lambda: picture, None), "camera")
    assert (answer.status, answer.prediction.label) == ("doubtful" if doubt else "ok", text)
    assert answer.prediction.doubt == answer.page.row.doubt == doubt
    assert answer.page.status == answer.status


def test_blank_frames_stay_blank_whatever_is_expected(classifier):
    blank = Image.new("L", (80, 40), 220)
    answer = Part(None, None, classifier, CameraOptions(digits=3)).read(Frame(lambda: blank, None), "camera")
    assert (answer.status, answer.prediction.doubt) == ("blank", "")


def test_without_rows_one_digit_is_read(classifier, scenes):
    (text, scene), *_ = scenes.items()
    part = parse_crop("0,0,90,120")
    assert told(classifier, filmed([scene] * 3), CameraOptions(), part) == [(2, "ok", text[0])]
    assert told(classifier, filmed([scene] * 3), CameraOptions()) == [(2, "several", "")]


def test_boxes_are_those_in_the_whole_frame(classifier, scenes):
    (_, scene), *_ = scenes.items()
    (picture,) = filmed([scene])
    options = CameraOptions(row=True)
    whole = Part(None, None, classifier, options).read(Frame(lambda: picture, None), "camera")
    cropped = Part("a", parse_crop("10,5,380,110"), classifier, options).read(Frame(lambda: picture, None), "camera")
    assert cropped.prediction.label == whole.prediction.label
    assert cropped.prediction.box == pytest.approx(whole.prediction.box, abs=2)  # measured: 1


def test_a_part_that_later_frames_do_not_hold_is_left_out_of_them(classifier, scenes):
    (_, scene), *_ = scenes.items()
    (picture,) = filmed([scene])
    part = Part("a", parse_crop("0,0,400,120", option="--region a"), classifier, CameraOptions(row=True))
    small = picture.resize((300, 90))
    with pytest.raises(UsageError, match="--region a 0,0,400,120 reaches beyond the picture, which is 300x90 pixels"):
        part.read(Frame(lambda: small, None), "camera")
    assert part.read(Frame(lambda: picture, None), "camera").status == "ok"
    assert part.read(Frame(lambda: small, None), "camera").status == "unreadable"


def test_the_same_pixels_are_not_read_twice(classifier, scenes, monkeypatch):
    (_, scene), *_ = scenes.items()
    one, other = filmed([scene] * 2)
    reads = []
    read = part_module.answer_content
    monkeypatch.setattr(part_module, "answer_content", lambda *given: reads.append(1) or read(*given))
    part = Part(None, None, classifier, CameraOptions(row=True))
    answers = [part.read(Frame(lambda shown=shown: shown, None), "camera") for shown in (one, one, one, other, one)]
    assert len(reads) == 3
    assert answers[0] is answers[1] is answers[2]
    assert answers[4].prediction == answers[0].prediction


def test_a_frame_that_cannot_be_read_is_an_answer_with_the_reason(classifier, scenes):
    (_, scene), *_ = scenes.items()
    (picture,) = filmed([scene])
    for content, reason in [(jpeg(picture)[:700], "damaged"), (b"nonsense", "is not a picture that can be read")]:
        answer = Part(None, None, classifier, CameraOptions()).read(Frame(lambda: content, None), "camera")  # noqa: B023
        assert answer.status == "unreadable"
        assert reason in str(answer.error)


def test_a_frame_that_is_too_large_is_not_unpacked(classifier):
    answer = Part(None, None, classifier, CameraOptions()).read(Frame(pytest.fail, (8000, 6000)), "camera")
    assert str(answer.error) == (
        "camera is too large: 8000x6000 pixels, the limit is 40 megapixels; set the camera to fewer"
    )
