"""Arrays that cannot be meant: inverted, transposed or mirrored MNIST is noticed, and nothing else is."""

import string

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from edgemnist import Classifier
from edgemnist.data.idx import write_idx
from edgemnist.model.arrays import FEW, WAYS, wrong_way
from edgemnist.process import main
from edgemnist.reading.image import read_image


@pytest.fixture(scope="module")
def classifier():
    return Classifier()


def run_command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["edgemnist", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr()


@pytest.mark.parametrize("precision", ["int8", "fp32"])
@pytest.mark.parametrize("way", WAYS)
def test_images_put_wrong_are_noticed(way, precision, mnist):
    from edgemnist.model.opened import default_model, open_model

    model = open_model(default_model(precision))
    images = mnist.validation.images
    assert wrong_way(model, images) is None
    for start in range(0, 10_000, 2_000):
        assert wrong_way(model, WAYS[way][1](images[start : start + 300])) == way


def test_what_puts_them_right_does(mnist):
    images = mnist.validation.images[:5]
    for change, put_right in WAYS.values():
        wrong = put_right(images)
        assert not np.array_equal(wrong, images)
        assert np.array_equal(eval(change, {"images": wrong}), images)


def test_twenty_inverted_images_are_refused_and_nineteen_are_answered(classifier, mnist):
    images = 255 - mnist.validation.images
    for start in range(0, 400, FEW):
        with pytest.raises(ValueError, match="^most of these 20 images are digits only when inverted; "):
            classifier.predict(images[start : start + FEW])
    assert len(classifier.predict(images[: FEW - 1])) == FEW - 1


def letters() -> np.ndarray:
    images = []
    for size in (60, 80, 110, 130):
        for letter in string.ascii_letters:
            sheet = Image.new("L", (200, 200), 235)
            font = ImageFont.load_default(size=size)
            ImageDraw.Draw(sheet).text((100, 100), letter, fill=30, anchor="mm", font=font)
            images.append(read_image(sheet))
    return np.stack(images)


def garments() -> np.ndarray:
    """Filled silhouettes with texture, as those of Fashion-MNIST: they reach nearly to the frame."""
    rng = np.random.default_rng(0)
    images = []
    for _ in range(300):
        sheet = Image.new("L", (28, 28))
        left, top, waist = rng.integers(2, 8), rng.integers(1, 5), rng.integers(3, 9)
        points = [
            (left, top),
            (27 - left, top),
            (27, 12),
            (27 - waist, 12),
            (27 - waist, 26),
            (waist, 26),
            (waist, 12),
            (0, 12),
        ]
        ImageDraw.Draw(sheet).polygon([(int(x), int(y)) for x, y in points], fill=int(rng.integers(100, 256)))
        images.append((np.asarray(sheet) * rng.uniform(0.6, 1, (28, 28))).astype(np.uint8))
    return np.stack(images)


@pytest.mark.parametrize("made", [letters, garments])
def test_what_is_no_digit_raises_no_alarm(made, classifier):
    images = made()
    assert wrong_way(classifier.model, images) is None
    assert wrong_way(classifier.model, 255 - images) is None
    assert len(classifier.predict(images)) == len(images)


def test_noise_and_blank_images_raise_no_alarm(classifier):
    noise = np.random.default_rng(0).integers(0, 256, (300, 28, 28)).astype(np.uint8)
    for images in (noise, noise // 4, np.zeros_like(noise), np.full_like(noise, 255)):
        assert wrong_way(classifier.model, images) is None


def test_infer_refuses_transposed_files_in_one_line(monkeypatch, capsys, mnist, tmp_path):
    np.save(tmp_path / "emnist.npy", mnist.validation.images[:400].transpose(0, 2, 1))
    code, printed = run_command(monkeypatch, capsys, "infer", tmp_path / "emnist.npy", "--format", "json")
    line = "emnist.npy holds images that are transposed; put them right, with numpy: images.transpose(0, 2, 1)"
    assert code == 4
    assert printed.err == f"edgemnist: {tmp_path}/{line}\n"
    assert '"status": "unreadable"' in printed.out


def test_evaluate_says_so_and_goes_on(monkeypatch, capsys, mnist, tmp_path):
    from edgemnist.model.opened import default_model

    for name, split in (("train", mnist.train), ("t10k", mnist.validation)):
        write_idx(tmp_path / f"{name}-images-idx3-ubyte", 255 - split.images[:300])
        write_idx(tmp_path / f"{name}-labels-idx1-ubyte", split.labels[:300].astype(np.uint8))
    code, printed = run_command(monkeypatch, capsys, "evaluate", default_model(), "--data", tmp_path)
    assert "edgemnist: the images are inverted; " in printed.err
    assert "accuracy" in printed.out
    assert code == 0
