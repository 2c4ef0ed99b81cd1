"""Video files and streams, made in the test with PyAV: every change is told once, in the third frame that shows it."""

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from ctrl_c import hear_ctrl_c
from films import SIZE, filmed, rows
from PIL import Image
from streams import serving

from edgemnist import CameraOptions, Classifier, watch_camera
from edgemnist.camera.frames import Clock
from edgemnist.camera.sources import find_source
from edgemnist.camera.video import OPEN_S
from edgemnist.errors import PictureError
from edgemnist.model.opened import default_model, open_model

TEXTS = ("70592", "05926", "59264")
RATE = 25
"""Frames a second of the films."""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIMIT_S = 120
"""Nothing here waits so long; this ends a test that would hang."""
AT_ONCE_S = OPEN_S - 1
"""Sooner than FFmpeg gives up by itself."""
PIXELS = {"mjpeg": "yuvj420p", "libx264": "yuv420p", "mpeg4": "yuv420p", "ffv1": "yuv420p"}


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture(scope="session")
def frames() -> list[Image.Image]:
    """A row that changes every second."""
    scenes = rows(open_model(default_model("int8")), TEXTS)
    return list(filmed(scene for scene in scenes for _ in range(RATE)))


def write(path: Path, frames: list[Image.Image], codec: str, options: dict[str, str] | None = None) -> Path:
    """A video of the frames; the end of its name says which container."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options or {})
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = PIXELS[codec]
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(frame.convert("RGB"))))
        container.mux(stream.encode())
    return path


def readings(source, classifier, announce=lambda line: None, **options) -> list[tuple[int, str, str]]:
    """Frame, status and text of each reading."""
    stream = watch_camera(str(source), CameraOptions(**options), classifier, announce, Clock(now=lambda: NOON))
    return [(reading.frame, reading.status, reading.text) for reading in stream]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.mp4", "libx264"),
        ("film.mkv", "mjpeg"),
        ("film.avi", "mpeg4"),
        ("film.mov", "mjpeg"),
        ("film.ts", "libx264"),
    ],
)
def test_each_change_in_a_film_is_told_once_in_the_third_frame_that_is_read(tmp_path, classifier, frames, name, codec):
    """Five of 25 frames a second are read: those at 0, 5, 10 of each second; the third is told."""
    lines = []
    film = write(tmp_path / name, frames, codec)
    found = readings(film, classifier, lines.append, row=True, rate=5)
    assert [(status, text) for _, status, text in found] == [("ok", text) for text in TEXTS]
    for (number, *_), second in zip(found, range(len(TEXTS)), strict=True):
        assert number - (RATE * second + 10) in range(6)  # a container may begin a frame late
    assert len(lines) == 1
    assert lines[0].startswith(f"{film}: frames read: 15, left out between them: ")


def test_a_films_rate_says_which_frames_are_read(tmp_path, classifier, frames):
    film = write(tmp_path / "film.mp4", frames, "libx264")
    assert [number for number, *_ in readings(film, classifier, row=True, rate=25)] == [2, 27, 52]
    assert [number for number, *_ in readings(film, classifier, row=True, rate=1000)] == [2, 27, 52]
    assert readings(film, classifier, row=True, rate=1) == []  # each row is in one frame alone


def test_a_film_that_was_turned_is_read_the_right_way_up(tmp_path, classifier, frames):
    """Phones write how they were held beside the pictures."""
    upright, turned = write(tmp_path / "film.mp4", frames[:3], "libx264"), tmp_path / "turned.mp4"
    lying = [frame.transpose(Image.Transpose.ROTATE_90) for frame in frames[:3]]
    write(turned, lying, "libx264")
    content = turned.read_bytes()
    # The track's matrix: 1 0 0, 0 1 0, 0 0 1 in fixed point -> a quarter turn clockwise.
    plain = b"".join(number.to_bytes(4, "big", signed=True) for number in (65536, 0, 0, 0, 65536, 0, 0, 0, 2**30))
    quarter = b"".join(number.to_bytes(4, "big", signed=True) for number in (0, 65536, 0, -65536, 0, 0, 0, 0, 2**30))
    assert content.count(plain) == 2  # the film's and the track's
    first = content.index(plain) + 1
    place = content.index(plain, first)
    turned.write_bytes(content[:place] + quarter + content[place + len(plain) :])
    options = {"row": True, "rate": 25}
    assert readings(turned, classifier, **options) == readings(upright, classifier, **options) == [(2, "ok", TEXTS[0])]


def test_a_film_of_one_pixel_is_blank(tmp_path, classifier):
    film = write(tmp_path / "film.mkv", [Image.new("L", (2, 2), 200)] * 3, "ffv1")
    assert readings(film, classifier, rate=25) == [(2, "blank", "")]


@pytest.mark.parametrize("codec", ["libx264", "ffv1"])
def test_frames_that_are_too_large_are_refused_before_they_are_unpacked(tmp_path, frames, codec):
    film = write(tmp_path / "film.mkv", frames[:2], codec)
    small = Classifier(max_megapixels=SIZE[0] * SIZE[1] / 1e6 - 0.001)
    with pytest.raises(PictureError, match=r"is too large: 400x120 pixels|holds no picture that can be read"):
        readings(film, small, row=True)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_film_that_is_cut_short_is_read_as_far_as_it_goes(tmp_path, classifier, frames, share):
    film = write(tmp_path / "film.ts", frames, "libx264")
    content = film.read_bytes()
    film.write_bytes(content[: int(len(content) * share)])
    found = readings(film, classifier, row=True, rate=25)
    assert found[0][1:] == ("ok", TEXTS[0])
    assert {text for _, status, text in found if status == "ok"} <= set(TEXTS)


def test_random_damage_is_survived(tmp_path, classifier, frames):
    whole = write(tmp_path / "film.mkv", frames[:10], "mjpeg").read_bytes()
    rng = np.random.default_rng(0)
    for number in range(20):
        hurt = bytearray(whole)
        for place in rng.integers(100, len(hurt), 20):
            hurt[place] = rng.integers(256)
        film = tmp_path / f"{number}.mkv"
        film.write_bytes(hurt)
        try:
            readings(film, classifier, row=True, rate=25)
        except PictureError as error:
            assert str(film) in str(error) or "the picture" in str(error)  # noqa: PT017


def test_what_is_no_film_is_one_line(tmp_path, classifier):
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "empty.mp4").touch()
    for name in ("text.mp4", "empty.mp4"):
        with pytest.raises(PictureError, match=f"cannot open .*{name}: .*; it must be a whole video file"):
            readings(tmp_path / name, classifier)
    with pytest.raises(PictureError, match=r"cannot open /dev/null: .*; list the cameras: v4l2-ctl --list-devices"):
        readings("/dev/null", classifier)


def test_a_film_that_names_other_files_opens_none_of_them(tmp_path, classifier, frames):
    film = write(tmp_path / "film.ts", frames, "libx264")
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nhttp://127.0.0.1:9/{film.name}\n#EXT-X-ENDLIST\n"
    )
    asked = []
    with serving(lambda request: asked.append(request.path)) as address:
        playlist.write_text(playlist.read_text().replace("http://127.0.0.1:9", address))
        with pytest.raises(PictureError):
            readings(playlist, classifier)
    assert asked == []


def test_a_film_over_http_is_read_by_pyav(tmp_path, classifier, frames):
    content = write(tmp_path / "film.ts", frames, "libx264").read_bytes()

    def give(request):
        request.send_response(200)
        request.send_header("Content-Type", "video/mp2t")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    with serving(give) as address:
        source = find_source(f"{address}/film.ts", 40_000_000)
        sizes = [frame.size for frame in source.frames()]
    assert sizes == [SIZE] * len(frames)


def test_a_size_that_changes_in_the_middle_is_followed(tmp_path, classifier, frames):
    """Two films, one behind the other, as a camera that is set to another size sends them."""
    large = write(tmp_path / "a.ts", frames[:5], "libx264").read_bytes()
    smaller = [frame.resize((320, 96)) for frame in frames[RATE : RATE + 5]]
    small = write(tmp_path / "b.ts", smaller, "libx264").read_bytes()
    (tmp_path / "film.ts").write_bytes(large + small)
    lines = []
    found = readings(tmp_path / "film.ts", classifier, lines.append, row=True, rate=25)
    assert [(status, text) for _, status, text in found] == [("ok", text) for text in TEXTS[:2]]
    assert lines[0].endswith(": the frames' size changes from 400x120 to 320x96 pixels")


def test_without_pyav_the_pip_line_is_named(tmp_path, frames):
    film = write(tmp_path / "film.mp4", frames[:3], "libx264")
    code = (
        "import sys\nsys.modules['av'] = None\nsys.argv[1:1] = ['camera']\nfrom edgemnist.process import main\nmain()"
    )
    for source in (film, "rtsp://127.0.0.1:9/a", "/dev/null"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(source)],
            capture_output=True,
            text=True,
            env=os.environ,
            check=False,
            timeout=LIMIT_S,
        )
        assert (done.returncode, done.stdout) == (8, "")
        assert done.stderr == 'edgemnist: av is not installed; this command needs: pip install "edgemnist[camera]"\n'


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_while_ffmpeg_waits_for_a_stream(number, code):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/live"
        process = subprocess.Popen(
            [sys.executable, "-m", "edgemnist", "camera", address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        server.settimeout(LIMIT_S)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(7) == b"OPTIONS"  # it waits for the answer now
            process.send_signal(number)
            try:
                assert process.communicate(timeout=AT_ONCE_S) == ("", "")
            finally:
                process.kill()
    assert process.returncode == code
