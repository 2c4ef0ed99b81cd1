"""What SOURCE means, and that no password is printed."""

import pytest

from edgemnist.camera.options import CameraOptions, parse_regions
from edgemnist.camera.sources import find_source, without_password
from edgemnist.errors import PictureError, UsageError

MAX_PIXELS = 1_000_000


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://cam.local:554/stream1", "rtsp://cam.local:554/stream1"),
        ("rtsp://bob:secret@cam/stream1", "rtsp://cam/stream1"),
        ("rtsp://bob:secret@cam", "rtsp://cam"),
        ("rtsp://bob:sec@ret@cam/a", "rtsp://cam/a"),
        ("rtsp://bob:sec/ret@cam/a", "rtsp://cam/a"),
        ("rtsp://bob:sec?ret@cam/a", "rtsp://..."),
        ("rtsp://bob:sec#ret@cam/a", "rtsp://cam/a"),
        ("http://cam/video.cgi?user=bob&pwd=secret", "http://cam/video.cgi?..."),
        ("http://cam?pwd=secret", "http://cam?..."),
        ("http://cam/a?mail=bob@home&pwd=secret", "http://..."),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ],
)
def test_addresses_are_shown_without_passwords(address, shown):
    assert without_password(address) == shown
    assert "secret" not in shown
    assert find_source(address, MAX_PIXELS).name == shown


@pytest.mark.parametrize("address", ["ftp://bob:secret@cam/a", "file:///etc/passwd", "://x", "RTMP://cam/a"])
def test_other_addresses_are_refused(address):
    with pytest.raises(UsageError, match="is no address that is read") as refused:
        find_source(address, MAX_PIXELS)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("source", "live", "lasting"),
    [
        ("rpicam", True, True),
        ("/dev/null", True, True),
        ("RTSP://cam/a", True, True),
        ("https://cam/a", True, True),
        (__file__, False, False),
    ],
)
def test_cameras_and_streams_last_and_files_end(source, live, lasting):
    found = find_source(source, MAX_PIXELS)
    assert (found.live, found.lasting) == (live, lasting)


@pytest.mark.parametrize("source", ["/dev/video99", "nowhere.mp4", "a\0b", "/proc/self", "x" * 5000])
def test_what_is_not_there_is_one_line(source):
    with pytest.raises(PictureError):
        find_source(source, MAX_PIXELS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "--rate must be a number of frames a second above 0, not 0"),
        ({"rate": float("nan")}, "--rate must be a number of frames a second above 0, not nan"),
        ({"rate": float("inf")}, "--rate must be a number of frames a second above 0, not inf"),
        ({"every": -1}, "--every must be a number of seconds above 0, not -1"),
        ({"digits": 0}, "--digits must be 1 or more, not 0"),
        (
            {"crop": "0,0,1,1", "regions": {"a": "0,0,1,1"}},
            "--crop and --region both say what is read; give each part a --region",
        ),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, message):
    with pytest.raises(UsageError) as refused:
        CameraOptions(**options)
    assert str(refused.value) == message


def test_regions_have_names():
    assert parse_regions(["a=0,0,1,1", "b b=1%,2,3,4"]) == {"a": "0,0,1,1", "b b": "1%,2,3,4"}
    for texts, message in [
        (["0,0,1,1"], "must be NAME=X,Y,W,H"),
        (["=0,0,1,1"], "must be NAME=X,Y,W,H"),
        (["a=0,0,1,1", "a=0,0,2,2"], "--region a is given twice"),
    ]:
        with pytest.raises(UsageError, match=message):
            parse_regions(texts)
