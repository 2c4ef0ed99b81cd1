"""What stands around every command: closed, full and broken streams, signals, one line for what a user can cause."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgemnist.errors import printable

LIMIT_S = 300
"""Nothing here waits; this ends a test that would hang."""


def shell(place: Path, line: str) -> subprocess.CompletedProcess[str]:
    """`line` in bash, where `edgemnist` is the command, in the folder `place`."""
    function = f'edgemnist() {{ {sys.executable} -m edgemnist "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", function + line],
        cwd=place,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=LIMIT_S,
    )


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("edgemnist infer digit.png >&-", 7, "edgemnist: cannot write the output: it is closed\n"),
        ("edgemnist infer digit.png > /dev/full", 7, "edgemnist: cannot write the output: the disk is full\n"),
        ("edgemnist --help >&-", 7, "edgemnist: cannot write the output: it is closed\n"),
        ("edgemnist --help > /dev/full", 7, "edgemnist: cannot write the output: the disk is full\n"),
        ("edgemnist doctor > /dev/full", 7, "edgemnist: cannot write the output: the disk is full\n"),
        ("edgemnist --version > /dev/full", 7, "edgemnist: cannot write the output: the disk is full\n"),
        ("edgemnist infer - <&-", 4, "edgemnist: cannot read stdin: Bad file descriptor; check the path\n"),
    ],
)
def test_streams_that_are_closed_or_full_are_one_line(digit_png, line, code, message):
    done = shell(digit_png.parent, line)
    assert (done.returncode, done.stderr) == (code, message)


@pytest.mark.parametrize("command", ["--help", "--version", "doctor", "infer digit.png", "verify"])
def test_a_reader_that_leaves_ends_a_command_quietly(digit_png, command):
    # The pipe's reading end is closed before the command writes, whichever of the two starts first.
    done = shell(digit_png.parent, f"(sleep 0; edgemnist {command}; echo $? >&2) 2> said | :; cat said")
    assert done.stdout in ("7\n", "0\n" if command == "--version" else "7\n")


def test_messages_never_land_in_the_data_when_stderr_is_closed(digit_png):
    done = shell(digit_png.parent, "edgemnist infer digit.png nowhere.png --format json --save-input 2>&-")
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == ["digit.png", "nowhere.png"]
    assert (done.returncode, done.stderr) == (4, "")
    assert (digit_png.parent / "digit.png.seen.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("stderr", ["2>&-", "2> /dev/full"])
def test_messages_that_nobody_can_hear_change_no_exit_code(digit_png, stderr):
    assert shell(digit_png.parent, f"edgemnist infer digit.png {stderr}").returncode == 0
    assert shell(digit_png.parent, f"edgemnist infer nowhere.png {stderr}").returncode == 4
    assert shell(digit_png.parent, f"edgemnist nonsense {stderr}").returncode == 2


def test_what_native_code_prints_to_stdout_is_no_answer(tmp_path):
    code = (
        "import os\nfrom edgemnist.process import main\nmain(lambda: (os.write(1, b'native'), print('answer'), 0)[2])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "answer\n", "native")


def test_native_code_does_not_comment_on_pictures(digits, tmp_path):
    from PIL import Image

    Image.fromarray(digits[0]).convert("1").resize((90, 90)).save(tmp_path / "a.tif", compression="group4")
    content = bytearray((tmp_path / "a.tif").read_bytes())
    at = len(content) // 2
    content[at : at + 8] = b"\xff" * 8
    (tmp_path / "a.tif").write_bytes(content)
    # With Pillow alone libtiff speaks to stderr, or this test shows nothing.
    alone = shell(tmp_path, f"{sys.executable} -c 'from PIL import Image; Image.open(\"a.tif\").load()'")
    assert alone.stderr.partition("Traceback")[0]
    (line,) = shell(tmp_path, "edgemnist infer a.tif").stderr.splitlines()
    assert "is damaged or cannot be read" in line


def test_a_crash_of_native_code_is_still_reported(tmp_path):
    code = "import os\nfrom edgemnist.process import hush, main\nmain(lambda: (hush(), os.abort(), 0)[2])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Fatal Python error: Aborted" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["import", "command", "destructor"])
def test_signals_end_a_command_without_a_traceback(number, code, moment):
    kill = f"os.kill(os.getpid(), {int(number)})"
    script = {
        "import": f"import sys, os, importlib.abc\nclass Finder(importlib.abc.MetaPathFinder):\n"
        f"    def find_spec(self, name, path, target=None):\n        if name == 'typer': {kill}\n"
        "sys.meta_path.insert(0, Finder())\nsys.argv = ['edgemnist', 'doctor']\n"
        "from edgemnist.process import main\nmain()",
        "command": f"import os\nfrom edgemnist.process import main\n"
        f"def work():\n    try: {kill}\n    finally: print('cleaned')\n    return 0\nmain(work)",
        "destructor": f"import os, time\nfrom edgemnist.process import main\nclass Thing:\n"
        f"    def __del__(self):\n        {kill}\n        for _ in range(1000): pass\n"
        "def work():\n    Thing()\n    for _ in range(10**7): pass\n    print('went on')\n    return 0\nmain(work)",
    }[moment]
    # A shell starts what runs in its background deaf to Ctrl-C, these tests perhaps too.
    script = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{script}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout == ("cleaned\n" if moment == "command" else "")


def test_ctrl_c_while_python_still_imports_itself_prints_nothing():
    script = (
        "import importlib.abc, os, runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\nsys.argv = ['edgemnist', '--version']\n"
        "class Finder(importlib.abc.MetaPathFinder):\n    def find_spec(self, name, path, target=None):\n"
        "        if name == 'edgemnist.process': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\nrunpy.run_module('edgemnist', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")  # 130 to a shell


def test_a_signal_that_was_switched_off_stays_switched_off():
    script = (
        "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nfrom edgemnist.process import main\n"
        "main(lambda: (os.kill(os.getpid(), signal.SIGINT), 0)[1])"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=LIMIT_S).returncode == 0


def test_a_bug_of_ours_still_shows():
    script = "from edgemnist.process import main\nmain(lambda: 1 // 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["infer", ""], 2, "an argument is empty; is a variable of the shell not set?"),
        (["infer", "--watch", ""], 2, "an argument is empty; is a variable of the shell not set?"),
        (["nonsense"], 2, "No such command 'nonsense'; see: edgemnist --help"),
        (["infer", "x" * 300], 4, f"cannot read {'x' * 300}: File name too long; check the path"),
        (["infer", "--watch", "x" * 300], 4, f"cannot watch {'x' * 300}: File name too long; it must be a folder"),
        (["verify", "x" * 300], 5, f"cannot read the model {'x' * 300}: File name too long; check the path"),
    ],
)
def test_what_cannot_be_meant_is_one_line(edgemnist, arguments, code, message):
    done = edgemnist(*arguments)
    assert (done.returncode, done.stderr) == (code, f"edgemnist: {message}\n")


@pytest.mark.parametrize("environment", ["", "LC_ALL=C", "PYTHONIOENCODING=ascii", "LC_ALL=POSIX PYTHONUTF8=0"])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_names_that_are_no_utf8_or_would_steer_a_terminal_come_as_escapes(tmp_path, environment, form):
    name = os.fsdecode(b"bad\xff \x1b[31m\nred.png")
    (tmp_path / name).write_bytes(b"no picture")
    done = shell(tmp_path, f"export {environment or 'A=B'}; edgemnist infer *.png --format {form}")
    assert done.returncode == 4
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    if form == "json":
        assert json.loads(done.stdout)["source"] == name
    else:
        assert done.stdout.count("\n") == 2
        assert r"bad\udcff \x1b[31m\nred.png" in done.stdout


def test_printable_text_stays_as_it_is():
    assert printable("grüße 12.png") == "grüße 12.png"
    assert printable("a\x1b\n\u202e\udcff") == r"a\x1b\n\u202e\udcff"
