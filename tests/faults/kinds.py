"""The kinds of files that are fuzzed: small whole ones to begin with, how they are damaged, what reads them."""

import gzip
import hashlib
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from random import Random

import numpy as np
from fuzz import DIFFERENT, Kind, alter
from PIL import Image

from edgemnist.bundle.installer.manifest import Manifest, Wheel, from_json, to_json
from edgemnist.classifier import Classifier
from edgemnist.data.idx import decode_idx, encode_idx
from edgemnist.infer.sources import read_sources
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, stamp
from edgemnist.model.opened import default_model, open_model, run
from edgemnist.train import loop
from edgemnist.train.checkpoint import parse_checkpoint
from edgemnist.train.recipe import default_recipe

SIZE = 96
"""Pixels a side of the pictures: large enough that something is found, small enough to be quick."""


def make_kinds(folder: Path) -> dict[str, Kind]:
    """All kinds by name; what they need as a file they write into `folder`."""
    classifier = Classifier()
    digits = classifier.model.info.selftest.images[:4]
    images = digits.copy()

    def npy(array: np.ndarray) -> bytes:
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    def read_array(content: bytes, _: int) -> None:
        path = folder / "array.npy"
        path.write_bytes(content)
        (found,) = read_sources([str(path)])
        if found.error:
            raise found.error

    def read_idx(content: bytes, _: int) -> None:
        decode_idx(content, "x-ubyte")

    def packed(content: bytes, chance: Random) -> bytes:
        return (
            alter(gzip.compress(alter(content, chance), mtime=0), chance)
            if chance.random() < 0.5
            else gzip.compress(alter(content, chance), mtime=0)
        )

    model_bytes = [default_model(precision).read_bytes() for precision in ("int8", "fp32")]

    def read_model(content: bytes, _: int) -> None:
        path = folder / "m.onnx"
        path.write_bytes(content)
        run(open_model(path), images)

    kinds: dict[str, Kind] = {
        "npy": ([npy(images), npy(images[0]), npy(np.asfortranarray(images))], alter, read_array),
        "idx": ([encode_idx(images), encode_idx(np.arange(10, dtype=np.uint8))], alter, read_idx),
        "gz": ([encode_idx(images)], packed, read_idx),
        "onnx": (model_bytes, _damage_model, read_model),
        "pt": (
            [_checkpoint(folder)],
            _damage_archive,
            lambda content, _: parse_checkpoint(content, Path("c.pt")) and None,
        ),
        "manifest": ([_manifest()], alter, lambda content, _: from_json(content.decode(errors="replace")) and None),
    }
    for name, seeds, damage in _pictures(digits):
        answers = [classifier.predict(seed) for seed in seeds]

        def read_picture(content: bytes, which: int, answers: list = answers) -> str | None:
            answer = classifier.predict(content)
            classifier.predict_row(content)
            differs = answer.status == "ok" and answers[which].status == "ok" and answer.label != answers[which].label
            return DIFFERENT if differs else None

        kinds[name] = (seeds, damage, read_picture)
    return kinds


def _damage_model(content: bytes, chance: Random) -> bytes:
    """A change within the graph or the metadata, and a digest that is right again."""
    # The weights are nearly all of the file, and the least of it that anybody parses.
    start = chance.choice((0, len(content) - 14_000, chance.randrange(len(content) - 14_000)))
    data = content[:start] + alter(content[start : start + 14_000], chance) + content[start + 14_000 :]
    marker = DIGEST_KEY.encode() + b"\x12\x40"
    at = data.find(marker)
    if at < 0 or data.count(marker) != 1 or at + len(marker) + 64 > len(data):
        return data
    return stamp(data[: at + len(marker)] + UNSTAMPED.encode() + data[at + len(marker) + 64 :])


def _checkpoint(folder: Path) -> bytes:
    from small import make_data

    data = make_data(folder / "data")
    loop.begin(data, default_recipe(1), folder / "run", seed=0)
    return (folder / "run" / "checkpoint.pt").read_bytes()


