"""The docs speak of files and modules that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "exports" / "README.md", *(ROOT / "docs").rglob("*.md")])
PACKAGE = ROOT / "edgemnist"
SOURCES = {
    "/".join(path.relative_to(ROOT).parts[start:])
    for folder in ("edgemnist", "tests", "benchmarks", "docs", "examples")
    for path in (ROOT / folder).rglob("*")
    for start in range(len(path.relative_to(ROOT).parts))
}
"""All files by as much of the end of their path as a page may name: `session.py`, `model/session.py`."""

PATH = re.compile(r"(?<![\w/.~-])(?:edgemnist|tests|benchmarks|docs|examples|exports)/[\w./-]*\w")
MODULE = re.compile(r"(?<![\w/.-])edgemnist((?:\.[a-z_]\w*)+)")
FILE = re.compile(r"(?<![\w/.~$-])(?:[a-z_]\w*/)*[a-z_]\w*\.(?:py|js|css|sh)\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


WRITTEN = (".jpg.seen.png",)
"""What commands on a page write beside a picture."""


def strangers(text: str, page: Path) -> list[str]:
    """What `text` names and the checkout does not have."""
    paths = [name for name in PATH.findall(text) if not (ROOT / name).exists() and not name.endswith(WRITTEN)]
    links = [name for name in LINK.findall(text) if not (page.parent / name).exists()]
    anchors = [
        f"{name}#{anchor}"
        for name, anchor in ANCHOR.findall(text)
        if name not in links and anchor not in headings((page.parent / name).read_text() if name else text)
    ]
    files = [name for name in FILE.findall(text) if name not in SOURCES]
    modules = [
        f"edgemnist{name}"
        for name in MODULE.findall(text)
        if (PACKAGE / name.split(".")[1]).is_dir() and not is_module(name.split(".")[1:])
    ]
    return paths + links + anchors + files + modules


def headings(text: str) -> set[str]:
    """The anchors of a page, as they are shown on the web: small letters and hyphens."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def is_module(parts: list[str]) -> bool:
    """Whether the names lead to a folder or a file of the package, or to something that the file defines."""
    place = PACKAGE.joinpath(*parts)
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    file = place.parent.with_suffix(".py")
    return (
        file.is_file() and re.search(rf"^(def|class) {parts[-1]}\b|^{parts[-1]}\b", file.read_text(), re.M) is not None
    )


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_path_and_module_that_a_page_names_exists(page):
    assert strangers(page.read_text(encoding="utf-8"), page) == []


@pytest.mark.parametrize(
    "text",
    [
        "`edgemnist/runtime/session.py`",
        "`edgemnist.model.gone`",
        "[x](gone.md)",
        "see `gone_file.py`",
        "`runtime/session.py`",
        "| main.js, gone.js |",
        "[x](../README.md), `tests/gone/`",
        "[x](../README.md#gone)",
        "# Here\n[x](#there)",
    ],
)
def test_what_does_not_exist_is_noticed(text):
    assert len(strangers(text, ROOT / "docs" / "page.md")) >= 1


def test_what_exists_is_no_stranger():
    text = "# Here it is!\n`model/session.py`, main.js, `edgemnist.model.session.run_outputs`, [x](#here-it-is)"
    assert strangers(text, ROOT / "docs" / "page.md") == []
