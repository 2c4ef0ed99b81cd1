"""Shells complete commands, options and their values, and nothing heavy is loaded for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = f"""#!{sys.executable}
import atexit, sys
heavy = {{"numpy", "onnxruntime", "PIL", "torch", "pydantic"}}
atexit.register(lambda: print(*sorted(heavy & set(sys.modules)), end="", file=sys.stderr))
from edgemnist.process import main
main()
"""

BASH = """
source <(edgemnist --show-completion)
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_edgemnist_completion edgemnist
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """With a command `edgemnist` as pip installs it."""
    command = tmp_path / "bin" / "edgemnist"
    command.parent.mkdir()
    command.write_text(SCRIPT)
    command.chmod(0o755)
    return os.environ | {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}


def completed(environment: dict[str, str], folder: Path, *command: str) -> tuple[list[str], str]:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    return done.stdout.split(), done.stderr


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["edgemnist", "in"], ["infer"]),
        (["edgemnist", "infer", "--form"], ["--format"]),
        (["edgemnist", "infer", "--format", ""], ["table", "json", "csv"]),
        (["edgemnist", "infer", "photo"], []),  # names of files are bash's own business
    ],
)
def test_bash_completes(environment, tmp_path, words, wanted):
    assert completed(environment, tmp_path, "bash", "-c", BASH, "bash", *words) == (wanted, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_the_same(environment, tmp_path, shell):
    environment |= {"_EDGEMNIST_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "edgemnist infer --form"}
    words, errors = completed(environment | {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}, tmp_path, "edgemnist")
    assert "--format" in " ".join(words)
    assert "--top-k" not in " ".join(words)
    assert errors == ""


def test_it_installs_itself_for_the_shell_in_use(environment, tmp_path):
    (tmp_path / ".bashrc").touch()
    command = ("bash", "-c", "edgemnist --install-completion; true")
    words, _ = completed(environment | {"HOME": str(tmp_path)}, tmp_path, *command)
    assert "bash" in words
    completion = tmp_path / ".bash_completions" / "edgemnist.sh"
    assert "_edgemnist_completion" in completion.read_text()
    assert str(completion) in (tmp_path / ".bashrc").read_text()
