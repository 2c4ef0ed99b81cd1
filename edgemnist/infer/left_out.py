"""What a folder holds and nobody reads, in one line: a photo that is left out without a word is a wrong answer."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from edgemnist.reading.formats import HEIC_SUFFIXES

_ADVICE = {
    **dict.fromkeys(HEIC_SUFFIXES, 'to read it: pip install "edgemnist[heic]"'),
    ".pdf": "make pictures of its pages: pdftoppm -r 200 -png FILE.pdf page",
}


def describe(folder: str, names: Iterable[str], folders: int = 0) -> str:
    """One line that counts the files of a folder that are not read by their kinds; empty where there are none.

    `folders` is how many folders in it were not looked into.
    """
    suffixes = Counter(PurePath(name).suffix.lower() for name in names)
    kinds = [f"{count:,} {_kind(suffix)}" for suffix, count in suffixes.most_common()]
    kinds += [f"{folders:,} folder{'s' * (folders > 1)} (--recursive reads them)"] * bool(folders)
    return f"not read in {folder}: {', '.join(kinds)}" if kinds else ""


def describe_one(path: str) -> str:
    """One line about a file that is not read."""
    return f"{path} is not read: {_kind(PurePath(path).suffix.lower())}"


def _kind(suffix: str) -> str:
    name = suffix.removeprefix(".").upper() or "without an ending"
    return f"{name} ({_ADVICE[suffix]})" if suffix in _ADVICE else name