def _damage_archive(content: bytes, chance: Random) -> bytes:
    """A change within one member, packed again with a right CRC; or one in the archive as it is."""
    if chance.random() < 0.3:
        return alter(content, chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as copy:
        names = source.namelist()
        chosen = (
            next(name for name in names if name.endswith("data.pkl")) if chance.random() < 0.7 else chance.choice(names)
        )
        for name in names:
            part = source.read(name)
            copy.writestr(name, alter(part, chance) if name == chosen else part)
    return stream.getvalue()


def _manifest() -> bytes:
    wheel = Wheel("edgemnist-0.1.0-py3-none-any.whl", hashlib.sha256(b"").hexdigest())
    text = to_json(Manifest("0.1.0", "manylinux_2_28_aarch64", {"3.11": (wheel, wheel), "3.13": (wheel,)}))
    assert json.loads(text)
    return text.encode()


# ---- pictures


def _pictures(digits: np.ndarray) -> list[tuple[str, list[bytes], object]]:
    def drawn(image: np.ndarray) -> Image.Image:
        return Image.fromarray(255 - image).resize((SIZE, SIZE), Image.Resampling.BILINEAR)

    def encoded(mode: str, **options: object) -> list[bytes]:
        found = []
        for image in digits[:2]:
            stream = io.BytesIO()
            drawn(image).convert(mode).save(stream, **options)
            found.append(stream.getvalue())
        return found

    return [
        (
            "png",
            [image for mode in ("L", "P", "RGBA", "I;16") for image in encoded(mode, format="PNG")],
            _damage_png,
        ),
        (
            "jpeg",
            [
                *encoded("RGB", format="JPEG"),
                *encoded("L", format="JPEG", progressive=True),
                *encoded("RGB", format="JPEG", progressive=True),
                *encoded("CMYK", format="JPEG"),
            ],
            alter,
        ),
        ("webp", [*encoded("RGB", format="WEBP"), *encoded("RGBA", format="WEBP", lossless=True)], alter),
        ("gif", encoded("P", format="GIF"), alter),
        (
            "tiff",
            [
                *encoded("L", format="TIFF"),
                *encoded("RGB", format="TIFF", compression="tiff_lzw"),
                *encoded("1", format="TIFF", compression="group4"),
                *encoded("L", format="TIFF", compression="tiff_adobe_deflate"),
            ],
            alter,
        ),
        ("bmp", [*encoded("L", format="BMP"), *encoded("RGB", format="BMP"), *encoded("1", format="BMP")], alter),
        ("ppm", [image for mode in ("L", "RGB", "1", "I;16") for image in encoded(mode, format="PPM")], alter),
    ]


def _damage_png(content: bytes, chance: Random) -> bytes:
    """Chunks changed, left out, doubled or put elsewhere, and their checksums made right again."""
    if chance.random() < 0.2:
        return alter(content, chance)
    chunks, at = [], 8
    while at + 8 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    for _ in range(chance.choice((1, 1, 2))):
        which = chance.randrange(len(chunks))
        kind, data = chunks[which]
        what = chance.randrange(6)
        if what == 0 and len(chunks) > 1:
            del chunks[which]
        elif what == 1:
            chunks.insert(chance.randrange(len(chunks) + 1), (kind, data))
        elif what == 2:
            chance.shuffle(chunks)
        elif what == 3 and kind == b"IDAT":
            with_right_sum = (
                zlib.compress(alter(zlib.decompress(data), chance)) if _unpacks(data) else alter(data, chance)
            )
            chunks[which] = (kind, with_right_sum)
        elif what == 4:
            chunks.insert(
                1, (chance.choice((b"PLTE", b"tRNS", b"eXIf", b"gAMA", b"iCCP", b"acTL", b"fcTL", b"zTXt")), data[:300])
            )
        else:
            chunks[which] = (kind, alter(data, chance))
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return content[:8] + b"".join(parts)


def _unpacks(data: bytes) -> bool:
    try:
        zlib.decompress(data)
    except zlib.error:
        return False
    return True
