"""A fixed part of both campaigns; `make faults` and `make fuzz` run all of them, or as much as they are told."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EVENTS = 3
"""Of each scenario, chosen by the seed; `make faults` takes all."""
SCENARIOS = 14
CASES = 100
LIMIT_S = 1500
"""Ends what would hang; the fixed part takes about a minute on an idle core."""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=LIMIT_S
    )


def test_faults_leave_all_old_or_all_new() -> None:
    done = run(HERE / "campaign.py", "--most", EVENTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) > SCENARIOS


def test_damaged_files_are_answered_or_refused() -> None:
    done = run(HERE / "fuzz.py", "--count", CASES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) >= 15


def test_the_campaign_notices_what_does_not_hold(tmp_path: Path) -> None:
    """With writes that go straight to their final names, half of a file must be found."""
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import contextlib, edgemnist.atomic as atomic\n"
        "@contextlib.contextmanager\n"
        "def straight(final):\n    final.parent.mkdir(parents=True, exist_ok=True)\n"
        "    final.write_bytes(b'half')\n    yield final\n"
        "atomic.atomic_path = straight\n"
    )
    done = subprocess.run(
        [sys.executable, HERE / "campaign.py", "--most", "4", "mistakes"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 1
    assert "neither old nor new" in done.stdout
