"""Pictures of one digit -> images: opened safely, found on real-looking paper, given MNIST's form."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgemnist import read_image
from edgemnist.errors import PictureError, UsageError
from edgemnist.reading.mnist_form import has_mnist_form

CENTER_TOLERANCE = 0.5
"""Pixels of the center of mass from index 14: whole pixels allow no better; measured 0.49."""
RESIZE_TOLERANCE = 40
"""Gray levels, mean over the ink, between our 20-pixel digit and Pillow's own box filter; measured 21."""
SIDE = 400


def page(draw_digit=True, paper=235, ink=30, width=22, at=(0, 0)) -> Image.Image:
    """A sheet with a drawn 2, far larger than an image and off its center."""
    picture = Image.new("L", (SIDE, SIDE + 100), paper)
    if draw_digit:
        draw = ImageDraw.Draw(picture)
        x, y = at
        draw.arc((120 + x, 80 + y, 240 + x, 200 + y), 160, 40, fill=ink, width=width)
        draw.line((226 + x, 170 + y, 120 + x, 320 + y), fill=ink, width=width)
        draw.line((115 + x, 315 + y, 250 + x, 315 + y), fill=ink, width=width)
    return picture


def encoded(picture: Image.Image, form: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=form, **options)
    return buffer.getvalue()


def test_images_in_mnist_form_pass_bit_for_bit(digits):
    for image in digits:
        np.testing.assert_array_equal(read_image(encoded(Image.fromarray(image), "PNG")), image)
        np.testing.assert_array_equal(read_image(encoded(Image.fromarray(255 - image), "PNG")), image)


def test_a_digit_is_brought_to_mnist_form():
    image = read_image(page())
    assert (image.shape, image.dtype) == ((28, 28), np.uint8)
    assert has_mnist_form(image)
    rows = np.flatnonzero(image.any(1))
    assert rows[-1] - rows[0] + 1 == 20
    mass = image.astype(float)
    for axis in (0, 1):
        center = mass.sum(1 - axis) @ np.arange(28) / mass.sum()
        assert abs(center - 14) <= CENTER_TOLERANCE


def test_crop_and_scale_match_pillows_own():
    ink = 255 - np.asarray(page(paper=255, ink=0))
    expected = Image.fromarray(ink).crop(Image.fromarray(ink).getbbox())
    expected = expected.resize((round(expected.width * 20 / expected.height), 20), Image.Resampling.BOX)
    image = Image.fromarray(read_image(page(paper=255, ink=0)))
    digit = np.asarray(image.crop(image.getbbox()), int)
    wanted = np.asarray(expected, int)
    width = min(digit.shape[1], wanted.shape[1])
    assert abs(digit.shape[1] - wanted.shape[1]) <= 1
    assert np.abs(digit[:, :width] - wanted[:, :width])[wanted[:, :width] > 0].mean() <= RESIZE_TOLERANCE


