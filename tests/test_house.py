"""The package as a house: small files, folders that say what lives in them, and a plan on which every file stands."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "edgemnist"
SOURCES = sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js", ".css", ".html", ".sh"))
FOLDERS = sorted({path.parent for path in PACKAGE.rglob("*.py")})

MOST_LINES = 250
LISTS = {"cli.py": 400, "device/doctor.py": 450}
"""Lines of what may be longer: the list of commands, and what must be a single file to run on a bare machine."""
MOST_SENTENCES = 3
"""In what a folder says of itself."""

PATH = re.compile(r"edgemnist/[\w/]+\.(?:py|js)")
ROW = re.compile(r"\| `(\w+)/` \|")
NAME = re.compile(r"(?<![\w/.])\w+\.(?:py|js)")


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(PACKAGE)) for path in SOURCES])
def test_a_file_is_short_enough_to_hold_one_idea(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LISTS.get(path.relative_to(PACKAGE).as_posix(), MOST_LINES)


@pytest.mark.parametrize("folder", FOLDERS, ids=[str(folder.relative_to(ROOT)) for folder in FOLDERS])
def test_a_folder_says_in_a_few_sentences_what_lives_there(folder):
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert said
    if folder != PACKAGE:  # its own is the library's help
        assert len(re.findall(r"\.(?:\s|$)", said)) <= MOST_SENTENCES


def on_the_plan(plan: str) -> set[str]:
    """The files that docs/architecture.md names: by their path, or by their name on a line that begins with a path or
    a folder; other names are of files beside the folders."""
    found = set()
    for line in plan.splitlines():
        paths = PATH.findall(line)
        row = ROW.match(line)
        home = Path(paths[0]).parent if paths else Path("edgemnist", row[1] if row else "")
        found |= {*paths, *((home / name).as_posix() for name in NAME.findall(line))}
    return found


def test_every_file_stands_on_the_plan():
    plan = on_the_plan((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    steps = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if path.suffix in (".py", ".js") and path.stem not in ("__init__", "__main__")
    }
    assert steps - plan == set()


def test_a_name_stands_for_a_file_of_its_lines_folder():
    assert on_the_plan("    edgemnist/reading/paper.py  light.py (edgemnist/model/wire.py)") == {
        "edgemnist/reading/paper.py",
        "edgemnist/reading/light.py",
        "edgemnist/model/wire.py",
    }
    assert on_the_plan("| `model/` | `kinds.py` |") == {"edgemnist/model/kinds.py"}
    assert on_the_plan("| `errors.py` |") == {"edgemnist/errors.py"}
