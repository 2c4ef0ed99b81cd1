"""Printed letters and signs of many alphabets, in fonts that come with matplotlib.

DejaVu (Bitstream Vera licence) and STIX (SIL Open Font License). Letters that look like a digit are left out: some by
name, all others by their likeness to a printed digit.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import torch
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional as F

from edgemnist.data import DIGITS
from edgemnist.reading.mnist_form import extent, to_mnist_form
from edgemnist.train.ink import blur

FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono-Oblique", "STIXGeneral", "STIXGeneralItalic")
BLOCKS = (
    (0x21, 0x180), (0x386, 0x460), (0x531, 0x588), (0x5D0, 0x5EB), (0x621, 0x64B), (0x10D0, 0x10F7), (0x1401, 0x146B),
    (0x2190, 0x2300), (0x2654, 0x2670), (0x2D30, 0x2D68),
)  # fmt: skip
"""Code points, ends left out: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, Canadian, arrows and
mathematics, chess and cards, Tifinagh."""
LIKE_DIGITS = frozenset("BDIOQSZbgijloqsyz|/\\()[]'`_-~^.,:;¡¦ΒΙΟΖΣΘθοσφςιβВЗОФфзоэбІЧчгзգզցყვ∫∘∙⋅−∕")
SIZE = 48
"""Pixels: of the font. What is drawn is then made 20 long."""
SMALLEST = 16
"""Pixels of the longer side: full stops and accents alone are left out."""
ALIKE = 0.8
"""Correlation of two images, both blurred, from which on they show the same."""


def printed(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) float in [0, 1]: a letter or sign each, drawn anew."""
    images = printed_images().to(generator.device)
    chosen = torch.randint(len(images), (count,), generator=generator, device=generator.device)
    return images[chosen].float() / 255


@cache
def printed_images() -> Tensor:
    """(M, 1, 28, 28) uint8: each letter and sign once in each font that has it."""
    letters, digits = _render(_characters), _render(lambda _: DIGITS)
    likeness = (_standardized(letters) @ _standardized(digits).T).amax(1)
    return letters[likeness < ALIKE].unsqueeze(1)


def _characters(font: Path) -> Iterator[str]:
    drawn = FT2Font(str(font)).get_charmap()
    for code in (code for start, end in BLOCKS for code in range(start, end)):
        character = chr(code)
        letter = unicodedata.normalize("NFD", character)[0]
        if code in drawn and letter not in LIKE_DIGITS and unicodedata.category(character)[0] in "LPS":
            yield character


def _render(characters: Callable[[Path], Iterable[str]]) -> Tensor:
    """(M, 28, 28) uint8 in MNIST's form: those characters of each font."""
    images = []
    for name in FONTS:
        path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
        font = ImageFont.truetype(str(path), SIZE)
        for character in characters(path):
            sheet = Image.new("L", (4 * SIZE, 3 * SIZE))
            ImageDraw.Draw(sheet).text((SIZE, SIZE // 2), character, fill=255, font=font)
            ink = np.asarray(sheet)
            if not ink.any():
                continue
            ink = ink[extent(ink > 0)]
            if max(ink.shape) >= SMALLEST:
                images.append(to_mnist_form(ink)[0])
    return torch.from_numpy(np.stack(images))


def _standardized(images: Tensor) -> Tensor:
    """(M, 784): blurred, of mean 0 and length 1."""
    inputs = images.unsqueeze(1).float() / 255
    inputs = blur(blur(inputs, inputs.new_full((1,), 0.25)), inputs.new_full((1,), 0.25))
    values = inputs.flatten(1)
    return F.normalize(values - values.mean(1, keepdim=True), dim=1)
