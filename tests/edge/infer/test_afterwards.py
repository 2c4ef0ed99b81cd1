"""What becomes of watched pictures once they are answered."""

import pytest

from edgemnist.errors import StorageError, UsageError
from edgemnist.infer.afterwards import afterwards


def test_delete(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    act = afterwards("delete", tmp_path, False)
    act(str(picture))
    act(str(picture))  # somebody else may have been faster
    assert not picture.exists()


def test_move_replaces_nothing(tmp_path):
    watched, done = tmp_path / "in", tmp_path / "deep" / "done"
    watched.mkdir()
    act = afterwards(f"move:{done}", watched, True)
    for content in (b"first", b"second", b"third"):
        (watched / "a.png").write_bytes(content)
        act(str(watched / "a.png"))
    act(str(watched / "a.png"))
    assert {path.name: path.read_bytes() for path in done.iterdir()} == {
        "a.png": b"first",
        "a-2.png": b"second",
        "a-3.png": b"third",
    }


@pytest.mark.parametrize("wish", ["keep", "move", "move:", "move:.", "move:inside"])
def test_what_cannot_be_meant_is_refused(tmp_path, monkeypatch, wish):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="--then"):
        afterwards(wish, tmp_path, True)


def test_a_failure_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "a.png").touch()
    with pytest.raises(StorageError, match=r"cannot move .*a\.png"):
        afterwards(f"move:{tmp_path / 'file' / 'inside'}", tmp_path / "in", False)(str(tmp_path / "a.png"))
