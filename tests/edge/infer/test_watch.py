"""Pictures as they arrive: what happens between two looks is scripted, nothing sleeps."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from edgemnist.errors import PictureError
from edgemnist.infer import folder_view
from edgemnist.infer.watch import Watch, watch_folder


class ScriptEndError(Exception):
    """The script is at its end."""


def watched(folder: Path, *steps, **options) -> list[str]:
    """Names that come while each of `steps` happens between two looks; a number lets so many seconds pass."""
    script = iter(steps)
    now = [0.0]

    def wait(seconds: float) -> None:
        step = next(script, None)
        if step is None:
            raise ScriptEndError
        now[0] += step if isinstance(step, float) else seconds
        if callable(step):
            step()

    names = []
    try:
        for path in watch_folder(folder, wait, Watch(**options), lambda: now[0]):
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


def png(size: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("L", (size, size)).save(file, "PNG")
    return file.getvalue()


def test_an_upload_that_stalls_is_waited_for(tmp_path):
    """One whose end does not come within 30 s is handed on as it is, so that somebody says so."""
    picture, whole = tmp_path / "a.png", png()
    picture.write_bytes(whole[:-12])
    assert watched(tmp_path, nothing, 20.0, nothing) == []
    assert watched(tmp_path, nothing, 20.0, lambda: picture.write_bytes(whole), nothing, nothing) == ["a.png"]
    picture.write_bytes(whole[:-12])
    assert watched(tmp_path, 20.0, lambda: picture.write_bytes(whole[:-8]), 20.0, nothing) == []
    assert watched(tmp_path, nothing, 31.0, nothing, 60.0, nothing) == ["a.png"]


def test_existing_pictures_can_be_skipped(tmp_path):
    (tmp_path / "old.png").write_bytes(b"x")
    steps = [nothing, nothing, lambda: (tmp_path / "new.png").write_bytes(b"x"), nothing, nothing]
    assert watched(tmp_path, *steps, skip_existing=True) == ["new.png"]
    anew = lambda: (tmp_path / "old.png").write_bytes(b"written anew")  # noqa: E731
    assert watched(tmp_path, nothing, anew, nothing, nothing, skip_existing=True) == ["old.png"]


def test_folders_in_a_folder_are_watched_when_asked(tmp_path):
    (tmp_path / "there" / "deep").mkdir(parents=True)
    (tmp_path / "there" / "deep" / "a.png").write_bytes(b"x")

    def come() -> None:
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "b.png").write_bytes(b"x")

    steps = [nothing, come, nothing, nothing]
    assert watched(tmp_path, *steps) == []
    (tmp_path / "later" / "b.png").unlink()
    (tmp_path / "later").rmdir()
    assert watched(tmp_path, *steps, recursive=True) == ["a.png", "b.png"]


def test_files_that_are_not_read_are_said_once(tmp_path):
    for name in ("a.pdf", "b.pdf", "c.txt", ".hidden", "d.png.seen.png"):
        (tmp_path / name).write_bytes(b"x")
    lines = []
    later = lambda: (tmp_path / "e.docx").write_bytes(b"x")  # noqa: E731
    watched(tmp_path, nothing, later, nothing, nothing, nothing, announce=lines.append)
    assert len(lines) == 2
    assert lines[0].startswith(f"not read in {tmp_path}: 2 PDF (")
    assert lines[0].endswith(", 1 TXT")
    assert lines[1] == f"{tmp_path / 'e.docx'} is not read: DOCX"


def test_a_picture_is_done_with_only_when_the_next_is_asked_for(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    done = []
    watch = watch_folder(tmp_path, lambda seconds: None, Watch(then=done.append))
    path = next(watch)
    assert done == []
    (tmp_path / "b.png").write_bytes(b"x")
    next(watch)
    assert done == [path]


class SlowLooks:
    """A clock on which each listing of a folder takes a second, and the count of files that were looked at."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.looked_at = 0.0, 0
        scandir, state_of = os.scandir, folder_view.state_of

        def slow(path):
            self.now += 1.0
            return scandir(path)

        def counted(path):
            self.looked_at += 1
            return state_of(path)

        monkeypatch.setattr(os, "scandir", slow)
        monkeypatch.setattr(folder_view, "state_of", counted)


def test_an_idle_look_at_a_large_folder_looks_at_no_file(tmp_path, monkeypatch):
    for number in range(50):
        (tmp_path / f"{number}.png").write_bytes(b"x")
    os.utime(tmp_path, (1, 1))
    clock = SlowLooks(monkeypatch)
    view = folder_view.FolderView(tmp_path, False, lambda name: True, lambda: clock.now)
    assert len(view.look().files) == 50
    began, clock.looked_at = clock.now, 0
    for _ in range(100):
        clock.now += 0.5
        assert view.look().files == {}
    assert (clock.now - began, clock.looked_at) == (50.0, 0)  # no listing either
    (tmp_path / "new.png").write_bytes(b"x")
    clock.now += 0.5
    assert list(view.look().files) == [str(tmp_path / "new.png")]
    assert clock.looked_at == 1


def test_what_a_folders_time_does_not_tell_is_found_by_the_full_look(tmp_path, monkeypatch):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    os.utime(tmp_path, (1, 1))
    clock = SlowLooks(monkeypatch)
    view = folder_view.FolderView(tmp_path, False, lambda name: True, lambda: clock.now)
    view.look()
    picture.write_bytes(b"written over in place")
    looks = 0
    while not view.look().files:
        clock.now += 0.5
        looks += 1
    assert looks * 0.5 == pytest.approx(1 / folder_view.FULL_SHARE, abs=1)
