"""MJPEG over HTTP, from a server in the test: pictures, passwords, what goes wrong. No PyAV is needed."""

import base64
import sys

import pytest
from films import filmed, jpeg
from streams import Demand, begin_mjpeg, send_picture, serving

from edgemnist import CameraOptions, watch_camera
from edgemnist.camera import http
from edgemnist.errors import PictureError

ROW = CameraOptions(row=True, rate=1e6)
EACH = CameraOptions(row=True, rate=1e6, every=1e-9)
"""A reading for each frame that is read."""


@pytest.fixture(scope="module")
def pictures(scenes):
    """JPEGs of the first row, and one of another size."""
    (_, scene), *_ = scenes.items()
    found = list(filmed([scene] * 4))
    return [jpeg(frame) for frame in found], jpeg(found[0].resize((300, 90)))


@pytest.fixture
def demand():
    return Demand()


def readings(address, classifier, demand, most=1, options=ROW, announce=pytest.fail):
    """The first readings of a stream; `announce` is given all lines but the last, which counts frames."""
    lines = []
    stream = watch_camera(address, options, classifier, lines.append, demand.clock)
    found = [reading for _, reading in zip(range(most), stream, strict=False)]
    stream.close()
    assert lines.pop().startswith(f"{address.partition('?')[0].replace('bob:s%40c@', '')}")
    for line in lines:
        announce(line)
    return found


def test_a_stream_is_read_without_pyav(classifier, pictures, scenes, demand, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)

    def give(request):
        begin_mjpeg(request)
        while True:
            for picture in pictures[0]:
                demand.wait()
                send_picture(request, picture)

    with serving(give) as address:
        (reading,) = readings(address, classifier, demand)
    assert (reading.text, reading.status, reading.region) == (next(iter(scenes)), "ok", None)
    assert reading.time.utcoffset().total_seconds() == 0
    assert reading.answer.source == address


@pytest.mark.parametrize("scheme", ["Basic", "Digest"])
def test_user_and_password_are_sent_in_the_way_that_is_asked_for(classifier, pictures, demand, scheme):
    came = []

    def give(request):
        given = request.headers.get("Authorization")
        if given is None:
            request.send_response(401)
            request.send_header("WWW-Authenticate", f'{scheme} realm="cam", nonce="n", qop="auth"')
            request.end_headers()
            return
        came.append((given, request.path))
        begin_mjpeg(request)
        while True:
            demand.wait()
            send_picture(request, pictures[0][0])

    with serving(give) as address:
        readings(f"{address.replace('//', '//bob:s%40c@')}/live?channel=1", classifier, demand)
    assert came[0][1] == "/live?channel=1"
    if scheme == "Basic":
        assert came[0][0] == f"Basic {base64.b64encode(b'bob:s@c').decode()}"
    else:
        assert 'username="bob"' in came[0][0]


def test_a_stream_that_breaks_off_is_opened_again(classifier, pictures, demand):
    said = []

    def give(request):
        begin_mjpeg(request)
        for picture in pictures[0]:
            demand.wait()
            send_picture(request, picture)

    with serving(give) as address:
        numbers = [reading.frame for reading in readings(address, classifier, demand, 20, EACH, said.append)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] >= 19
    assert set(said) == {f"{address} ended; trying again until it is back", f"{address} is back"}


def test_a_size_that_changes_is_said_once(classifier, pictures, demand):
    said = []

    def give(request):
        begin_mjpeg(request)
        while True:
            for picture in (pictures[0][0], pictures[1]):
                demand.wait()
                send_picture(request, picture)

    with serving(give) as address:
        readings(address, classifier, demand, 40, EACH, said.append)
    assert len(said) == 1
    assert said[0] in (
        f"{address}: the frames' size changes from 400x120 to 300x90 pixels",
        f"{address}: the frames' size changes from 300x90 to 400x120 pixels",
    )


def fail(give, classifier) -> str:
    with serving(give) as address, pytest.raises(PictureError) as failed:
        next(watch_camera(f"{address}/a?pwd=secret", ROW, classifier, pytest.fail))
    assert "secret" not in str(failed.value)
    return str(failed.value).replace(address, "http://cam")


def test_what_is_no_stream_is_one_line(classifier, pictures):
    def picture(request):
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        request.end_headers()
        request.wfile.write(pictures[0][0])

    def garbage(request):
        begin_mjpeg(request)
        while True:
            request.wfile.write(b"garbage " * 10_000)

    def nothing(request):
        begin_mjpeg(request)

    assert fail(lambda request: request.send_error(404), classifier) == (
        "cannot open http://cam/a?...: the server answers 404 Not Found"
    )
    assert fail(picture, classifier) == (
        "http://cam/a?... is one picture and no stream; docs/camera.md has a loop for it"
    )
    assert fail(garbage, classifier) == (
        "http://cam/a?... holds no JPEG pictures; what is read there is MJPEG, one JPEG behind the other"
    )
    assert fail(nothing, classifier) == "http://cam/a?... ended"


def test_a_server_that_says_nothing_is_one_line(classifier, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_S", 0.05)

    def wait(request):
        request.rfile.read(1)  # until the reader leaves

    assert fail(wait, classifier) == "cannot open http://cam/a?...: it says nothing"


def test_nobody_there_is_one_line(classifier):
    with serving(pytest.fail) as address:
        pass
    with pytest.raises(PictureError, match=r"cannot open http://127.0.0.1:\d+: Connection refused"):
        next(watch_camera(address, ROW, classifier))


@pytest.mark.parametrize("address", ["http://[::1", "http://", "http:///a"])
def test_what_is_no_address_is_one_line(classifier, address):
    with pytest.raises(PictureError, match="cannot open .*: it is no whole address$"):
        next(watch_camera(address, ROW, classifier))
