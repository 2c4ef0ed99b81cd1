"""`edgemnist label DIR`: the moves, by lines, and by keys in a terminal."""

import os
import pty
import signal
import subprocess
import sys
import termios

import numpy as np
import pytest

from edgemnist import Classifier
from edgemnist.errors import DataError, UsageError
from edgemnist.infer.labeling import Labeling
from edgemnist.reading.kept import image_name, keep_image, read_kept

COUNT = 4


@pytest.fixture
def folder(digits, tmp_path):
    """Four digits that wait."""
    for image in digits[:COUNT]:
        keep_image(tmp_path / "mine" / "unlabeled" / image_name(image), image)
    return tmp_path / "mine"


@pytest.fixture
def names(digits):
    return sorted(image_name(image) for image in digits[:COUNT])


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_each_move_is_on_disk_at_once_and_can_be_undone(folder, names, digits):
    labeling = Labeling(folder)
    before = files(folder)
    assert labeling.waiting() == names
    assert labeling.label(names[0], "7")
    assert files(folder) == sorted([f"7/{names[0]}", *(f"unlabeled/{name}" for name in names[1:])])
    assert labeling.delete(names[1])
    assert files(folder) == sorted([f"7/{names[0]}", *(f"unlabeled/{name}" for name in names[2:])])
    assert labeling.summary() == f"1 labeled, 1 deleted, 2 left; next: edgemnist train --data {folder}"
    assert [labeling.undo(), labeling.undo(), labeling.undo()] == [names[1], names[0], None]
    assert files(folder) == before
    images = {image_name(image): image for image in digits[:COUNT]}
    np.testing.assert_array_equal(read_kept(folder / "unlabeled" / names[1]), images[names[1]])
    assert (folder / "unlabeled" / names[1]).stat().st_mode & 0o777 == 0o600


def test_what_another_process_labeled_meanwhile_is_no_move(folder, names):
    labeling, other = Labeling(folder), Labeling(folder)
    assert other.label(names[0], "3")
    assert not labeling.label(names[0], "7")
    assert not labeling.delete(names[0])
    assert labeling.undo() is None
    assert other.label(names[1], "3")
    (folder / "3" / names[1]).unlink()
    assert other.undo() == names[0]


@pytest.mark.parametrize("name", ["../../secret.png", "a.png", "", f"{32 * 'a'}.png/..", f"{32 * 'g'}.png"])
def test_no_other_file_is_touched(folder, name):
    labeling = Labeling(folder)
    (folder.parent / "secret.png").touch()
    for move in (labeling.image, labeling.delete, lambda name: labeling.label(name, "7")):
        with pytest.raises(UsageError, match="is no digit that waits for its label"):
            move(name)


def test_labels_are_digits(folder, names):
    with pytest.raises(UsageError, match="a is no digit; labels are 0 to 9"):
        Labeling(folder).label(names[0], "a")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="mine is no folder; collect digits: edgemnist infer PICTURE --collect"):
        Labeling(tmp_path / "mine")


def test_lines_label_too(edgemnist, folder, names, digits):
    guesses = {image_name(image): Classifier().predict(image).label for image in digits[:COUNT]}
    done = edgemnist("label", folder, stdin=b"7\nx\nu\nhelp\n\nq\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert files(folder) == sorted(
        [f"7/{names[0]}", f"{guesses[names[1]]}/{names[1]}", *(f"unlabeled/{name}" for name in names[2:])]
    )
    lines = done.stderr.splitlines()
    assert lines[0] == "0 to 9: it is that digit; Enter: the guess is right; x: delete it; u: undo; q: end"
    assert lines[-1] == f"edgemnist: 2 labeled, 0 deleted, 2 left; next: edgemnist train --data {folder}"
    assert next(line for line in lines if " left. " in line).startswith("4 left. ")
    assert lines.count(lines[0]) == 2  # `help` is no answer


def test_input_that_ends_ends_it(edgemnist, folder, names):
    done = edgemnist("label", folder, stdin=b"7")
    assert done.returncode == 0
    assert files(folder) == sorted([f"7/{names[0]}", *(f"unlabeled/{name}" for name in names[1:])])


def test_what_is_no_digit_of_ours_is_left_alone(edgemnist, folder, names):
    (folder / "unlabeled" / names[0]).write_bytes(b"damaged")
    (folder / "unlabeled" / "photo.jpg").write_bytes(b"a photo")
    done = edgemnist("label", folder, stdin=b"1\n1\n1\n")
    assert done.returncode == 0, done.stderr
    assert f"{names[0]} is not a picture that can be read" in done.stderr
    assert files(folder) == sorted(
        [*(f"1/{name}" for name in names[1:]), f"unlabeled/{names[0]}", "unlabeled/photo.jpg"]
    )


def test_nothing_to_label_is_said(edgemnist, tmp_path):
    (tmp_path / "mine").mkdir()
    done = edgemnist("label", "mine")
    assert done.stderr == "edgemnist: 0 labeled, 0 deleted, 0 left; next: edgemnist train --data mine\n"
    assert done.returncode == 0
    missing = edgemnist("label", "nowhere")
    assert (missing.returncode, missing.stderr.count("\n")) == (6, 1)


class Terminal:
    """`edgemnist label` in a terminal of its own."""

    def __init__(self, folder) -> None:
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(self.ours)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edgemnist", "label", folder],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=self._owns_terminal,
        )
        os.close(theirs)  # reading what a process says that has ended is an error, not a wait

    def _owns_terminal(self) -> None:
        import fcntl

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def see(self, text: str) -> str:
        """Everything until `text` is there."""
        seen = b""
        while text.encode() not in seen:
            seen += os.read(self.ours, 4096)
        return seen.decode()

    def type(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def end(self) -> tuple[int, bool]:
        """The exit code, and whether the terminal is as it was."""
        code = self.process.wait()
        same = termios.tcgetattr(self.ours) == self.before
        os.close(self.ours)
        return code, same


def test_keys_in_a_terminal(folder, names):
    terminal = Terminal(folder)
    terminal.see("4 left. ")
    terminal.type(b"7")  # no Enter
    terminal.see("3 left. ")
    assert files(folder)[0] == f"7/{names[0]}"
    terminal.type(b"\x1b[5~")  # page up holds a 5 and labels nothing
    terminal.see("0 to 9: it is that digit")
    terminal.type(b"x")
    terminal.see("2 left. ")
    terminal.type(b"u")
    terminal.see("3 left. ")
    terminal.type(b"q")
    terminal.see("1 labeled, 0 deleted, 3 left")
    assert terminal.end() == (0, True)
    assert files(folder) == sorted([f"7/{names[0]}", *(f"unlabeled/{name}" for name in names[1:])])


def test_the_last_move_can_be_undone_too(folder, names):
    terminal = Terminal(folder)
    for left in range(COUNT, 0, -1):
        terminal.see(f"{left} left. ")
        terminal.type(b"\r")
    terminal.see("none is left")
    terminal.type(b"u")
    terminal.see("1 left. ")
    terminal.type(b"\x04")
    assert terminal.end() == (0, True)
    assert files(folder)[-1] == f"unlabeled/{names[-1]}"


def test_ctrl_c_keeps_what_was_labeled_and_the_terminal_as_it_was(folder, names):
    terminal = Terminal(folder)
    terminal.see("4 left. ")
    terminal.type(b"7")
    terminal.see("3 left. ")
    terminal.type(b"\x03")
    terminal.see("1 labeled, 0 deleted, 3 left")
    assert terminal.end() == (130, True)
    assert files(folder)[0] == f"7/{names[0]}"
