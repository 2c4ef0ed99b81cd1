"""What a training shows on a terminal; the plain lines are in test_workstation_commands.py."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import sys
from pathlib import Path
from pathlib import Path
from tiny_data import make_tiny
from edgemnist.train import loop
from edgemnist.train.display import Display
from edgemnist.train.recipe import default_recipe
run = Path(sys.argv[1])
with Display(run) as display:
    loop.train(make_tiny(), default_recipe(epochs=2, batch_size=50), run, seed=0, device="cpu", progress=display)
"""


@pytest.mark.parametrize("color", [{}, {"NO_COLOR": "1"}])
def test_a_terminal_sees_a_bar_with_loss_and_accuracy(tmp_path, color):
    terminal, child_side = pty.openpty()
    here = str(Path(__file__).parent)
    environment = {**os.environ, **color, "PYTHONPATH": os.pathsep.join([here, *sys.path]), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "run")], stderr=child_side, env=environment
    ) as process:
        os.close(child_side)
        shown = b""
        # Linux ends a terminal whose last writer is gone with an error instead of an end of file.
        try:
            while part := os.read(terminal, 4096):
                shown += part
        except OSError:
            pass
    os.close(terminal)
    text = shown.decode()
    assert process.returncode == 0, text
    assert re.search(r"epoch 1/2  \[", text)
    for epoch in ("1/2", "2/2"):
        assert re.search(rf"epoch {epoch}  loss \d\.\d{{4}}  validation \d+\.\d\d %  \[#", text)
    assert "100%" in text
    assert "\x1b[3" not in text
