"""Pictures as they arrive: what happens between two looks is scripted, nothing sleeps."""

import os
from pathlib import Path

import pytest

from edgemnist.errors import PictureError
from edgemnist.infer.watch import watch_folder


class ScriptEndError(Exception):
    """The script is at its end."""


def watched(folder: Path, *steps) -> list[str]:
    """Names that come while each of `steps` happens between two looks."""
    script = iter(steps)

    def wait(seconds: float) -> None:
        step = next(script, None)
        if step is None:
            raise ScriptEndError
        step()

    names = []
    try:
        for path in watch_folder(folder, wait):
            names.append(Path(path).name)
    except ScriptEndError:
        pass
    return names


def nothing() -> None:
    pass


def test_a_picture_comes_once_when_it_has_stopped_changing(tmp_path):
    picture = tmp_path / "a.png"
    steps = [
        lambda: picture.write_bytes(b"ha"),
        lambda: picture.write_bytes(b"half"),
        lambda: picture.write_bytes(b"half and whole"),
    ]
    assert watched(tmp_path, *steps) == []
    picture.unlink()
    assert watched(tmp_path, *steps, nothing, nothing, nothing) == ["a.png"]


def test_a_change_that_keeps_the_size_is_seen(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"1")
    assert watched(tmp_path, lambda: os.utime(picture, ns=(1, 1)), lambda: os.utime(picture, ns=(2, 2))) == []


def test_pictures_that_are_already_there_come_first_and_in_order(tmp_path):
    for name in ("b.jpg", "a.PNG", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert watched(tmp_path, nothing, nothing) == ["a.PNG", "b.jpg"]


def test_an_empty_file_is_waited_for(tmp_path):
    picture = tmp_path / "a.png"
    picture.touch()
    assert watched(tmp_path, nothing, nothing) == []
    assert watched(tmp_path, nothing, lambda: picture.write_bytes(b"x"), nothing) == ["a.png"]


def test_a_picture_written_anew_comes_again(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"first")
    assert watched(tmp_path, nothing, lambda: picture.write_bytes(b"second"), nothing, nothing) == ["a.png", "a.png"]


def test_files_that_vanish_are_survived_and_may_come_back(tmp_path):
    picture = tmp_path / "a.png"

    def put() -> None:
        picture.write_bytes(b"x")
        os.utime(picture, ns=(5, 5))

    put()
    assert watched(tmp_path, picture.unlink, nothing, put, nothing, nothing) == ["a.png"]


def test_a_file_that_vanishes_between_listing_and_looking_is_survived(tmp_path, monkeypatch):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone")
    (tmp_path / "b.png").write_bytes(b"x")
    assert watched(tmp_path, nothing) == ["b.png"]


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_folder_is_one_clear_error(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(PictureError, match=f"cannot watch .*{name}: .*; it must be a folder"):
        watched(tmp_path / name, nothing)


def test_a_folder_that_goes_away_ends_the_watch(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(PictureError, match="cannot watch"):
        watched(folder, folder.rmdir, nothing)