VARIANTS = {
    "as drawn": page(),
    "elsewhere on the sheet": page(at=(100, 120)),
    "light on dark": page(paper=20, ink=230),
    "low contrast": page(paper=150, ink=100),
    "thin pen": page(width=6),
    "thick marker": page(width=38),
    "color": Image.merge("RGB", [page(), page(), page(ink=150)]),
    "yellow ink": Image.merge("RGB", [page(ink=235), page(ink=225), page(ink=40)]),
    "palette": page().convert("RGB").quantize(8),
    "one bit": page().convert("1"),
    "16 bit": Image.fromarray(np.asarray(page()).astype(np.uint16) * 257),
    "CMYK": Image.merge("RGB", [page()] * 3).convert("CMYK"),
    "transparent paper": Image.merge("LA", [Image.new("L", page().size, 0), Image.eval(page(), lambda v: 255 - v)]),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_picture_is_read(name, classifier):
    assert classifier.predict(VARIANTS[name]).label == "2"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM"])
def test_every_format_is_read(form, classifier):
    assert classifier.predict(encoded(page(), form)).label == "2"


def test_a_shadow_over_the_sheet_is_taken_out(classifier):
    light = np.linspace(1, 0.35, SIDE)[np.newaxis] * np.asarray(page(), float)
    assert classifier.predict(Image.fromarray(light.astype(np.uint8))).label == "2"


def test_squared_paper_is_taken_out(classifier):
    squared = page(width=26)
    draw = ImageDraw.Draw(squared)
    for position in range(20, 500, 40):
        draw.line((position, 0, position, 500), fill=150, width=2)
        draw.line((0, position, SIDE, position), fill=150, width=2)
    assert classifier.predict(squared).label == "2"


def test_dust_and_the_edge_of_the_table_are_taken_out(classifier):
    dirty = page()
    draw = ImageDraw.Draw(dirty)
    draw.rectangle((0, 0, 30, 500), fill=40)
    for x, y in ((330, 60), (350, 420), (90, 450)):
        draw.ellipse((x, y, x + 6, y + 6), fill=60)
    assert classifier.predict(dirty).label == "2"


def test_the_camera_held_sideways_is_turned_back(tmp_path, classifier):
    turned = page().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.png", exif=exif)
    reading = classifier.read_digit(tmp_path / "turned.png")
    assert "turned the right way up" in reading.steps
    np.testing.assert_array_equal(reading.image, read_image(page()))


def test_the_box_is_in_pixels_of_the_original(classifier):
    left, top, right, bottom = classifier.read_digit(page()).box
    expected = Image.fromarray(np.asarray(page()) < 128).getbbox()
    assert np.abs(np.array((left, top, right, bottom)) - expected).max() <= 2


@pytest.mark.parametrize("paper", [0, 128, 240, 255])
def test_an_empty_page_gives_zeros(paper):
    assert not read_image(page(draw_digit=False, paper=paper)).any()


@pytest.mark.parametrize("soft", [0, 1, 3])
@pytest.mark.parametrize("deviation", [4, 8, 16])
def test_an_empty_page_with_grain_gives_zeros(deviation, soft):
    """Fine grain, as of a camera in the dark, and soft grain, as of the paper itself or after JPEG."""
    grain = np.random.default_rng(0).normal(0, 1, (300, 300))
    for _ in range(soft):
        grain = (np.roll(grain, 1, 0) + grain + np.roll(grain, -1, 0)) / 3
        grain = (np.roll(grain, 1, 1) + grain + np.roll(grain, -1, 1)) / 3
    levels = 200 * np.linspace(1, 0.7, 300) + deviation / grain.std() * grain
    assert not read_image(Image.fromarray(levels.clip(0, 255).astype(np.uint8))).any()


def test_polarity_must_be_known():
    with pytest.raises(UsageError, match="polarity must be auto, dark or light, not gray"):
        read_image(page(), "gray")


def claims_to_be(width: int, height: int) -> bytes:
    """A PNG whose header says a size and whose data is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"x")) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a picture that can be read"),
        (b"hello", "is not a picture that can be read"),
        (encoded(page(), "PNG")[:-200], "is damaged or cannot be read"),
        (encoded(page(), "JPEG")[:300], "is damaged or cannot be read|is not a picture"),
        (
            claims_to_be(60_000, 60_000),
            "60000x60000 pixels count as 3,600 megapixels, the limit is 40; make it smaller",
        ),
        (claims_to_be(9_000, 9_000), "9000x9000 pixels count as 81 megapixels.* --max-megapixels 81"),
        (claims_to_be(500, 500), "is damaged or cannot be read"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "bomb", "too large", "lying header"],
)
def test_hostile_and_damaged_files_are_one_line(content, message):
    with pytest.raises(PictureError, match=message) as caught:
        read_image(content)
    assert "\n" not in str(caught.value)


def test_a_format_outside_the_list_is_refused():
    with pytest.raises(PictureError, match="is not a picture that can be read"):
        read_image(encoded(page(), "TGA"))
