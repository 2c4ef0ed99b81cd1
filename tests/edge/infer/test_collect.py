"""`infer --collect DIR`: which digits are kept, that they come back bit for bit, and what goes wrong."""

import resource
import signal
import stat
import threading

import numpy as np
import pytest
from PIL import Image

from edgemnist import read_image
from edgemnist.infer import collect
from edgemnist.infer.answers import answer_sources
from edgemnist.infer.collect import Collector
from edgemnist.reading.kept import image_name, keep_image

FILE_LIMIT_BYTES = 100
"""Less than any picture."""


@pytest.fixture(scope="module")
def doubtful(classifier, digits):
    """(N, 28, 28): those of the model's own borderline images that it doubts."""
    answers = classifier.predict_images(digits)
    chosen = digits[[answer.status == "doubtful" for answer in answers]]
    assert 3 <= len(chosen) < len(digits)
    return chosen


def save(images, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number:02}.png")
    return [str(path) for path in sorted(folder.iterdir())]


def names(images) -> list[str]:
    return sorted(image_name(image) for image in images)


def kept(folder) -> list[str]:
    return sorted(path.name for path in (folder / "unlabeled").iterdir())


def keep(classifier, sources, folder, say=None, everything=False) -> set[int]:
    collector = Collector(folder, say or pytest.fail, everything=everything)
    return {collector.keep(answer) for answer in answer_sources(classifier, sources)}


def test_doubtful_digits_are_kept_once_and_for_their_owner_alone(classifier, digits, doubtful, tmp_path):
    sources = save(digits, tmp_path / "pictures")
    for _ in range(2):
        assert keep(classifier, sources, tmp_path / "mine") == {0}
    assert kept(tmp_path / "mine") == names(doubtful)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "mine" / "unlabeled").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "mine" / "unlabeled").stat().st_mode) == 0o700


def test_all_digits_are_kept_where_that_is_asked_for(classifier, digits, tmp_path):
    keep(classifier, save(digits, tmp_path / "pictures"), tmp_path / "mine", everything=True)
    assert kept(tmp_path / "mine") == names(digits)


def test_images_of_an_array_are_kept_too(classifier, digits, doubtful, tmp_path):
    np.save(tmp_path / "digits.npy", digits)
    keep(classifier, [str(tmp_path / "digits.npy")], tmp_path / "mine")
    assert kept(tmp_path / "mine") == names(doubtful)


def test_what_is_labeled_already_is_not_kept_again(classifier, doubtful, tmp_path):
    keep_image(tmp_path / "mine" / "7" / image_name(doubtful[0]), doubtful[0])
    keep(classifier, save(doubtful, tmp_path / "pictures"), tmp_path / "mine")
    assert kept(tmp_path / "mine") == names(doubtful[1:])


@pytest.mark.parametrize("kind", ["of MNIST", "off the middle", "mostly ink", "noise"])
def test_a_kept_digit_is_read_again_bit_for_bit(classifier, digits, tmp_path, kind):
    image = {
        "of MNIST": digits[0],
        "off the middle": np.roll(digits[0], (6, -7), (0, 1)),
        "mostly ink": 255 - digits[0],
        "noise": np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8),
    }[kind]
    path = tmp_path / "mine" / "7" / image_name(image)
    keep_image(path, image)
    np.testing.assert_array_equal(read_image(path), image)
    np.testing.assert_array_equal(read_image(path.read_bytes(), polarity="dark"), image)
    (reading,) = classifier.read_row(path)
    np.testing.assert_array_equal(reading.image, image)


def test_the_digits_of_a_row_are_files_of_their_own(edgemnist, digits, tmp_path):
    page = np.full((60, 200), 255, np.uint8)
    for number, digit in enumerate(digits[16:20]):
        page[16:44, 20 + 40 * number : 48 + 40 * number] = 255 - digit
    Image.fromarray(page).resize((800, 240)).save(tmp_path / "row.png")
    done = edgemnist("infer", "row.png", "--row", "--collect", "mine", "--collect-all")
    assert done.returncode == 0, done.stderr
    assert len(kept(tmp_path / "mine")) == 4


def test_processes_may_share_a_folder(classifier, doubtful, tmp_path):
    sources = save(doubtful, tmp_path / "pictures")
    threads = [threading.Thread(target=keep, args=(classifier, sources, tmp_path / "mine")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(tmp_path / "mine") == names(doubtful)


def test_a_full_folder_is_said_once_and_takes_more_when_some_are_labeled(classifier, doubtful, tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "MOST_KEPT", 2)
    sources, lines = save(doubtful, tmp_path / "pictures"), []
    collector = Collector(tmp_path / "mine", lines.append, everything=False)
    for answer in answer_sources(classifier, sources):
        assert collector.keep(answer) == 0
    first = kept(tmp_path / "mine")
    assert (len(first), len(lines)) == (2, 1)
    assert lines[0].endswith(f"label some: edgemnist label {tmp_path / 'mine'}")
    (tmp_path / "mine" / "3").mkdir()
    (tmp_path / "mine" / "unlabeled" / first[0]).rename(tmp_path / "mine" / "3" / first[0])
    for answer in answer_sources(classifier, sources):
        collector.keep(answer)
    assert len(kept(tmp_path / "mine")) == 2
    assert len(lines) == 1


def test_a_full_disk_costs_one_line_and_no_answer(edgemnist, doubtful, tmp_path):
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT_BYTES, FILE_LIMIT_BYTES))

    save(doubtful, tmp_path / "pictures")
    done = edgemnist("infer", "pictures", "--collect", "mine", "--format", "csv", preexec=limit)
    assert len(done.stdout.splitlines()) == 1 + len(doubtful)
    assert (done.returncode, done.stderr.count("\n")) == (7, 1)
    assert done.stderr.startswith("edgemnist: digits are not kept: cannot write ")
    assert kept(tmp_path / "mine") == []


def test_a_folder_below_a_file_costs_one_line_and_no_answer(edgemnist, doubtful, tmp_path):
    save(doubtful, tmp_path / "pictures")
    (tmp_path / "file").touch()
    done = edgemnist("infer", "pictures", "--collect", "file/mine", "--format", "csv")
    assert len(done.stdout.splitlines()) == 1 + len(doubtful)
    assert done.stderr == "edgemnist: digits are not kept: cannot make file/mine/unlabeled: Not a directory\n"
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.png", "--collect-all"], "--collect-all goes with --collect DIR"),
        (["--watch", ".", "--recursive", "--collect", "mine"], "would be read again; name a folder outside ."),
        (["--watch", "mine/unlabeled", "--collect", "mine"], "would be read again; name a folder outside mine"),
    ],
)
def test_what_cannot_be_meant_is_one_line(edgemnist, arguments, message):
    done = edgemnist("infer", *arguments)
    assert message in done.stderr
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
