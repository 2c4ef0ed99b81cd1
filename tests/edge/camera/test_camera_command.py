"""`edgemnist camera` as its users start it: exact lines and exit codes, on standard input and the Pi's own camera."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from ctrl_c import hear_ctrl_c
from PIL import Image

LIMIT_S = 120
"""Nothing here waits so long; this ends a test that would hang."""
TEXTS = ("70592", "05926", "59264")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", re.M)
COUNT = "edgemnist: stdin: frames read: 15, left out between them: 0\n"


@pytest.fixture
def camera(tmp_path, mjpeg):
    """Runs the command on a file of MJPEG as its standard input: every frame is read."""
    film = tmp_path / "film.mjpeg"
    film.write_bytes(mjpeg)

    def run(*arguments: object, stdin: Path = film, path: str = "") -> subprocess.CompletedProcess[str]:
        with stdin.open("rb") as file:
            return subprocess.run(
                [sys.executable, "-m", "edgemnist", "camera", *map(str, arguments)],
                stdin=file,
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}"},
                check=False,
                timeout=LIMIT_S,
            )

    return run


def test_the_table_has_a_line_for_each_change(camera):
    done = camera("-", "--row")
    assert re.sub(r" +[\d.]+ %", "", TIME.sub("", done.stdout)) == "".join(f"{text}\n" for text in TEXTS)
    assert (done.returncode, done.stderr) == (0, COUNT)


def test_a_file_of_mjpeg_is_read_as_standard_input_is_without_pyav(camera):
    done = camera("film.mjpeg", "--row", "--rate", "0.1")
    assert re.sub(r" +[\d.]+ %", "", TIME.sub("", done.stdout)) == "".join(f"{text}\n" for text in TEXTS)
    assert (done.returncode, done.stderr) == (0, COUNT.replace("stdin", "film.mjpeg"))


def test_json_has_the_fields_of_infer_and_three_behind_them(camera, edgemnist, mjpeg):
    done = camera("-", "--row", "--format", "json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    # The third frame of each text, as a picture of its own.
    pictures = mjpeg.split(b"\xff\xd8\xff")[1:]
    for line, number in zip(lines, (2, 7, 12), strict=True):
        (alone,) = edgemnist(
            "infer", "-", "--row", "--format", "json", stdin=b"\xff\xd8\xff" + pictures[number]
        ).stdout.splitlines()
        added = {key: line.pop(key) for key in list(line)[-3:]}
        assert line == json.loads(alone)
        assert list(added) == ["time", "frame", "region"]
        assert (added["frame"], added["region"]) == (number, None)
        assert datetime.fromisoformat(added["time"]).utcoffset().total_seconds() == 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", added["time"])


def test_regions_are_read_each_by_itself(camera):
    done = camera("-", "--row", "--region", "left=0,0,225,120", "--region", "right=225,0,175,120")
    assert re.sub(r" +[\d.]+ %", "", TIME.sub("", done.stdout)) == "".join(
        f"left  {text[:3]}\nright  {text[3:]}\n" for text in TEXTS
    )
    named = camera("-", "--row", "--region", "left=0,0,225,120", "--format", "json").stdout.splitlines()
    assert [json.loads(line)["region"] for line in named] == ["left"] * 3


def test_the_table_says_why_a_reading_is_doubtful(camera):
    lines = camera("-", "--digits", 4).stdout.splitlines()
    assert [re.split("  +", line)[1::2] for line in lines] == [
        [text, "doubtful: 5 digits instead of 4"] for text in TEXTS
    ]


def test_frames_are_turned_and_cut_as_infer_does_it(camera, tmp_path, scenes):
    from films import filmed, jpeg

    (text, scene), *_ = scenes.items()
    film = tmp_path / "turned.mjpeg"
    film.write_bytes(b"".join(jpeg(frame.transpose(Image.Transpose.ROTATE_90)) for frame in filmed([scene] * 3)))
    done = camera("-", "--rotate", 90, "--crop", "0,0,225,120", "--digits", 3, "--format", "json", stdin=film)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["status"], line["label"]) == ("ok", text[:3])


def test_doubtful_digits_are_collected(camera, tmp_path, digits, int8):
    from edgemnist import Classifier

    doubtful = next(image for image in digits if Classifier().predict(image).status == "doubtful")
    film = tmp_path / "doubtful.mjpeg"
    large = Image.fromarray(255 - doubtful).resize((140, 140), Image.Resampling.BICUBIC)
    page = Image.new("L", (240, 240), 255)
    page.paste(large, (50, 50))
    page.save(tmp_path / "page.jpg", quality=95)
    film.write_bytes((tmp_path / "page.jpg").read_bytes() * 4)
    done = camera("-", "--row", "--collect", "mine", stdin=film)
    assert done.returncode == 0
    assert "doubtful" in done.stdout
    assert len(list((tmp_path / "mine" / "unlabeled").iterdir())) >= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "edgemnist: stdin holds no picture that can be read\n"),
        (b"garbage", "edgemnist: stdin holds no picture that can be read\n"),
        (
            bytes(2**21),
            "edgemnist: stdin holds no JPEG pictures; what is read there is MJPEG, one JPEG behind the other\n",
        ),
    ],
)
def test_a_source_without_pictures_is_one_line(camera, tmp_path, content, message):
    (tmp_path / "garbage").write_bytes(content)
    done = camera("-", stdin=tmp_path / "garbage")
    assert (done.returncode, done.stdout, done.stderr) == (4, "", message)


def test_damage_costs_the_frames_that_it_hit(camera, tmp_path, mjpeg):
    film = bytearray(mjpeg)
    film[: len(mjpeg) // 30] = bytes(len(mjpeg) // 30)  # half the first frame
    (tmp_path / "film.mjpeg").write_bytes(film + mjpeg[:3000])
    done = camera("-", "--row")
    assert [line.split()[1] for line in done.stdout.splitlines()] == list(TEXTS)
    assert (done.returncode, done.stderr) == (0, COUNT.replace("15", "14"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["/dev/video99"], 4, "cannot open /dev/video99: No such file or directory; a source is /dev/video0, rpicam, "),
        (["rtmp://bob:secret@cam/a"], 2, "rtmp://cam/a is no address that is read; these begin with rtsp://, "),
        (["-", "--crop", "0,0,500,10"], 2, "--crop 0,0,500,10 reaches beyond the picture, which is 400x120 pixels\n"),
        (["-", "--region", "a=0,0,9,9", "--region", "a=0,0,9,9"], 2, "--region a is given twice; names of regions "),
        (["-", "--region", "a=0,0,500,9"], 2, "--region a 0,0,500,9 reaches beyond the picture, which is 400x120 pix"),
        (
            ["-", "--region", "a=0,0,9,9", "--region", "b=0,0,500,9"],
            2,
            "--region b 0,0,500,9 reaches beyond ",
        ),
        (["-", "--rate", "0"], 2, "--rate must be a number of frames a second above 0, not 0\n"),
    ],
)
def test_what_cannot_be_meant_is_one_line(camera, arguments, code, message):
    done = camera(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"edgemnist: {message}")
    assert done.stderr.count("\n") == 1


def fake_rpicam(folder: Path, script: str) -> str:
    """A folder for PATH, in which `rpicam-vid` is that script."""
    program = folder / "bin" / "rpicam-vid"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}")
    program.chmod(0o755)
    return str(program.parent)


def test_the_pis_camera_that_ends_at_once_is_one_line(camera, tmp_path):
    path = fake_rpicam(tmp_path, "echo 'ERROR: *** no cameras available ***' >&2\nexit 255\n")
    done = camera("rpicam", path=path)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "edgemnist: rpicam: rpicam-vid ended: ERROR: *** no cameras available ***; try: rpicam-hello --list-cameras\n"
    )


def test_the_pis_camera_that_is_not_installed_is_one_line(camera, tmp_path):
    (tmp_path / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "edgemnist", "camera", "rpicam"],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": str(tmp_path / "empty")},
        check=False,
        timeout=LIMIT_S,
    )
    assert (done.returncode, done.stderr) == (
        4,
        "edgemnist: rpicam needs rpicam-vid, which cannot be started: No such file or directory; "
        "on Raspberry Pi OS: sudo apt install rpicam-apps\n",
    )


def start(source: str, stdin: int, path: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "edgemnist", "camera", source, "--row", "--rate", "1000"],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}"},
        preexec_fn=hear_ctrl_c,
    )


def end(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """The exit code and the messages after that signal."""
    process.send_signal(number)
    try:
        _, messages = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    return process.returncode, re.sub(r"\d+(,\d{3})*", "N", messages)


SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
def test_a_signal_ends_it_while_standard_input_hangs(mjpeg, number, code):
    reading, writing = os.pipe()
    process = start("-", reading)
    os.close(reading)
    shown = threading.Event()

    def feed() -> None:
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            while not shown.is_set():
                pipe.write(mjpeg[: len(mjpeg) // 5])  # the first pictures, over and over
            ended.wait(LIMIT_S)

    ended = threading.Event()
    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    assert process.stdout.readline().split()[1] == TEXTS[0]
    shown.set()
    assert end(process, number) == (code, "edgemnist: stdin: frames read: N, left out between them: N\n")
    ended.set()
    feeder.join(LIMIT_S)


@SIGNALS
def test_a_signal_ends_the_pis_camera_too_while_it_hangs(tmp_path, mjpeg, number, code):
    (tmp_path / "film").write_bytes(mjpeg[: len(mjpeg) // 5])
    os.mkfifo(tmp_path / "hangs")
    script = "echo $$ > pid\nwhile [ ! -e stop ]; do cat film; done\necho > hangs\n"
    path = fake_rpicam(tmp_path, f"cd {tmp_path}\n{script}exec sleep {LIMIT_S}\n")
    process = start("rpicam", subprocess.DEVNULL, path)
    assert process.stdout.readline().split()[1] == TEXTS[0]
    (tmp_path / "stop").touch()
    assert (tmp_path / "hangs").read_text() == "\n"
    assert end(process, number) == (code, "edgemnist: rpicam: frames read: N, left out between them: N\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_reader_that_leaves_ends_it(camera, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "film.mjpeg").open("rb") as film:
        done = subprocess.run(
            [sys.executable, "-m", "edgemnist", "camera", "-", "--row"],
            stdin=film,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
    os.close(writing)
    assert (done.returncode, done.stderr) == (7, "edgemnist: stdin: frames read: 3, left out between them: 0\n")
